/** RFC 3261 §22: challenges of servers and proxies, and what requests carry (SIP-060, SIP-063 to SIP-066). */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { utf8 } from "../../../lib/base/bytes.ts";
import {
  type CallEvent,
  callIdOf,
  cSeqOf,
  fromOf,
  headerValues,
  type SipRequest,
  tagOf,
  topVia,
  type UserAgentOptions,
} from "../../../lib/sip/mod.ts";
import { branchOf } from "../../../lib/sip/message/via.ts";
import {
  OTHER_SDP,
  requestText,
  type ResponseParts,
  responseText,
  ScriptedSip,
} from "../../helpers/scripted_sip.ts";
import { ACCOUNT, SipChallenger } from "../../helpers/sip_challenger.ts";

function agent(options: Partial<UserAgentOptions> = {}): ScriptedSip {
  return new ScriptedSip({ credentials: () => ACCOUNT, ...options });
}

/** The scripted peer answers the last request of that method. */
function answer(it: ScriptedSip, method: string, status: number, parts: ResponseParts): SipRequest {
  const { message } = it.lastRequest(method);
  it.receive(responseText(message, status, parts));
  return message;
}

function failure(events: readonly CallEvent[]): string {
  const [event] = events;
  assert(event?.type === "failed", JSON.stringify(events));
  return `${event.error.code} ${event.error.message}`;
}

for (const status of [401, 407] as const) {
  const [field, other] = status === 401
    ? ["Authorization", "Proxy-Authorization"]
    : ["Proxy-Authorization", "Authorization"];

  Deno.test(`SIP-060 ${status} is answered with ${field}: CSeq + 1, a new branch, the same Call-ID and From`, () => {
    const challenger = new SipChallenger(status, "example.com");
    const it = agent();
    it.invite();
    const first = answer(it, "INVITE", status, { headers: challenger.challenge(0) });
    const second = it.lastRequest("INVITE").message;
    assertEquals(it.said(), ["INVITE", "ACK", "INVITE"]);
    assertEquals(headerValues(first, field), []);
    assertEquals(challenger.verdict(second, 0), "accepted");
    assertEquals(headerValues(second, other), []);
    assertEquals(cSeqOf(second).number, cSeqOf(first).number + 1);
    assertEquals(callIdOf(second), callIdOf(first));
    assertEquals(tagOf(fromOf(second)), tagOf(fromOf(first)));
    assertEquals(second.requestUri, first.requestUri);
    assertEquals(second.body, first.body);
    assert(branchOf(topVia(second)) !== branchOf(topVia(first)));
    assertEquals(it.heard(), []);
  });
}

Deno.test("SIP-060 the ACK to a 2xx repeats the credentials of its INVITE, the CANCEL has none (22.1)", () => {
  const challenger = new SipChallenger(407, "example.com");
  const it = agent();
  const call = it.invite();
  answer(it, "INVITE", 407, { headers: challenger.challenge(0) });
  const invite = answer(it, "INVITE", 180, {});
  it.take(it.core.hangUp(call, 0));
  const cancel = it.lastRequest("CANCEL").message;
  assertEquals(headerValues(cancel, "Proxy-Authorization"), []);
  assertEquals(cSeqOf(cancel).number, cSeqOf(invite).number);
  answer(it, "INVITE", 200, { body: OTHER_SDP });
  const ack = it.lastRequest("ACK").message;
  assertEquals(cSeqOf(ack).number, cSeqOf(invite).number);
  assertEquals(
    headerValues(ack, "Proxy-Authorization"),
    headerValues(invite, "Proxy-Authorization"),
  );
});

Deno.test("SIP-060 the ACK to a refusal repeats the credentials of its INVITE (22.1)", () => {
  const it = agent();
  it.invite();
  answer(it, "INVITE", 401, { headers: new SipChallenger(401, "example.com").challenge(0) });
  const invite = answer(it, "INVITE", 486, {});
  const ack = it.lastRequest("ACK").message;
  assertEquals(headerValues(ack, "Authorization"), headerValues(invite, "Authorization"));
  assertEquals(headerValues(ack, "Authorization").length, 1);
});

