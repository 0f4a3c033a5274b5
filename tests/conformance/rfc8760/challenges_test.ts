/** RFC 8760 §2: several algorithms in SIP (SIP-062, SIP-067). */
import { assertEquals, assertMatch } from "@std/assert";
import {
  chooseChallenge,
  chooseChallenges,
  DigestServer,
  hexDigest,
  parseChallenges,
} from "../../../lib/auth/mod.ts";
import { seededRandom } from "../../helpers/seeded_random.ts";

function challenge(algorithm: string, realm = "example.com", qop = "auth"): string {
  return `Digest realm="${realm}", nonce="n", qop="${qop}", algorithm=${algorithm}`;
}

Deno.test("SIP-062 §2.4 the topmost challenge that we support is answered", () => {
  const order = (...algorithms: string[]) =>
    chooseChallenge(parseChallenges(algorithms.map((it) => challenge(it))))?.algorithm;
  assertEquals(order("SHA-512-256", "SHA-256", "MD5"), "SHA-512-256");
  assertEquals(order("MD5", "SHA-256"), "MD5", "the server's order, not ours");
  assertEquals(order("SHA-512", "SHA3-256", "SHA-256", "MD5"), "SHA-256");
  assertEquals(order("SHA-512"), undefined);
});

Deno.test("SIP-062 §2.4 local policy may dictate otherwise", () => {
  const challenges = parseChallenges(["MD5", "SHA-256", "SHA-512-256"].map((it) => challenge(it)));
  assertEquals(chooseChallenge(challenges, { minimum: "sha-256" })?.algorithm, "SHA-256");
  assertEquals(chooseChallenge(challenges, { minimum: "sha-512-256" })?.algorithm, "SHA-512-256");
  assertEquals(chooseChallenge(challenges.slice(0, 1), { minimum: "sha-256" }), undefined);
});

Deno.test("SIP-062 §2.4 each realm has a topmost challenge of its own", () => {
  const values = [challenge("SHA-256", "a"), challenge("MD5", "b"), challenge("MD5", "a")];
  assertEquals(
    chooseChallenges(parseChallenges(values)).map((it) => `${it.realm} ${it.algorithm}`),
    ["a SHA-256", "b MD5"],
  );
});

Deno.test("SIP-062 §2.3 a server puts what it prefers on top, each algorithm once, always with qop", () => {
  const server = new DigestServer({
    realm: "example.com",
    random: seededRandom(1),
    lookup: () => undefined,
  });
  const values = server.challenges(0);
  assertEquals(values.map((it) => /algorithm=([^,]+)/.exec(it)?.[1]), [
    "SHA-512-256",
    "SHA-256",
    "MD5",
  ]);
  for (const value of values) assertMatch(value, /qop="auth"/);
});

Deno.test("SIP-062 §2.6 the hash of no body is the hash of nothing", () => {
  assertEquals(
    hexDigest("SHA-256", new Uint8Array(0)),
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  );
});

Deno.test("SIP-067 §2.4 unknown algorithms, qualities of protection and schemes are ignored", () => {
  const values = [
    challenge("AKAv2-SHA-256"),
    challenge("SHA-256", "example.com", "auth-conf"),
    'Basic realm="example.com"',
    challenge("MD5", "example.com", "auth-conf,auth"),
  ];
  const found = parseChallenges(values);
  assertEquals(found.map((it) => [it.algorithm, it.qop]), [["MD5", ["auth"]]]);
  assertEquals(parseChallenges(values.slice(0, 3)), []);
});
