/** Long-lived keys: made, signed with, verified, read back. */
import { DsaPrivateKey, DsaPublicKey } from "../lib/otr/mod.ts";
import { platformRandom } from "../lib/session/mod.ts";
import { testKey } from "../tests/helpers/otr_pair.ts";

const key = testKey("alice");
const digest = platformRandom(32);
const signature = key.sign(digest);
const encoded = key.publicKey.encode();

Deno.bench("sign", { group: "signature", baseline: true }, () => {
  key.sign(digest);
});
Deno.bench("verify", { group: "signature" }, () => {
  if (!key.publicKey.verify(digest, signature)) throw new Error("the signature does not hold");
});
Deno.bench("read a public key and check its numbers", { group: "signature" }, () => {
  DsaPublicKey.parse(encoded);
});
Deno.bench("make a key", { group: "key", n: 40, warmup: 5 }, () => {
  DsaPrivateKey.generate(platformRandom);
});
