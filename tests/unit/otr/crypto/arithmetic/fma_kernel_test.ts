import { assertEquals } from "@std/assert";
import { kernelFiles } from "../../../../../tools/make_kernel.ts";

Deno.test("FMA_KERNEL is what tools/make_kernel.ts makes, octet for octet", async () => {
  const path = "lib/otr/crypto/arithmetic/fma_kernel.ts";
  const committed = await Deno.readTextFile(new URL(`../../../../../${path}`, import.meta.url));
  assertEquals(committed === kernelFiles()[path], true, "run deno run -RW tools/make_kernel.ts");
});
