/**
 * Data messages, sent and read: one way, where keys stay, and alternating, where every message
 * brings a new D-H key. Then what a message is made of.
 */
import { utf8 } from "../lib/base/bytes.ts";
import { arithmetic } from "../lib/otr/crypto/arithmetic/mod.ts";
import { fromBigInt, toBigInt } from "../lib/otr/crypto/arithmetic/mod.ts";
import { aesCtr, decodeBase64, encodeBase64, HmacSha1, sha1 } from "../lib/otr/mod.ts";
import { platformRandom } from "../lib/session/mod.ts";
import { ConversationPair, type Party } from "../tools/bench/conversation_pair.ts";

const SIZES = [["100 B", 100], ["10 kB", 10_000]] as const;

for (const [name, length] of SIZES) {
  const words = "x".repeat(length);
  const oneWay = ConversationPair.settled();
  const alternating = ConversationPair.settled();
  let turn: Party = "alice";
  Deno.bench(`${name}, one way`, { group: `message of ${name}`, baseline: true }, () => {
    oneWay.say("alice", words);
  });
  Deno.bench(`${name}, alternating`, { group: `message of ${name}` }, () => {
    alternating.say(turn, words);
    turn = turn === "alice" ? "bob" : "alice";
  });
}

for (const [name, length] of SIZES) {
  const group = `parts of ${name}`;
  const message = utf8("x".repeat(length));
  const armoured = encodeBase64(message);
  const key = platformRandom(16);
  const counter = platformRandom(8);
  const mac = new HmacSha1(platformRandom(20));
  Deno.bench(`SHA-1 of ${name}`, { group }, () => {
    sha1(message);
  });
  Deno.bench(`HMAC-SHA-1 of ${name}, key prepared`, { group }, () => {
    mac.compute(message);
  });
  Deno.bench(`AES-CTR of ${name}`, { group, baseline: true }, () => {
    aesCtr(key, counter, message);
  });
  Deno.bench(`${name} to Base64`, { group }, () => {
    encodeBase64(message);
  });
  Deno.bench(`${name} from Base64`, { group }, () => {
    decodeBase64(armoured);
  });
}

const announced = arithmetic.fixedBaseG2(platformRandom(40));
const octets = fromBigInt(announced);
const group = "the D-H key that every message announces";
Deno.bench("its number to octets", { group }, () => {
  fromBigInt(announced);
});
Deno.bench("its octets to a number", { group, baseline: true }, () => {
  toBigInt(octets);
});
Deno.bench("its membership of the group", { group }, () => {
  arithmetic.isMember(announced);
});
