/** Lines of stdin as messages to send: what `-` means to `call` and `answer`. */
import type { PlacedStep } from "../../lib/harness/mod.ts";
import { readLines } from "../terminal/lines.ts";

/** One `send` step for each line, as it comes. */
export async function* stdinSteps(
  input: ReadableStream<Uint8Array>,
): AsyncGenerator<PlacedStep> {
  let number = 0;
  for await (const text of readLines(input)) {
    number += 1;
    yield { step: { type: "send", text }, place: `stdin line ${number}` };
  }
}
