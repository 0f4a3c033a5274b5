import { assertEquals } from "@std/assert";
import { parseMsrpPath, parseMsrpUri } from "../../../../lib/msrp/mod.ts";
import { passwordSecret } from "../../../../lib/auth/mod.ts";
import { IssuedUris } from "../../../../lib/msrp/relay/issued_uris.ts";
import { RelayAuth } from "../../../../lib/msrp/relay/relay_auth.ts";
import { credentials, RELAY, RelayBench, show } from "../../../helpers/relay_core_bench.ts";
import { seededRandom } from "../../../helpers/seeded_random.ts";

Deno.test("RelayAuth.answer() takes credentials with uri=, without it, and for nothing else", () => {
  const answerTo = (uri: string | undefined): number => {
    const random = seededRandom(6);
    const auth = new RelayAuth(
      {
        realm: "relay.example",
        lookup: (username) => ({ username, password: passwordSecret("wonderland") }),
      },
      random,
      new IssuedUris(random),
      { sessions: 9, sessionsPerConnection: 9 },
    );
    const arrival = { connection: 1, isSecure: true };
    const authority = parseMsrpUri(RELAY);
    const head = {
      startLine: { kind: "request", transactionId: "tid12345", method: "AUTH" },
      toPath: [authority],
      fromPath: parseMsrpPath("msrps://a.example:1/a;tcp"),
      headers: [] as { name: string; value: string }[],
    } as const;
    const challenge = auth.answer(head, arrival, authority, 0).headers[0]?.value ?? "";
    const digest = credentials(challenge, "alice", "wonderland", uri ?? RELAY);
    const value = uri === undefined ? digest : `${digest}, uri="${uri}"`;
    const headers = [{ name: "authorization", value }];
    return auth.answer({ ...head, headers }, arrival, authority, 0).code;
  };
  assertEquals(answerTo(undefined), 200);
  assertEquals(answerTo(RELAY), 200);
  assertEquals(answerTo("msrps://RELAY.example:2855;tcp"), 200, "the same by RFC 4975 §6.1");
  assertEquals(answerTo("msrps://other.example:2855;tcp"), 400);
  assertEquals(answerTo("nonsense"), 400);
});

Deno.test("RelayAuth.answer() refuses what cannot be read, without a challenge", () => {
  const alice = new RelayBench().connect();
  alice.frame("AUTH", [RELAY], {
    headers: ['Authorization: Digest username="alice", realm="relay.example", nonce='],
  });
  assertEquals(alice.only().headers, []);
  alice.frame("AUTH", [RELAY], { headers: ["Authorization: Basic YWxpY2U6eA=="] });
  assertEquals(show(alice.only()), "401 Unauthorized");
});

Deno.test("RelayAuth.answer() wants qop", () => {
  const alice = new RelayBench().connect();
  alice.frame("AUTH", [RELAY]);
  const challenge = alice.only().headers[0]?.value ?? "";
  const digest = credentials(challenge, "alice", "wonderland", RELAY);
  alice.frame("AUTH", [RELAY], {
    headers: [`Authorization: ${digest.replace(/qop=auth, nc=\w+, cnonce="\w+", /, "")}`],
  });
  assertEquals(show(alice.only()), "401 Unauthorized");
});
