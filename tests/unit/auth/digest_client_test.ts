import { assert, assertEquals, assertMatch, assertNotEquals, assertThrows } from "@std/assert";
import { parseChallenges } from "../../../lib/auth/challenge.ts";
import { passwordSecret } from "../../../lib/auth/credentials.ts";
import {
  canAnswer,
  DigestClient,
  type DigestClientOptions,
} from "../../../lib/auth/digest_client.ts";
import { responseDigest } from "../../../lib/auth/response.ts";
import { hexDigest } from "../../../lib/auth/algorithm.ts";
import { ascii } from "../../../lib/base/ascii.ts";
import { Secret } from "../../../lib/base/secret.ts";
import { seededRandom } from "../../helpers/seeded_random.ts";

const CREDENTIALS = { username: "alice", password: passwordSecret("secret") };
const REQUEST = { method: "REGISTER", uri: "sip:example.com" };

function challenge(rest = 'qop="auth,auth-int", algorithm=SHA-256', nonce = "n1") {
  const [it] = parseChallenges([`Digest realm="example.com", nonce="${nonce}", ${rest}`]);
  assert(it !== undefined);
  return it;
}

function client(options: Partial<DigestClientOptions> = {}, rest?: string): DigestClient {
  return new DigestClient(challenge(rest), {
    credentials: CREDENTIALS,
    random: seededRandom(1),
    ...options,
  });
}

Deno.test("DigestClient.authorize() counts up, with a fresh cnonce each time", () => {
  const it = client();
  const answers = [1, 2, 3].map(() => it.authorize(REQUEST).authorization);
  assertEquals(answers.map((answer) => answer.nc), ["00000001", "00000002", "00000003"]);
  assertEquals(new Set(answers.map((answer) => answer.cnonce)).size, 3);
  for (const answer of answers) assertMatch(answer.cnonce ?? "", /^[0-9a-f]{32}$/);
  assertEquals(it.nonceCount, 3);
});

Deno.test("DigestClient.authorize() chooses auth, or auth-int when asked or when there is no other", () => {
  assertEquals(client().authorize(REQUEST).authorization.qop, "auth");
  assertEquals(client({ qop: "auth-int" }).authorize(REQUEST).authorization.qop, "auth-int");
  const alone = client({}, 'qop="auth-int"');
  assertEquals(alone.authorize(REQUEST).authorization.qop, "auth-int");
});

