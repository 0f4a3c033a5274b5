import { assertEquals } from "@std/assert";
import { stdinSteps } from "../../../../cli/session/stdin_lines.ts";
import { utf8 } from "../../../../lib/base/bytes.ts";

Deno.test("stdinSteps() sends each line, however the octets come, and the last without a line end", async () => {
  const octets = utf8("héllo\r\n\nworld");
  for (const size of [1, 3, 100]) {
    const pieces: Uint8Array[] = [];
    for (let at = 0; at < octets.length; at += size) pieces.push(octets.subarray(at, at + size));
    const steps = [];
    for await (const placed of stdinSteps(ReadableStream.from(pieces))) steps.push(placed);
    assertEquals(steps, [
      { step: { type: "send", text: "héllo" }, place: "stdin line 1" },
      { step: { type: "send", text: "" }, place: "stdin line 2" },
      { step: { type: "send", text: "world" }, place: "stdin line 3" },
    ]);
  }
});
