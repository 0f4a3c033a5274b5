/**
 * Reads MSRP from standard input, however it is cut, and lists its frames:
 *
 *     deno run examples/read_msrp_stream.ts < stream.msrp
 */
import { base, msrp } from "../mod.ts";

/** One line for each frame and each error in `stream`. */
export async function* listFrames(stream: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const parser = new msrp.ChunkParser();
  let title = "";
  for await (const bytes of stream) {
    for (const event of parser.feed(bytes)) {
      switch (event.type) {
        case "chunk-start":
          title = titleOf(event.head);
          break;
        case "chunk-data": // The body, piece by piece: nobody has to hold all of it.
          break;
        case "chunk-end":
          yield `${title}: ${event.bodyLength} octets, flag ${event.continuation}`;
          break;
        case "parse-error":
          yield `error: ${event.error.message} (${event.error.rule})`;
          break;
        default:
          event satisfies never;
      }
    }
  }
}

function titleOf({ startLine, headers }: msrp.ChunkHead): string {
  const what = startLine.kind === "request" ? startLine.method : `response ${startLine.code}`;
  const range = msrp.headerValue(headers, "Byte-Range");
  return range === undefined ? what : `${what} ${base.escapeText(range)}`;
}

if (import.meta.main) {
  for await (const line of listFrames(Deno.stdin.readable)) {
    await Deno.stdout.write(new TextEncoder().encode(`${line}\n`));
  }
}
