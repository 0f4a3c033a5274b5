import { assertEquals } from "@std/assert";
import { PeerError } from "../../../lib/base/errors.ts";
import { parseMsrpUri, type RelayPathRefused } from "../../../lib/msrp/mod.ts";
import { relayError, relayTrouble, showRelay } from "../../../lib/session/msrp_relay_errors.ts";

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

Deno.test("relayTrouble() tells what goes wrong with a path that was granted, and nothing else", () => {
  const granted = {
    type: "relay-granted",
    authorization: "a",
    usePath: [],
    expires: 600,
    withUri: [],
    isProven: true,
  } as const;
  const codes = [
    relayTrouble({ ...granted, occasion: "first" }),
    relayTrouble({ ...granted, occasion: "refresh" }),
    relayTrouble({ ...granted, occasion: "moved" }),
    relayTrouble(refusal),
    relayTrouble({ ...refusal, remaining: 30_400 }),
    relayTrouble({ type: "relay-expired", authorization: "a" }),
  ].map((it) => it?.code);
  assertEquals(codes, [
    undefined,
    undefined,
    undefined,
    undefined,
    "session/relay-refresh",
    "session/relay-expired",
  ]);
  const { message = "" } = relayTrouble({ ...refusal, remaining: 30_400 }) ?? {};
  assertEquals(message.endsWith("the path through it ends in 30 seconds"), true);
});
