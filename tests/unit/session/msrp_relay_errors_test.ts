import { assertEquals } from "@std/assert";
import { PeerError } from "../../../lib/base/errors.ts";
import { parseMsrpUri, type RelayPathRefused } from "../../../lib/msrp/mod.ts";
import { relayError, showRelay } from "../../../lib/session/msrp_relay_errors.ts";

const refusal: RelayPathRefused = {
  type: "relay-refused",
  authorization: "a",
  relay: parseMsrpUri("msrps://relay.example:2855;tcp"),
  index: 0,
  cause: "refused",
  code: 403,
  comment: "Not\u001b[31m you",
  credentials: "with-uri",
};

Deno.test("relayError() names the relay and what it said, escaped", () => {
  const shown = (more: Partial<RelayPathRefused>): [string, string] => {
    const { code, message } = relayError({ ...refusal, ...more });
    return [code, message];
  };
  assertEquals(shown({}), [
    "session/relay-refused",
    "the MSRP relay relay.example:2855 refuses to relay for us: 403 Not\\x1b[31m you",
  ]);
  assertEquals(shown({ cause: "credentials", code: 401, comment: "Unauthorized" }), [
    "session/relay-credentials",
    "the MSRP relay relay.example:2855 does not accept the user name and password: 401 Unauthorized",
  ]);
  assertEquals(shown({ cause: "no-answer", credentials: "none" }), [
    "session/relay-no-answer",
    "the MSRP relay relay.example:2855 does not answer AUTH",
  ]);
  assertEquals(shown({ cause: "connection" }), [
    "session/relay-no-answer",
    'the MSRP relay relay.example:2855 hung up in answer to our AUTH with credentials that have "uri"',
  ]);
  const error = new PeerError("msrp/bad-use-path", "RFC 4976 §8", "expected a port");
  const fault = relayError({ ...refusal, cause: "fault", error });
  assertEquals([fault.code, fault.cause], ["session/relay-fault", error]);
});

Deno.test("showRelay() puts IPv6 in brackets", () => {
  assertEquals(showRelay({ host: "::1", port: 2855 }), "[::1]:2855");
  assertEquals(showRelay({ host: "relay.example" }), "relay.example");
});
