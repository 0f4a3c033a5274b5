/** Corners of answering challenges. Clauses are in tests/conformance/rfc3261/authentication_test.ts. */
import { assert, assertEquals } from "@std/assert";
import {
  credentialFields,
  RequestCredentials,
} from "../../../../lib/sip/user_agent/request_credentials.ts";
import { Secret } from "../../../../lib/base/secret.ts";
import { ascii } from "../../../../lib/base/ascii.ts";
import { NO_BODY, type SipRequest, type SipResponse } from "../../../../lib/sip/mod.ts";
import { ACCOUNT } from "../../../helpers/sip_challenger.ts";
import { seededRandom } from "../../../helpers/seeded_random.ts";

const REQUEST: SipRequest = {
  kind: "request",
  method: "REGISTER",
  requestUri: "sip:example.com",
  headers: [{ name: "Call-ID", value: "1" }],
  body: NO_BODY,
};

function challenge(...fields: readonly (readonly [string, string])[]): SipResponse {
  const headers = fields.map(([name, value]) => ({ name, value }));
  return { kind: "response", status: 401, reason: "", headers, body: NO_BODY };
}

const NONE = new Map();

Deno.test("RequestCredentials.authorize() adds nothing before the first challenge", () => {
  const it = new RequestCredentials({ credentials: () => ACCOUNT }, seededRandom(1));
  assertEquals(it.authorize(REQUEST), { request: REQUEST, answers: new Map() });
  assertEquals(it.receiveChallenge(challenge(), NONE), undefined);
});

Deno.test("RequestCredentials.authorize() puts its fields behind the others", () => {
  const it = new RequestCredentials({ credentials: () => ACCOUNT }, seededRandom(1));
  const value = 'Digest realm="r", nonce="n", qop="auth"';
  assertEquals(it.receiveChallenge(challenge(["Proxy-Authenticate", value]), NONE), "retry");
  const { request, answers } = it.authorize(REQUEST);
  assertEquals(request.headers.map((each) => each.name), ["Call-ID", "Proxy-Authorization"]);
  assertEquals(credentialFields(request), request.headers.slice(1));
  assertEquals([...answers.keys()], ["Proxy-Authorization r"]);
});

Deno.test("RequestCredentials remembers a limited number of realms", () => {
  const it = new RequestCredentials({ credentials: () => ACCOUNT }, seededRandom(1));
  for (let realm = 0; realm < 30; realm++) {
    const value = `Digest realm="r${realm}", nonce="n", qop="auth"`;
    it.receiveChallenge(challenge(["WWW-Authenticate", value]), NONE);
  }
  assertEquals(it.authorize(REQUEST).answers.size, 16);
});

Deno.test("RequestCredentials says what a kept hash of the wrong kind lacks", () => {
  const ha1 = { "MD5": new Secret(ascii("0".repeat(32))) };
  const it = new RequestCredentials(
    { credentials: () => ({ username: "alice", ha1 }) },
    seededRandom(1),
  );
  const value = 'Digest realm="r", nonce="n", qop="auth", algorithm=SHA-256';
  const verdict = it.receiveChallenge(challenge(["WWW-Authenticate", value]), NONE);
  assert(verdict instanceof Error);
  assertEquals(verdict.code, "sip/no-credentials");
});

Deno.test("RequestCredentials believes no proof when several realms of a kind were answered", () => {
  const it = new RequestCredentials({ credentials: () => ACCOUNT }, seededRandom(1));
  const fields = ["a", "b"].map((realm) =>
    ["Proxy-Authenticate", `Digest realm="${realm}", nonce="n", qop="auth"`] as const
  );
  it.receiveChallenge(challenge(...fields), NONE);
  const { answers } = it.authorize(REQUEST);
  const thanks = challenge(["Proxy-Authentication-Info", 'rspauth="00"']);
  assertEquals(it.receiveSuccess({ ...thanks, status: 200 }, answers), undefined);
});