Deno.test("DigestClient.authorize() echoes opaque and algorithm as they came, or their absence", () => {
  const { value } = client({}, 'qop="auth", opaque="o\\"", algorithm=md5').authorize(REQUEST);
  assertMatch(value, /, algorithm=md5, .*, opaque="o\\""$/);
  assertEquals(/opaque|algorithm/.test(client({}, 'qop="auth"').authorize(REQUEST).value), false);
});

Deno.test("DigestClient.authorize() hides the user name only when asked and offered", () => {
  const name = (options: Partial<DigestClientOptions>, rest: string) =>
    client(options, rest).authorize(REQUEST).authorization.username;
  const hashed = { form: { username: "hashed" } } as const;
  assertEquals(name(hashed, 'qop="auth", userhash=true'), hexDigest("MD5", "alice:example.com"));
  assertEquals(name(hashed, 'qop="auth"'), "alice");
  assertEquals(name({}, 'qop="auth", userhash=true'), "alice");
});

Deno.test("DigestClient.renew() retries a stale nonce, and nothing that was rejected", () => {
  const it = client();
  const answer = it.authorize(REQUEST);
  assertEquals(it.renew(challenge('qop="auth", stale=true', "n2"), answer), "retry");
  const second = it.authorize(REQUEST);
  assertEquals([second.authorization.nonce, second.authorization.nc], ["n2", "00000001"]);
  assertEquals(it.renew(challenge('qop="auth"', "n3"), second), "rejected");
  assertEquals(it.renew(challenge('qop="auth", stale=true', "n2"), second), "rejected");
});

Deno.test("DigestClient.renew() takes two fresh nonces called stale in a row for a refusal", () => {
  const it = client();
  const stale = (nonce: string) => challenge('qop="auth", stale=true', nonce);
  assertEquals(it.renew(stale("n2"), it.authorize(REQUEST)), "retry");
  assertEquals(it.renew(stale("n3"), it.authorize(REQUEST)), "rejected");
  // What was used before may be stale as often as the server likes.
  const other = client();
  for (const nonce of ["n2", "n3", "n4"]) {
    other.accepted(other.authorize(REQUEST));
    assertEquals(other.renew(stale(nonce), other.authorize(REQUEST)), "retry");
  }
});

Deno.test("DigestClient.renew() believes in a password that was accepted, once", () => {
  const it = client();
  it.accepted(it.authorize(REQUEST));
  const refused = it.authorize(REQUEST);
  assert(refused.wasTrusted);
  assertEquals(it.renew(challenge('qop="auth"', "n2"), refused), "retry");
  const again = it.authorize(REQUEST);
  assert(!again.wasTrusted);
  assertEquals(it.renew(challenge('qop="auth"', "n3"), again), "rejected");
});

Deno.test("DigestClient.renew() takes a challenge to a request that had no credentials", () => {
  assertEquals(client().renew(challenge('qop="auth"', "n2")), "retry");
});

Deno.test("DigestClient.receiveInfo() checks the proof, then takes the next nonce", () => {
  const it = client();
  const answer = it.authorize(REQUEST);
  const ha1 = hexDigest("SHA-256", "alice:example.com:secret");
  const { cnonce, nc } = answer.authorization;
  const rspauth = responseDigest(
    ha1,
    { ...answer.authorization, uri: answer.uri },
    new Uint8Array(0),
  );
  const value = `rspauth="${rspauth}", qop=auth, cnonce="${cnonce}", nc=${nc}, nextnonce="n2"`;
  for (
    const [from, to, what] of [
      [rspauth, "0".repeat(64), "rspauth"],
      [`cnonce="${cnonce}"`, 'cnonce="x"', "cnonce"],
      [`nc=${nc}`, "nc=00000002", "nc"],
      ["qop=auth", "qop=auth-int", "qop"],
    ] as const
  ) {
    const proof = it.receiveInfo(answer, value.replace(from, to));
    assert(proof.type === "wrong");
    assertEquals(proof.error.code, "auth/wrong-proof");
    assertMatch(proof.error.message, new RegExp(`^the ${what} `));
  }
  assertEquals(it.authorize(REQUEST).authorization.nonce, "n1");
  assertEquals(it.receiveInfo(answer, value), { type: "proven" });
  const next = it.authorize(REQUEST);
  assertEquals([next.authorization.nonce, next.authorization.nc], ["n2", "00000001"]);
  assert(next.wasTrusted);
});

Deno.test("DigestClient.receiveInfo() takes a nonce from a server that proves nothing, and reports nonsense", () => {
  const it = client();
  const answer = it.authorize(REQUEST);
  assertEquals(it.receiveInfo(answer, 'nextnonce="n2"'), { type: "unproven" });
  assertEquals(it.authorize(REQUEST).authorization.nonce, "n2");
  const proof = it.receiveInfo(answer, 'nextnonce="n3', new Uint8Array(0));
  assert(proof.type === "wrong");
  assertEquals(proof.error.code, "auth/bad-authentication-info");
  // What a late response says about an older nonce is not taken.
  assertEquals(it.receiveInfo(answer, 'nextnonce="n4"'), { type: "unproven" });
  assertEquals(it.authorize(REQUEST).authorization.nonce, "n2");
});

Deno.test("DigestClient keeps the session key of the first request, and makes another with a new challenge", () => {
  const it = client({}, 'qop="auth", algorithm=MD5-sess');
  const [first, second] = [it.authorize(REQUEST), it.authorize(REQUEST)];
  const digestWith = (session: typeof first, answer: typeof first) => {
    const plain = hexDigest("MD5", "alice:example.com:secret");
    const key = hexDigest("MD5", `${plain}:n1:${session.authorization.cnonce}`);
    const { nc, cnonce } = answer.authorization;
    const a2 = hexDigest("MD5", "REGISTER:sip:example.com");
    return hexDigest("MD5", `${key}:n1:${nc}:${cnonce}:auth:${a2}`);
  };
  assertEquals(first.authorization.response, digestWith(first, first));
  assertEquals(second.authorization.response, digestWith(first, second));
  it.renew(challenge('qop="auth", algorithm=MD5-sess'));
  const third = it.authorize(REQUEST);
  assertEquals(third.authorization.response, digestWith(third, third));
  assertNotEquals(third.authorization.response, digestWith(first, third));
});

Deno.test("canAnswer() needs a password, or a hash of the right kind", () => {
  const ha1 = { "MD5": new Secret(ascii("0".repeat(32))) };
  assert(canAnswer(CREDENTIALS, challenge()));
  assert(canAnswer({ username: "a", ha1 }, challenge('qop="auth"')));
  assert(!canAnswer({ username: "a", ha1 }, challenge()));
  assertThrows(() => client({ credentials: { username: "a", ha1 } }), TypeError, "SHA-256");
  const kept = client({ credentials: { username: "a", ha1 } }, 'qop="auth"');
  assertEquals(kept.renew(challenge()), "rejected");
});
