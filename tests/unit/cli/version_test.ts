import { assertEquals } from "@std/assert";
import { VERSION } from "../../../cli/version.ts";

Deno.test("VERSION is that of the package", async () => {
  const manifest = await Deno.readTextFile(new URL("../../../deno.json", import.meta.url));
  assertEquals(VERSION, JSON.parse(manifest).version);
});
