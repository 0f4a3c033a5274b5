import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { DIGEST_ALGORITHMS, type DigestAlgorithm } from "../../../lib/auth/algorithm.ts";
import { parseChallenges } from "../../../lib/auth/challenge.ts";
import { passwordSecret } from "../../../lib/auth/credentials.ts";
import { DigestClient, type DigestClientOptions } from "../../../lib/auth/digest_client.ts";
import {
  DigestServer,
  type DigestServerOptions,
  type DigestVerdict,
} from "../../../lib/auth/digest_server.ts";
import { utf8 } from "../../../lib/base/bytes.ts";
import { seededRandom } from "../../helpers/seeded_random.ts";

const ALICE = { username: "alice", password: passwordSecret("secret") };
const REQUEST = { method: "AUTH", uri: "msrps://example.com:2855;tcp" };

function server(options: Partial<DigestServerOptions> = {}): DigestServer {
  return new DigestServer({
    realm: "example.com",
    random: seededRandom(7),
    lookup: (name) => name === "alice" ? ALICE : undefined,
    ...options,
  });
}

function clientOf(
  it: DigestServer,
  options: Partial<DigestClientOptions> = {},
  algorithm?: DigestAlgorithm,
): DigestClient {
  const challenges = parseChallenges(it.challenges(0));
  const chosen = challenges.find((each) => algorithm === undefined || each.algorithm === algorithm);
  assert(chosen !== undefined);
  return new DigestClient(chosen, { credentials: ALICE, random: seededRandom(8), ...options });
}

function typeOf(verdict: DigestVerdict): string {
  return verdict.type === "rejected" ? verdict.reason : verdict.type;
}

for (const algorithm of DIGEST_ALGORITHMS) {
  for (const qop of ["auth", "auth-int"] as const) {
    Deno.test(`DigestServer and DigestClient agree on ${algorithm} with ${qop}, three times`, () => {
      const it = server({ algorithms: [algorithm], qop: [qop] });
      const client = clientOf(it);
      for (let count = 0; count < 3; count++) {
        const request = { ...REQUEST, body: utf8(`body ${count}`) };
        const answer = client.authorize(request);
        const verdict = it.verify([answer.value], request, 10);
        assert(verdict.type === "accepted", typeOf(verdict));
        assertEquals(verdict.username, "alice");
        const body = utf8("ok");
        const info = it.authenticationInfo(verdict, body, 20);
        assertEquals(client.receiveInfo(answer, info, body), { type: "proven" });
        const isSession = algorithm.endsWith("-sess");
        assertEquals(client.nonceCount, isSession ? count + 1 : 0, "nextnonce");
      }
    });
  }
}

Deno.test("DigestServer.challenges() are one an algorithm, the strongest first, and always with qop", () => {
  const values = server().challenges(0, { stale: true });
  assertEquals(parseChallenges(values).map((it) => it.algorithm), [
    "SHA-512-256",
    "SHA-256",
    "MD5",
  ]);
  for (const value of values) assertMatch(value, /, qop="auth", .*opaque="[^"]+", stale=true$/);
  assertEquals(server().challenges(0).some((it) => it.includes("stale")), false);
  assertThrows(() => server({ algorithms: ["MD5", "MD5"] }), TypeError, "twice");
  assertThrows(() => server({ algorithms: [] }), TypeError);
});

Deno.test("DigestServer.verify() tells absent, wrong, unknown and malformed apart", () => {
  const it = server();
  const verdict = (values: string[]) => typeOf(it.verify(values, REQUEST, 10));
  const wrong = clientOf(it, { credentials: { ...ALICE, password: passwordSecret("Secret") } });
  const stranger = clientOf(it, { credentials: { ...ALICE, username: "eve" } });
  const { value } = clientOf(it).authorize(REQUEST);
  assertEquals(verdict([]), "absent");
  assertEquals(verdict(["Basic YTpi"]), "absent");
  assertEquals(verdict([value.replace('realm="example.com"', 'realm="x"')]), "absent");
  assertEquals(verdict([wrong.authorize(REQUEST).value]), "wrong-response");
  assertEquals(verdict([stranger.authorize(REQUEST).value]), "unknown-user");
  assertEquals(verdict([value.replace("nc=00000001", "nc=1")]), "malformed");
  assertEquals(verdict(["Digest x", value]), "accepted", "another field is of no concern");
});

