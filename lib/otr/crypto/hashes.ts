/** SHA-1, SHA-256, HMAC and the truncation that OTR names, over noble. */
import { hmac } from "@noble/hashes/hmac.js";
import { sha1 as nobleSha1 } from "@noble/hashes/legacy.js";
import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";
import { concatBytes } from "../../base/bytes.ts";

/** SHA-1 of the parts joined: 20 octets. */
export function sha1(...parts: readonly Uint8Array[]): Uint8Array {
  const hash = nobleSha1.create();
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** SHA-256 of the parts joined: 32 octets. */
export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  const hash = nobleSha256.create();
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** SHA256-HMAC of the parts joined: 32 octets. */
export function hmacSha256(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  return hmac(nobleSha256, key, concatBytes(...parts));
}

/** The first 160 bits of {@link hmacSha256}: 20 octets ("MAC'd signature"). */
export function hmacSha256Truncated(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  return hmacSha256(key, ...parts).subarray(0, 20);
}

/** SHA1-HMAC with one key: the key's blocks are hashed once, not for every message. */
export class HmacSha1 {
  readonly #keyed: ReturnType<typeof hmac.create>;

  /** @param key Not kept; what is derived from it is, until {@link destroy}. */
  constructor(key: Uint8Array) {
    this.#keyed = hmac.create(nobleSha1, key);
  }

  /** The authenticator of `message`: 20 octets. */
  compute(message: Uint8Array): Uint8Array {
    return this.#keyed.clone().update(message).digest();
  }

  /** Overwrites what was derived from the key. */
  destroy(): void {
    this.#keyed.destroy();
  }
}
