import { assertEquals } from "@std/assert";
import { roomOf, VISIBLE } from "../../tools/lint/rooms.ts";
import { openCheckout } from "../../tools/checks/source_tree.ts";
import layers from "../../tools/lint/layers.ts";
import style from "../../tools/lint/style.ts";
import { assertNoFaults } from "../helpers/faults.ts";

const ROOT = new URL("../../", import.meta.url);

Deno.test("every folder of lib is a room of the table, and every room exists", () => {
  const found = openCheckout().paths.map(roomOf).filter((it) => it !== undefined);
  assertEquals([...new Set(found)].sort(), Object.keys(VISIBLE).sort());
});

Deno.test("no file breaks a layer or a habit of style", () => {
  const faults: string[] = [];
  const tree = openCheckout();
  for (const path of tree.paths) {
    if (!path.endsWith(".ts") || path.startsWith("fixtures/")) continue;
    const filename = decodeURIComponent(new URL(path, ROOT).pathname);
    for (const plugin of [layers, style]) {
      for (const { id, message } of Deno.lint.runPlugin(plugin, filename, tree.read(path))) {
        faults.push(`${path}: ${id}: ${message}`);
      }
    }
  }
  assertNoFaults(faults);
});

Deno.test("deno lint runs both plugins", async () => {
  const config = JSON.parse(await Deno.readTextFile(new URL("deno.json", ROOT)));
  assertEquals(config.lint.plugins, ["./tools/lint/layers.ts", "./tools/lint/style.ts"]);
});