Deno.test("DigestServer.verify() tells a replay and a stale nonce from a wrong password", () => {
  const it = server({ nonceLifetime: 1000 });
  const client = clientOf(it);
  const answer = client.authorize(REQUEST);
  assertEquals(typeOf(it.verify([answer.value], REQUEST, 10)), "accepted");
  assertEquals(typeOf(it.verify([answer.value], REQUEST, 10)), "replayed");
  assertEquals(typeOf(it.verify([client.authorize(REQUEST).value], REQUEST, 1001)), "stale");
  const wrong = clientOf(it, { credentials: { ...ALICE, password: passwordSecret("x") } });
  assertEquals(
    typeOf(it.verify([wrong.authorize(REQUEST).value], REQUEST, 9999)),
    "wrong-response",
  );
  assertEquals(it.rememberedNonces, 1);
});

Deno.test("DigestServer.verify() lets another realm's nonce be stale: servers restart", () => {
  const answer = clientOf(server({ random: seededRandom(1) })).authorize(REQUEST);
  assertEquals(typeOf(server().verify([answer.value], REQUEST, 0)), "stale");
});

Deno.test("DigestServer.verify() holds credentials to their method, their body and their URI", () => {
  const it = server({ qop: ["auth-int"] });
  const request = { ...REQUEST, body: utf8("a") };
  const verdict = (change: Partial<typeof request>) =>
    typeOf(it.verify([clientOf(it).authorize(request).value], { ...request, ...change }, 0));
  assertEquals(verdict({}), "accepted");
  assertEquals(verdict({ method: "SEND" }), "wrong-response");
  assertEquals(verdict({ body: utf8("b") }), "wrong-response");
  assertEquals(verdict({ uri: "msrps://other;tcp" }), "wrong-uri");
});

Deno.test("DigestServer.verify() asks whether a changed URI is meant, and computes with the request's where none is written", () => {
  const it = server({ acceptsUri: (uri, requestUri) => uri === REQUEST.uri && requestUri === "b" });
  const { value } = clientOf(it).authorize(REQUEST);
  assertEquals(typeOf(it.verify([value], { ...REQUEST, uri: "c" }, 0)), "wrong-uri");
  assertEquals(typeOf(it.verify([value], { ...REQUEST, uri: "b" }, 0)), "accepted");
  const bare = clientOf(it, { form: { uri: false, algorithm: false, quoting: "all" } }, "MD5");
  const answer = bare.authorize(REQUEST);
  assertEquals(answer.value.includes("uri="), false);
  assertEquals(typeOf(it.verify([answer.value], REQUEST, 0)), "accepted");
  assertEquals(typeOf(it.verify([answer.value], { ...REQUEST, uri: "b" }, 0)), "wrong-response");
});

Deno.test("DigestServer.verify() accepts only what it offered; RFC 2069 where it is allowed, once a nonce", () => {
  const old = (it: DigestServer) => {
    const [challenge] = parseChallenges(it.challenges(0));
    assert(challenge !== undefined);
    return new DigestClient({ ...challenge, qop: [] }, {
      credentials: ALICE,
      random: seededRandom(8),
    }).authorize(REQUEST).value;
  };
  const lenient = server();
  const value = old(lenient);
  assertEquals(typeOf(lenient.verify([value], REQUEST, 0)), "accepted");
  assertEquals(typeOf(lenient.verify([value], REQUEST, 0)), "replayed");
  const strict = server({ acceptsLegacy: false });
  assertEquals(typeOf(strict.verify([old(strict)], REQUEST, 0)), "not-offered");
  const modern = server({ algorithms: ["SHA-256"] });
  const [challenge] = parseChallenges(modern.challenges(0));
  assert(challenge !== undefined);
  const weak = new DigestClient({ ...challenge, algorithm: "MD5", algorithmText: "MD5" }, {
    credentials: ALICE,
    random: seededRandom(8),
  });
  assertEquals(typeOf(modern.verify([weak.authorize(REQUEST).value], REQUEST, 0)), "not-offered");
});

Deno.test("DigestServer.verify() starts a session anew when it has forgotten how it began", () => {
  const it = server({ algorithms: ["MD5-sess"], maxNonces: 1 });
  const client = clientOf(it);
  const send = (by: DigestClient, now: number) =>
    typeOf(it.verify([by.authorize(REQUEST).value], REQUEST, now));
  assertEquals([send(client, 0), send(client, 0)], ["accepted", "accepted"]);
  assertEquals(send(clientOf(it), 0), "accepted");
  const refused = client.authorize(REQUEST);
  assertEquals(typeOf(it.verify([refused.value], REQUEST, 0)), "stale");
  const [challenge] = parseChallenges(it.challenges(5, { stale: true }));
  assert(challenge !== undefined);
  assertEquals(client.renew(challenge, refused), "retry");
  assertEquals([send(client, 5), send(client, 5)], ["accepted", "accepted"]);
});
