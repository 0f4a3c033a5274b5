/**
 * otr.js (npm `otr`) for the benchmark. It sends from timers; here what it sends is taken from
 * it at once, so that the waiting of timers is not counted.
 *
 * otr.js drops a leading zero nibble of a signature's r, so that about one key exchange in
 * sixteen fails: such samples are dropped.
 */
// deno-lint-ignore-file no-explicit-any -- otr.js has no types
import otrjs from "npm:otr@0.2.16";
import bigInt from "npm:otr@0.2.16/vendor/bigint.js";
import { type DriverWorks, type PreparedWork, serve } from "./driver_loop.ts";

const { DSA, OTR } = otrjs as any;
const { CONST } = OTR;
const BigInt_ = bigInt as any;

const SECRET = "the eagle has landed";
const DIGESTS = 64;
const P = BigInt_.str2bigInt(CONST.N, 16);
const TWO = BigInt_.str2bigInt(CONST.G, 10);

let keys: { readonly alice: any; readonly bob: any } | undefined;

/** A key with parameters of its own: by default otr.js gives all keys of a process the same. */
function newKey(): any {
  return new DSA(undefined, { nocache: true });
}

/** Keys take seconds: they are made when they are wanted. */
function partyKeys(): { readonly alice: any; readonly bob: any } {
  return keys ??= { alice: newKey(), bob: newKey() };
}

/** Both sides. What one sends, the other has received when a method returns. */
class Pair {
  readonly alice: any;
  readonly bob: any;
  heard = 0;
  verified = 0;
  #queue: { readonly to: any; readonly message: string }[] = [];

  constructor(version: 2 | 3) {
    const { alice, bob } = partyKeys();
    this.alice = this.#side(alice, version, () => this.bob);
    this.bob = this.#side(bob, version, () => this.alice);
  }

  static settled(): Pair {
    for (;;) {
      const pair = new Pair(3);
      if (!pair.exchangeKeys()) continue;
      pair.say(pair.alice, "hello");
      pair.say(pair.bob, "hello");
      return pair;
    }
  }

  exchangeKeys(): boolean {
    this.alice.sendQueryMsg();
    this.#drain();
    return [this.alice, this.bob].every((it) => it.msgstate === CONST.MSGSTATE_ENCRYPTED);
  }

  say(from: any, words: string): void {
    const heard = this.heard;
    from.sendMsg(words);
    this.#drain();
    if (this.heard !== heard + 1) throw new Error("a message was not heard");
  }

  verify(): void {
    this.verified = 0;
    this.alice.smpSecret(SECRET);
    this.#drain();
    this.bob.smpSecret(SECRET);
    this.#drain();
    if (this.verified !== 2) throw new Error("SMP failed");
  }

  #side(priv: any, version: 2 | 3, other: () => any): any {
    const side = new OTR({ priv });
    side.ALLOW_V2 = version === 2;
    side.ALLOW_V3 = version === 3;
    side.io = (messages: string | readonly string[]) => {
      for (const message of [messages].flat()) this.#queue.push({ to: other(), message });
    };
    side.on("ui", () => this.heard++);
    side.on("smp", (what: string, trusted: unknown) => {
      if (what === "trust" && trusted === true) this.verified++;
    });
    return side;
  }

  #drain(): void {
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      next.to.receiveMsg(next.message);
    }
  }
}

function keyExchange(version: 2 | 3, after?: (pair: Pair) => void): PreparedWork {
  partyKeys();
  return {
    step() {
      const pair = new Pair(version);
      if (!pair.exchangeKeys()) return false;
      after?.(pair);
      return true;
    },
  };
}

function oneWay(length: number): PreparedWork {
  const pair = Pair.settled();
  const words = "x".repeat(length);
  return { step: () => pair.say(pair.alice, words) };
}

function alternating(length: number): PreparedWork {
  const pair = Pair.settled();
  const words = "x".repeat(length);
  let turn = 0;
  return { step: () => pair.say(turn++ % 2 === 0 ? pair.alice : pair.bob, words) };
}

function power(bits: number, ofTwo: boolean): PreparedWork {
  const exponent = BigInt_.randBigInt(bits, 1);
  const base = ofTwo ? TWO : BigInt_.powMod(TWO, exponent, P);
  return { step: () => void BigInt_.powMod(base, exponent, P) };
}

function digests(): string[] {
  return Array.from(
    { length: DIGESTS },
    () => String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32))),
  );
}

function sign(): PreparedWork {
  const { alice } = partyKeys();
  const all = digests();
  let turn = 0;
  return { step: () => void alice.sign(all[turn++ % DIGESTS]) };
}

function verify(): PreparedWork {
  const { alice } = partyKeys();
  const signed = digests().map((digest) => ({ digest, signature: alice.sign(digest) }));
  let turn = 0;
  return {
    step() {
      const { digest = "", signature: [r, s] = [] } = signed[turn++ % DIGESTS] ?? {};
      if (!DSA.verify(alice, digest, r, s)) throw new Error("a signature does not verify");
    },
  };
}

const DRIVER: DriverWorks = {
  engine: "otr.js",
  version: "0.2.16",
  works: {
    "keygen": () => ({ step: () => void newKey() }),
    "ake-v2": () => keyExchange(2),
    "ake-v3": () => keyExchange(3),
    "first-messages-v3": () =>
      keyExchange(3, (pair) => {
        pair.say(pair.alice, "hello");
        pair.say(pair.bob, "hello");
      }),
    "smp"() {
      const pair = Pair.settled();
      return { step: () => pair.verify() };
    },
    "data-alternating-100": () => alternating(100),
    "data-alternating-10k": () => alternating(10_000),
    "data-oneway-100": () => oneWay(100),
    "data-oneway-10k": () => oneWay(10_000),
    "modexp-320": () => power(320, false),
    "modexp-1536": () => power(1536, false),
    "modexp-g-320": () => power(320, true),
    "dsa-sign": sign,
    "dsa-verify": verify,
  },
};

if (import.meta.main) await serve(DRIVER);