Deno.test("SIP-060 a challenge while the call is being cancelled ends it", () => {
  const it = agent();
  const call = it.invite();
  it.take(it.core.hangUp(call, 0));
  answer(it, "INVITE", 407, { headers: new SipChallenger(407, "example.com").challenge(0) });
  assertEquals(it.said(), ["INVITE", "ACK"]);
  assertEquals(it.heard(), [{ type: "ended", by: "local", reason: "cancelled" }]);
});

Deno.test("SIP-061 later requests of the call carry credentials unasked, with rising nc", () => {
  const challenger = new SipChallenger(407, "example.com");
  const it = agent();
  const call = it.invite();
  answer(it, "INVITE", 407, { headers: challenger.challenge(0) });
  const counts: (string | undefined)[] = [];
  const note = (request: SipRequest) => {
    const [value = ""] = headerValues(request, "Proxy-Authorization");
    counts.push(/nc=([0-9a-f]{8})/.exec(value)?.[1]);
    assertEquals(challenger.verdict(request, 0), "accepted");
  };
  note(answer(it, "INVITE", 200, { body: OTHER_SDP }));
  it.take(it.core.offer(call, utf8(OTHER_SDP), 0));
  note(answer(it, "INVITE", 200, { body: OTHER_SDP }));
  it.take(it.core.hangUp(call, 0));
  note(answer(it, "BYE", 200, {}));
  assertEquals(counts, ["00000001", "00000002", "00000003"]);
  assertEquals(it.said(), ["INVITE", "ACK", "INVITE", "ACK", "INVITE", "ACK", "BYE"]);
});

for (const method of ["INVITE", "BYE"] as const) {
  Deno.test(`SIP-060 ${method} inside a dialog is sent again under the next number, for the callee too`, () => {
    const challenger = new SipChallenger(407, "example.com");
    const it = agent();
    const { call } = it.established();
    if (method === "BYE") it.take(it.core.hangUp(call, 0));
    else it.take(it.core.offer(call, utf8(OTHER_SDP), 0));
    const first = answer(it, method, 407, { headers: challenger.challenge(0) });
    const second = answer(it, method, 200, { body: method === "INVITE" ? OTHER_SDP : "" });
    assertEquals(cSeqOf(second).number, cSeqOf(first).number + 1);
    assertEquals(challenger.verdict(second, 0), "accepted");
    assertEquals(it.heard().map((event) => event.type), [
      method === "BYE" ? "ended" : "offer-answered",
    ]);
    if (method === "BYE") return;
    const ack = it.lastRequest("ACK").message;
    assertEquals(cSeqOf(ack).number, cSeqOf(second).number);
    assertEquals(headerValues(ack, "Proxy-Authorization").length, 1);
  });
}

Deno.test("SIP-060 PRACK is challenged and sent again", () => {
  const challenger = new SipChallenger(407, "example.com");
  const it = agent();
  it.invite();
  answer(it, "INVITE", 183, { headers: ["Require: 100rel", "RSeq: 7"], body: OTHER_SDP });
  const first = answer(it, "PRACK", 407, { headers: challenger.challenge(0), toTag: undefined });
  const second = it.lastRequest("PRACK").message;
  assertEquals(cSeqOf(second).number, cSeqOf(first).number + 1);
  assertEquals(headerValues(second, "RAck"), headerValues(first, "RAck"));
  assertEquals(challenger.verdict(second, 0), "accepted");
});

Deno.test("SIP-063 a stale nonce is replaced without asking anybody, also between requests", () => {
  const challenger = new SipChallenger(407, "example.com", { nonceLifetime: 1000 });
  const it = agent();
  const call = it.invite();
  answer(it, "INVITE", 407, { headers: challenger.challenge(0) });
  const invite = answer(it, "INVITE", 200, { body: OTHER_SDP });
  assertEquals(challenger.verdict(invite, 0), "accepted");
  it.now = 5000;
  it.heard();
  it.take(it.core.hangUp(call, it.now));
  const bye = it.lastRequest("BYE").message;
  assertEquals(challenger.verdict(bye, 5000), "stale");
  answer(it, "BYE", 407, { headers: challenger.challenge(5000, { stale: true }) });
  const again = it.lastRequest("BYE").message;
  assertMatch(headerValues(again, "Proxy-Authorization")[0] ?? "", /nc=00000001/);
  assertEquals(challenger.verdict(again, 5000), "accepted");
});

