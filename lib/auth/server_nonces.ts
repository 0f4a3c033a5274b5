/**
 * Nonces of a server: bound to the time and keyed, so that one that nobody used takes no
 * memory; and which counts of each were used (RFC 7616 §3.3, §3.4 `nc`, §5.5).
 */

import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { ascii } from "../base/ascii.ts";
import { toHex } from "../base/bytes.ts";
import { constantTimeEqual } from "../base/constant_time.ts";
import type { Instant, RandomSource } from "../base/output.ts";

/** What bounds the nonces of a server. */
export interface NonceLimits {
  /** How long a nonce is good, in milliseconds. @default 300000 */
  readonly nonceLifetime?: number | undefined;
  /** Nonces whose counts are remembered. @default 10000 */
  readonly maxNonces?: number | undefined;
}

/** What a nonce with its count is worth. */
export type NonceVerdict = "fresh" | "stale" | "replayed";

interface Usage {
  readonly issued: Instant;
  /** The highest count. */
  highest: number;
  /** Bit i: count `highest - i` was used. */
  used: number;
  /** The first cnonce: the session variants compute with it. */
  readonly cnonce: string;
}

/** Counts this far below the highest can still be told from replays: requests overtake each other. */
const WINDOW = 32;
/** `t` in milliseconds as 12 digits, 16 random digits, 32 digits of a MAC over both. */
const NONCE = /^([0-9a-f]{12})[0-9a-f]{16}(?=([0-9a-f]{32})$)/;

/** Issues and judges nonces. */
export class ServerNonces {
  readonly #random: RandomSource;
  readonly #key: Uint8Array;
  readonly #lifetime: number;
  readonly #capacity: number;
  readonly #usages = new Map<string, Usage>();
  /** Nonces issued until then and unknown to the table are stale: their counts were forgotten. */
  #forgottenUntil: Instant = -1;

  /** @param random Draws the key, and a part of each nonce. */
  constructor(random: RandomSource, limits: NonceLimits = {}) {
    this.#random = random;
    this.#key = random(32);
    this.#lifetime = limits.nonceLifetime ?? 300_000;
    this.#capacity = limits.maxNonces ?? 10_000;
  }

  /** Nonces whose counts are remembered now. */
  get size(): number {
    return this.#usages.size;
  }

  /** A fresh nonce. */
  issue(now: Instant): string {
    const time = Math.max(0, Math.floor(now)).toString(16).padStart(12, "0");
    const front = time + toHex(this.#random(8));
    return front + this.#mac(front);
  }

  /** The first cnonce that came with this nonce, or `undefined` before that. */
  firstCnonce(nonce: string): string | undefined {
    return this.#usages.get(nonce)?.cnonce;
  }

  /** Whether the nonce is ours and young enough; what its count is worth is for {@link use}. */
  isCurrent(nonce: string, now: Instant): boolean {
    const issued = this.#issuedAt(nonce);
    if (issued === undefined || now - issued > this.#lifetime) return false;
    return this.#usages.has(nonce) || issued > this.#forgottenUntil;
  }

  /**
   * Uses up one count of a nonce. Only for credentials that are right: others must not cost memory.
   *
   * @param count The nonce count; without one (RFC 2069) each nonce serves once.
   */
  use(nonce: string, count: number | undefined, cnonce: string, now: Instant): NonceVerdict {
    if (!this.isCurrent(nonce, now)) return "stale";
    const usage = this.#usages.get(nonce);
    const number = count ?? 1;
    if (number < 1) return "replayed";
    if (usage === undefined) {
      this.#forget(now);
      const issued = this.#issuedAt(nonce) ?? now;
      this.#usages.set(nonce, { issued, highest: number, used: 1, cnonce });
      return "fresh";
    }
    const ahead = number - usage.highest;
    if (ahead > 0) {
      usage.used = ahead >= WINDOW ? 1 : (usage.used << ahead | 1) >>> 0;
      usage.highest = number;
      return "fresh";
    }
    if (ahead <= -WINDOW || (usage.used >>> -ahead & 1) === 1) return "replayed";
    usage.used = (usage.used | 1 << -ahead) >>> 0;
    return "fresh";
  }

  /** Makes room for one more. */
  #forget(now: Instant): void {
    if (this.#usages.size < this.#capacity) return;
    for (const [nonce, { issued }] of this.#usages) {
      if (now - issued > this.#lifetime) this.#usages.delete(nonce);
    }
    for (const [nonce, { issued }] of this.#usages) {
      if (this.#usages.size < this.#capacity) return;
      this.#usages.delete(nonce);
      this.#forgottenUntil = Math.max(this.#forgottenUntil, issued);
    }
  }

  #issuedAt(nonce: string): Instant | undefined {
    const [front, time = "", mac = ""] = NONCE.exec(nonce) ?? [];
    if (front === undefined) return undefined;
    if (!constantTimeEqual(ascii(this.#mac(front)), ascii(mac))) return undefined;
    return Number.parseInt(time, 16);
  }

  #mac(front: string): string {
    return toHex(hmac(sha256, this.#key, ascii(front)).subarray(0, 16));
  }
}
