/** `?OTR|…|…,k,n,piece,` and `?OTR,k,n,piece,`: a long message in pieces ("Fragmentation"). */
import { PeerError, SottoError } from "../../base/errors.ts";
import type { OtrVersion } from "../policy.ts";

/** One piece of a message. */
export interface Fragment {
  readonly type: "fragment";
  readonly version: OtrVersion;
  /** The sender's instance tag; 0 in version 2. */
  readonly senderTag: number;
  /** The receiver's instance tag; 0 when not known, and in version 2. */
  readonly receiverTag: number;
  /** Which piece, from 1. */
  readonly k: number;
  /** How many pieces. */
  readonly n: number;
  readonly piece: string;
  /** The fragment as it was written; tags and numbers may have leading zeros. */
  readonly text: string;
  /** Text before it. */
  readonly prefix: string;
}

/**
 * Reads the fragment that begins at `at`. `undefined` when the text is no fragment at
 * all (`?OTR, he said`).
 *
 * @throws {PeerError} when it is one and breaks the rules for k, n, piece or the comma.
 */
export function readFragment(text: string, at: number): Fragment | undefined {
  const version = text[at + 4] === "|" ? 3 : 2;
  const head = version === 3 ? HEAD_V3 : HEAD_V2;
  head.lastIndex = at;
  const match = head.exec(text);
  if (match === null) {
    if (version === 2) return undefined;
    throw badFragment("expected two instance tags, k and n");
  }
  const [whole, ...fields] = match;
  const [senderTag = 0, receiverTag = 0] = version === 3
    ? fields.slice(0, 2).map((it) => Number.parseInt(it, 16))
    : [];
  const [k = 0, n = 0] = fields.slice(-2).map(Number);
  const from = at + whole.length;
  const comma = text.indexOf(",", from);
  if (comma < 0) throw badFragment("expected a comma after the piece");
  if (k < 1 || n < 1 || n > 65535 || k > n) {
    throw badFragment(`expected 1 <= k <= n <= 65535, found k=${k} n=${n}`);
  }
  if (comma === from) throw badFragment("expected a piece that is not empty");
  return {
    type: "fragment",
    version,
    senderTag,
    receiverTag,
    k,
    n,
    piece: text.slice(from, comma),
    text: text.slice(at, comma + 1),
    prefix: text.slice(0, at),
  };
}

/** Tags of the fragments of one message. */
export interface FragmentHeader {
  readonly version: OtrVersion;
  readonly senderTag: number;
  readonly receiverTag: number;
}

/**
 * Cuts an encoded message into fragments of at most `limit` characters each, header and
 * last comma included. A message that fits is returned whole.
 *
 * @param limit More than {@link fragmentOverhead}; 0: never cut.
 * @throws {SottoError} `otr/too-many-fragments` when 65535 fragments are not enough.
 */
export function writeFragments(message: string, header: FragmentHeader, limit: number): string[] {
  if (limit === 0 || message.length <= limit) return [message];
  const size = limit - fragmentOverhead(header.version);
  const n = Math.ceil(message.length / size);
  if (n > 65535) {
    throw new SottoError("otr/too-many-fragments", `expected at most 65535 fragments, needed ${n}`);
  }
  const tags = header.version === 3 ? `|${tag(header.senderTag)}|${tag(header.receiverTag)}` : "";
  return Array.from({ length: n }, (_, at) => {
    const piece = message.slice(at * size, (at + 1) * size);
    return `?OTR${tags},${count(at + 1)},${count(n)},${piece},`;
  });
}

/** Characters of a fragment that are not its piece. */
export function fragmentOverhead(version: OtrVersion): number {
  return version === 3 ? 36 : 18;
}

const HEAD_V3 = /\?OTR\|([0-9a-fA-F]{1,8})\|([0-9a-fA-F]{1,8}),(\d{1,9}),(\d{1,9}),/y;
const HEAD_V2 = /\?OTR,(\d{1,9}),(\d{1,9}),/y;

function tag(value: number): string {
  return value.toString(16).padStart(8, "0");
}

function count(value: number): string {
  return String(value).padStart(5, "0");
}

function badFragment(message: string): PeerError {
  return new PeerError("otr/bad-fragment", "OTRv3 Fragmentation", message);
}