Deno.test("SIP-063 the same failure twice is final: the call fails, and nothing is sent again", () => {
  const challenger = new SipChallenger(401, "example.com");
  const it = agent();
  it.invite();
  answer(it, "INVITE", 401, { headers: challenger.challenge(0) });
  answer(it, "INVITE", 401, { headers: challenger.challenge(1) });
  assertEquals(it.said(), ["INVITE", "ACK", "INVITE", "ACK"]);
  assertEquals(
    failure(it.heard()),
    'sip/credentials-rejected realm "example.com" does not accept the password of "alice"',
  );
  assertEquals(it.core.callCount, 0);
});

Deno.test("SIP-063 a server that calls every nonce stale does not want these credentials", () => {
  const challenger = new SipChallenger(401, "example.com");
  const it = agent();
  it.invite();
  for (let time = 0; time < 30 && it.core.callCount > 0; time++) {
    answer(it, "INVITE", 401, { headers: challenger.challenge(time, { stale: true }) });
  }
  assertEquals(it.said().filter((what) => what === "INVITE").length, 3);
  assertMatch(failure(it.heard()), /^sip\/credentials-rejected /);
});

Deno.test("SIP-063 a chain of proxies without end is left after a few", () => {
  const it = agent();
  it.invite();
  for (let proxy = 0; proxy < 30 && it.core.callCount > 0; proxy++) {
    const challenger = new SipChallenger(407, `proxy${proxy}.example`);
    answer(it, "INVITE", 407, { headers: challenger.challenge(0) });
  }
  assertEquals(it.said().filter((what) => what === "INVITE").length, 9);
  const [event] = it.heard();
  assert(event?.type === "rejected" && event.status === 407);
});

Deno.test("SIP-063 a server that repeats its nonce is not answered again, stale or not", () => {
  const [challenge = ""] = new SipChallenger(401, "example.com").challenge(0, { stale: true });
  const it = agent();
  it.invite();
  answer(it, "INVITE", 401, { headers: [challenge] });
  answer(it, "INVITE", 401, { headers: [challenge] });
  assertMatch(failure(it.heard()), /^sip\/credentials-rejected /);
});

Deno.test("SIP-064 uri is the Request-URI as sent, inside a dialog that of the peer's Contact", () => {
  const challenger = new SipChallenger(407, "example.com");
  const it = agent();
  const call = it.invite();
  answer(it, "INVITE", 407, { headers: challenger.challenge(0) });
  answer(it, "INVITE", 200, { body: OTHER_SDP, contact: "<sip:bob@192.0.2.7;x=y>" });
  it.take(it.core.hangUp(call, 0));
  const bye = it.lastRequest("BYE").message;
  assertEquals(bye.requestUri, "sip:bob@192.0.2.7;x=y");
  assertMatch(headerValues(bye, "Proxy-Authorization")[0] ?? "", /uri="sip:bob@192\.0\.2\.7;x=y"/);
  assertEquals(challenger.verdict(bye, 0), "accepted");
});

Deno.test("SIP-065 two proxies on the way and the server behind them are all answered", () => {
  const chain = [
    new SipChallenger(407, "first.example"),
    new SipChallenger(407, "second.example"),
    new SipChallenger(401, "server.example"),
  ];
  const it = agent();
  it.invite();
  for (const challenger of chain) {
    const { message } = it.lastRequest("INVITE");
    for (const before of chain.slice(0, chain.indexOf(challenger))) {
      assertEquals(before.verdict(message, 0), "accepted");
    }
    assertEquals(challenger.verdict(message, 0), "absent");
    it.receive(responseText(message, challenger.status, { headers: challenger.challenge(0) }));
  }
  const { message } = it.lastRequest("INVITE");
  for (const challenger of chain) assertEquals(challenger.verdict(message, 0), "accepted");
  assertEquals(headerValues(message, "Proxy-Authorization").length, 2);
  assertEquals(headerValues(message, "Authorization").length, 1);
});

