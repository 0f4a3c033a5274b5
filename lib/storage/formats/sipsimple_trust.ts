/**
 * `otr.trusted` of sipsimple, and so of Blink since 2016: a pickled set of trusted fingerprints.
 * It names no addresses: there, a fingerprint is trusted whoever shows it.
 */
import { latin1 } from "../../base/ascii.ts";
import { toHex } from "../../base/bytes.ts";
import { SottoError } from "../../base/errors.ts";
import { parseFingerprint } from "../../otr/mod.ts";
import { type Pickled, PickledObject, readPickle } from "./pickle.ts";

/** A fingerprint that is trusted there. */
export interface SipsimpleTrusted {
  /** 40 lower-case hexadecimal digits. */
  readonly fingerprint: string;
  /** What the person called the peer's device; may be empty. */
  readonly description: string;
}

const SET = "sipsimple.streams.msrp.chat.OTRTrustedPeerSet";
const PEER = "sipsimple.streams.msrp.chat.OTRTrustedPeer";
const CLASSES: ReadonlySet<string> = new Set([
  SET,
  PEER,
  "copy_reg._reconstructor",
  "copyreg._reconstructor",
  "__builtin__.object",
  "builtins.object",
]);

/** Whether `bytes` look like this format. */
export function isSipsimpleTrust(bytes: Uint8Array): boolean {
  return latin1(bytes.subarray(0, 512)).includes("OTRTrustedPeerSet");
}

/**
 * Reads the file of either Python: raw digests of Python 2, hexadecimal text of Python 3.
 * @throws {SottoError} `storage/bad-pickle`.
 */
export function parseSipsimpleTrust(bytes: Uint8Array): SipsimpleTrusted[] {
  const set = readPickle(bytes, { classes: CLASSES });
  const data = set instanceof PickledObject && set.className === SET
    ? attribute(set.state, "__data__")
    : undefined;
  if (!(data instanceof Map)) {
    throw new SottoError("storage/bad-pickle", "pickle: expected a set of trusted peers");
  }
  return [...data].map(([key, peer]) => {
    const fingerprint = fingerprintIn(key);
    if (fingerprint === undefined) {
      throw new SottoError("storage/bad-pickle", "pickle: expected fingerprints as keys");
    }
    const state = peer instanceof PickledObject ? peer.state : null;
    return { fingerprint, description: text(attribute(state, "description")) };
  });
}

function fingerprintIn(key: Pickled): string | undefined {
  if (key instanceof Uint8Array && key.length === 20) return toHex(key);
  const digits = text(key);
  return digits === "" ? undefined : parseFingerprint(digits);
}

/** Names are octets under Python 2 and text under Python 3. */
function attribute(state: Pickled, name: string): Pickled | undefined {
  if (!(state instanceof Map)) return undefined;
  for (const [key, value] of state) if (text(key) === name) return value;
  return undefined;
}

function text(value: Pickled | undefined): string {
  if (value instanceof Uint8Array) return latin1(value);
  return typeof value === "string" ? value : "";
}
