import { openCheckout } from "../../tools/checks/source_tree.ts";
import { drawStateMachines } from "../../tools/draw_state_machines.ts";
import { assertNoFaults } from "../helpers/faults.ts";

Deno.test("docs/state_machines shows the tables as they are", () => {
  const tree = openCheckout();
  const faults: string[] = [];
  for (const [path, text] of drawStateMachines((it) => tree.read(it))) {
    if (!tree.paths.includes(path)) faults.push(`${path} is missing: run deno task diagrams`);
    else if (tree.read(path) !== text) {
      faults.push(`${path} is out of date: run deno task diagrams`);
    }
  }
  assertNoFaults(faults);
});
