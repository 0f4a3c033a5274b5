import { assertEquals } from "@std/assert";
import { sizeText } from "../../../../cli/output/size_text.ts";

Deno.test("sizeText() takes the largest unit that leaves at least one", () => {
  assertEquals(
    [0, 1023, 1024, 1536, 10 * 2 ** 20, 2 ** 32 - 1, 2 ** 32, 150 * 2 ** 30].map(sizeText),
    ["0 octets", "1023 octets", "1 KiB", "1.5 KiB", "10 MiB", "3.9 GiB", "4 GiB", "150 GiB"],
  );
});