Deno.test("SIP-065 challenges that a fork gathered in one response are all answered, each realm with its own account", () => {
  const chain = [new SipChallenger(407, "proxy.example"), new SipChallenger(401, "server.example")];
  const it = agent({
    credentials: (realm) =>
      realm === "proxy.example" ? ACCOUNT : { ...ACCOUNT, username: "alice@server" },
  });
  it.invite();
  answer(it, "INVITE", 407, { headers: chain.flatMap((each) => each.challenge(0)) });
  const { message } = it.lastRequest("INVITE");
  assertEquals(chain[0]?.verdict(message, 0), "accepted");
  assertEquals(chain[1]?.verdict(message, 0), "unknown-user");
  assertMatch(headerValues(message, "Authorization")[0] ?? "", /username="alice@server"/);
});

Deno.test("SIP-065 without credentials the error names the realm and what it takes", () => {
  const it = agent({ credentials: () => undefined });
  it.invite();
  answer(it, "INVITE", 407, {
    headers: new SipChallenger(407, 'x "y"\\', { algorithms: ["SHA-256", "MD5"] }).challenge(0),
  });
  assertEquals(
    failure(it.heard()),
    'sip/no-credentials realm "x "y"\\\\" wants a user name and a password (SHA-256, MD5), and there are none for it',
  );
  assertEquals(it.said(), ["INVITE", "ACK"]);
});

Deno.test("SIP-062 local policy refuses weak digests and says so", () => {
  const it = agent({ digestMinimum: "sha-256" });
  it.invite();
  const weak = new SipChallenger(407, "example.com", { algorithms: ["MD5"] });
  answer(it, "INVITE", 407, { headers: weak.challenge(0) });
  assertEquals(
    failure(it.heard()),
    'sip/digest-too-weak realm "example.com" takes MD5, and sha-256 or better is wanted here',
  );
});

Deno.test("SIP-067 a challenge that nobody here can answer fails the call, one without a challenge refuses it", () => {
  const it = agent();
  it.invite();
  answer(it, "INVITE", 401, { headers: ['WWW-Authenticate: Basic realm="x"'] });
  assertMatch(failure(it.heard()), /^sip\/unsupported-authentication /);
  it.invite();
  answer(it, "INVITE", 401, { headers: ['WWW-Authenticate: Digest realm="x'] });
  assertMatch(failure(it.heard()), /^auth\/bad-challenge /);
  it.invite();
  answer(it, "INVITE", 401, {});
  assertEquals(it.heard().map((event) => event.type), ["rejected"]);
});

Deno.test("SIP-066 nextnonce is used, and rspauth checked", () => {
  const challenger = new SipChallenger(401, "example.com");
  const it = agent();
  const call = it.invite();
  answer(it, "INVITE", 401, { headers: challenger.challenge(0) });
  const invite = it.lastRequest("INVITE").message;
  const info = challenger.info(invite, 0, 1);
  const forged = info.replace(/rspauth="[0-9a-f]{4}/, 'rspauth="0000');
  it.receive(responseText(invite, 200, { body: OTHER_SDP, headers: [forged] }));
  assertEquals(it.events.filter((event) => event.type === "malformed").length, 1);
  it.receive(responseText(invite, 200, { body: OTHER_SDP, headers: [info] })); // Repeated, unharmed.
  it.take(it.core.hangUp(call, 0));
  const bye = it.lastRequest("BYE").message;
  const [value = ""] = headerValues(bye, "Authorization");
  assertEquals(/nonce="([^"]*)"/.exec(value)?.[1], /nextnonce="([^"]*)"/.exec(info)?.[1]);
  assertMatch(value, /nc=00000001/);
  assertEquals(challenger.verdict(bye, 1), "accepted");
});

Deno.test("SIP-060 dialogs of the INVITE that was challenged are gone", () => {
  const it = agent();
  it.invite();
  answer(it, "INVITE", 180, { toTag: "early" });
  const { message: first } = it.lastRequest("INVITE");
  answer(it, "INVITE", 407, { headers: new SipChallenger(407, "example.com").challenge(0) });
  it.receive(requestText("BYE", {
    uri: "sip:alice@192.0.2.2",
    callId: callIdOf(first),
    fromTag: "early",
    toTag: tagOf(fromOf(first)),
  }));
  assertEquals(it.lastResponse().message.status, 481);
});
