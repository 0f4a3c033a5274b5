/** Which device of the person's this is, for `+sip.instance` (RFC 5626 §4.1): made once. */
import { decodeUtf8Lossy, toHex, utf8 } from "../base/bytes.ts";
import type { RandomSource } from "../base/output.ts";
import { createExclusively } from "./atomic_write.ts";
import { readWholeFile, unreadable } from "./private_file.ts";

const URN = /^urn:uuid:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * The URN of this home; made when there is none. However many processes ask at once, all answer
 * with the same.
 *
 * @param path The file that keeps it.
 * @throws {SottoError} `storage/unreadable`, also for a file with anything else in it;
 * `storage/unwritable`.
 */
export async function loadOrCreateInstanceId(path: string, random: RandomSource): Promise<string> {
  const existing = await readInstanceId(path);
  if (existing !== undefined) return existing;
  await createExclusively(path, utf8(`${makeInstanceId(random)}\n`));
  const kept = await readInstanceId(path);
  if (kept === undefined) throw unreadable(path, "it disappeared meanwhile");
  return kept;
}

/** A random UUID as a URN (RFC 4122 §4.4, which RFC 5626 §4.1 allows). */
export function makeInstanceId(random: RandomSource): string {
  const octets = random(16).slice();
  octets[6] = (octets[6] ?? 0) & 0x0f | 0x40;
  octets[8] = (octets[8] ?? 0) & 0x3f | 0x80;
  return `urn:uuid:${toHex(octets).replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-")}`;
}

/**
 * The URN of this home, or `undefined` when there is none yet.
 * @throws {SottoError} `storage/unreadable`.
 */
export async function readInstanceId(path: string): Promise<string | undefined> {
  const bytes = await readWholeFile(path, { limit: 1024 });
  if (bytes === undefined) return undefined;
  const text = decodeUtf8Lossy(bytes).trim().toLowerCase();
  if (!URN.test(text)) throw unreadable(path, "expected a line urn:uuid:…");
  return text;
}
