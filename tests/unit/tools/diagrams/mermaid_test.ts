import { assertStringIncludes } from "@std/assert";
import { writePage } from "../../../../tools/diagrams/mermaid.ts";

Deno.test("writePage() draws edges and lists every cell", () => {
  const page = writePage({
    title: "A machine",
    path: "lib/x/y.ts",
    clause: "RFC 1 §2",
    initial: "A",
    table: {
      states: ["A", "B"],
      inputs: ["go", "stay"],
      transitions: [
        { from: "A", input: "go", to: ["A", "B"], handler: "move" },
        { from: "A", input: "stay", to: ["A"], handler: undefined },
      ],
      words: new Map([["B go", "ignore"], ["B stay", "refuse"]]),
    },
  });
  assertStringIncludes(page, "    [*] --> A\n    A --> A : go / stay\n    A --> B : go\n");
  assertStringIncludes(page, "| **A** | move: stays or → B | stays |\n| **B** | · | refuse |\n");
});
