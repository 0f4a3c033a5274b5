/** The other half of the peer protocol (docs/interop/otr.md): a peer behind lines of JSON. */
import type { Peer, PeerEvent, PeerOperation } from "./peer.ts";

/** Bounds of {@link servePeer}. */
export interface PeerServerOptions {
  /** Octets of the longest line that is read; a longer one is answered by `error`. Default 4 MiB. */
  readonly longestLine?: number;
}

/**
 * Answers operations, one a line, until `quit` or the end of the input.
 *
 * @param peer Who performs them.
 * @param input Octets as they come, cut anywhere.
 * @param write Takes one line, line feed included.
 * @throws {SottoError} `harness/unsupported` when the peer cannot do what `init` asks for.
 */
export async function servePeer(
  peer: Peer,
  input: AsyncIterable<Uint8Array>,
  write: (line: string) => void,
  options: PeerServerOptions = {},
): Promise<void> {
  const emit = (event: PeerEvent | { readonly ev: "done"; readonly op: unknown }): void =>
    write(`${JSON.stringify(event)}\n`);
  for await (const line of readLines(input, options.longestLine ?? 4 * 1024 * 1024)) {
    if (line?.trim() === "") continue;
    const operation = line === undefined ? "the line is too long" : parseOperation(line);
    if (typeof operation === "string") {
      emit({ ev: "error", error: operation });
      emit({ ev: "done", op: null });
      continue;
    }
    for (const event of await peer.perform(operation)) emit(event);
    emit({ ev: "done", op: operation.op });
    if (operation.op === "quit") return;
  }
}

/** The operation in a line, or why there is none. Its fields are for the peer to check. */
function parseOperation(line: string): PeerOperation | string {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return "expected one JSON object a line";
  }
  const isOperation = typeof value === "object" && value !== null && "op" in value &&
    typeof value.op === "string";
  return isOperation ? value as PeerOperation : "expected an object with op";
}

/** Lines without their line feed; `undefined` for one of more than `limit` octets. */
async function* readLines(
  input: AsyncIterable<Uint8Array>,
  limit: number,
): AsyncGenerator<string | undefined> {
  const decoder = new TextDecoder();
  let rest = "";
  let isTooLong = false;
  for await (const octets of input) {
    rest += decoder.decode(octets, { stream: true });
    for (let end = rest.indexOf("\n"); end >= 0; end = rest.indexOf("\n")) {
      yield isTooLong || end > limit ? undefined : rest.slice(0, end);
      isTooLong = false;
      rest = rest.slice(end + 1);
    }
    if (rest.length > limit) {
      isTooLong = true;
      rest = "";
    }
  }
  if (rest !== "" || isTooLong) yield isTooLong ? undefined : rest;
}
