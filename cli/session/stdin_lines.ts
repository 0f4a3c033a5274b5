/** Lines of stdin as messages to send: what `-` means to `call` and `answer`. */
import type { PlacedStep } from "../../lib/harness/mod.ts";

/**
 * One `send` step for each line, as it comes. A last line without a line end counts.
 *
 * @param input Octets; not UTF-8 becomes U+FFFD.
 */
export async function* stdinSteps(
  input: ReadableStream<Uint8Array>,
): AsyncGenerator<PlacedStep> {
  let rest = "";
  let number = 0;
  const step = (text: string): PlacedStep => {
    number += 1;
    return { step: { type: "send", text }, place: `stdin line ${number}` };
  };
  const decoder = new TextDecoder();
  for await (const bytes of input) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) yield step(line.replace(/\r$/, ""));
  }
  rest += decoder.decode();
  if (rest !== "") yield step(rest);
}
