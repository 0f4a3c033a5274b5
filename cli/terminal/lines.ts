/** Lines out of octets: what a person or a program writes to stdin. */

/**
 * Each line without its LF or CRLF, as it comes. A last line without a line end counts.
 *
 * @param input Octets; not UTF-8 becomes U+FFFD.
 */
export async function* readLines(input: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = "";
  const decoder = new TextDecoder();
  for await (const bytes of input) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) yield line.replace(/\r$/, "");
  }
  rest += decoder.decode();
  if (rest !== "") yield rest;
}
