/** RFC 3261 §8, §9, §13.3, §17, §18: requests, responses and how they meet (SIP-009 … SIP-031, SIP-070 …). */
import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { utf8 } from "../../../lib/base/bytes.ts";
import {
  headerValue,
  headerValues,
  parameterValue,
  parseSipUri,
  toOf,
  topVia,
} from "../../../lib/sip/mod.ts";
import {
  OTHER_SDP,
  requestText,
  responseText,
  ScriptedSip,
  SDP,
  sipText,
} from "../../helpers/scripted_sip.ts";

/** What a fresh agent answers. */
function answerTo(
  text: string,
): { readonly status: number; readonly field: (name: string) => string | undefined } {
  const { message } = new ScriptedSip().receive(text).lastResponse();
  return { status: message.status, field: (name) => headerValue(message, name) };
}

Deno.test("SIP-009 a Request-URI of an unknown scheme is answered 416", () => {
  assertEquals(answerTo(requestText("OPTIONS", { uri: "tel:+15551234" })).status, 416);
  assertEquals(
    answerTo(requestText("INVITE", { uri: "xmpp:bob@example.com", body: SDP })).status,
    416,
  );
  assertEquals(answerTo(requestText("OPTIONS", { uri: "sips:bob@192.0.2.2" })).status, 200);
});

Deno.test("SIP-010 an extension that is required and unknown is answered 420", () => {
  const answer = answerTo(requestText("INVITE", { headers: ["Require: 100rel, x, y"], body: SDP }));
  assertEquals([answer.status, answer.field("Unsupported")], [420, "x, y"]);
  // §8.2.2.3: not in a CANCEL.
  assertEquals(answerTo(requestText("CANCEL", { headers: ["Require: x"] })).status, 481);
});

Deno.test("SIP-011 methods and bodies that are not served are answered 405, 501 and 415", () => {
  for (const method of ["REGISTER", "SUBSCRIBE", "MESSAGE", "REFER", "INFO", "PUBLISH", "NOTIFY"]) {
    const answer = answerTo(requestText(method));
    assertEquals([answer.status, answer.field("Allow")], [
      405,
      "INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, PRACK",
    ]);
  }
  const unknown = answerTo(requestText("DANCE"));
  assertEquals([unknown.status, unknown.field("Allow") !== undefined], [501, true]);
  assertEquals(answerTo(requestText("invite")).status, 501);

  const typed = (type: string, ...headers: string[]) =>
    answerTo(
      requestText("INVITE", { headers, body: SDP }).replace("application/sdp", type),
    );
  const unsupported = typed("text/plain");
  assertEquals([unsupported.status, unsupported.field("Accept")], [415, "application/sdp"]);
  assertEquals(typed("multipart/mixed;boundary=x").status, 415);
  const packed = typed("application/sdp", "Content-Encoding: gzip");
  assertEquals([packed.status, packed.field("Accept-Encoding")], [415, "identity"]);
  // §20.11: the sender says that it may be left aside.
  const agent = new ScriptedSip().receive(
    requestText("INVITE", { headers: ["Content-Disposition: x;handling=optional"], body: SDP })
      .replace("application/sdp", "text/plain"),
  );
  assertEquals(agent.incoming().offer, undefined);
  assertEquals(
    new ScriptedSip().receive(
      requestText("INVITE", { body: SDP }).replace(
        "application/sdp",
        "Application/SDP;charset=x",
      ),
    ).incoming().offer,
    utf8(SDP),
  );
});

Deno.test("SIP-024 the ACK to a 2xx has its own branch and goes out for every repetition", () => {
  const agent = new ScriptedSip();
  agent.invite();
  const { message: invite } = agent.lastRequest("INVITE");
  const ok = responseText(invite, 200, { body: OTHER_SDP, contact: "<sip:bob@192.0.2.9:5099>" });
  agent.receive(ok);
  const ack = agent.lastRequest("ACK");
  assertEquals([ack.to.host, ack.to.port], ["192.0.2.9", 5099]);
  assertEquals(ack.message.requestUri, "sip:bob@192.0.2.9:5099");
  assertNotEquals(topVia(ack.message).parameters, topVia(invite).parameters);
  assertEquals(
    headerValue(ack.message, "CSeq"),
    headerValue(invite, "CSeq")?.replace("INVITE", "ACK"),
  );
  agent.said();
  agent.receive(ok).receive(ok);
  assertEquals(agent.said(), ["ACK", "ACK"]);
  assertEquals(agent.heard().map((it) => it.type), ["answered"]);
  agent.advance(32_000).receive(ok);
  assertEquals(agent.said(), [], "after Timer M a 2xx is a stray");
});

Deno.test("SIP-025 an INVITE that nobody answers gets its 100 within 200 ms", () => {
  const agent = new ScriptedSip();
  const text = requestText("INVITE", { body: SDP, headers: ["Timestamp: 5.1"] });
  agent.receive(text).advance(199);
  assertEquals(agent.said(), []);
  agent.advance(1);
  const { message } = agent.lastResponse();
  assertEquals([message.status, headerValue(message, "Timestamp")], [100, "5.1"]);
  assertEquals(toOf(message).parameters, []);
  agent.said();
  agent.receive(text);
  assertEquals(agent.said(), ["100"]);
});

Deno.test("SIP-026 a 2xx is repeated from T1 to T2 until its ACK, on every transport", () => {
  for (const flow of [ScriptedSip.udp, ScriptedSip.tcp]) {
    const agent = new ScriptedSip();
    agent.receive(requestText("INVITE", { body: SDP }), flow);
    const { call, localTag } = agent.incoming();
    agent.take(agent.core.answer(call, utf8(OTHER_SDP), {}, 0)).advance(8_000);
    assertEquals(agent.sent.splice(0).map((it) => it.at), [0, 500, 1_500, 3_500, 7_500]);
    agent.receive(requestText("ACK", { toTag: localTag }), flow).advance(60_000);
    assertEquals(agent.said(), []);
    assertEquals(agent.heard().map((it) => it.type), ["confirmed"]);
  }
});

Deno.test("SIP-026 without an ACK the session ends with BYE after 64*T1", () => {
  const agent = new ScriptedSip();
  agent.receive(requestText("INVITE", { body: SDP }));
  agent.take(agent.core.answer(agent.incoming().call, utf8(OTHER_SDP), {}, 0));
  agent.events.length = 0;
  agent.advance(31_999);
  assertEquals(new Set(agent.said()), new Set(["200"]));
  agent.advance(1);
  assertEquals(agent.said(), ["BYE"]);
  const [ended] = agent.heard();
  assertEquals([ended?.type, ended?.type === "ended" && ended.by], ["ended", "timeout"]);
  assertEquals(agent.core.callCount, 0);
});

Deno.test("SIP-027 responses are matched by branch and method, and by what we wrote as sent-by", () => {
  const agent = new ScriptedSip();
  agent.invite();
  const { message } = agent.lastRequest();
  const text = responseText(message, 180);
  agent.receive(text.replace(/branch=z9hG4bK\w/, "branch=z9hG4bKz"))
    .receive(text.replace(/CSeq: (\d+) INVITE/, "CSeq: $1 BYE"))
    .receive(text.replace("UDP 192.0.2.2", "UDP 192.0.2.3"))
    .receive(text.replace("Via:", "Via: SIP/2.0/UDP 192.0.2.2;branch=z9hG4bKq\r\nVia:"));
  assertEquals(agent.heard(), []);
  agent.receive(text);
  assertEquals(agent.heard().map((it) => it.type), ["ringing"]);
});

Deno.test("SIP-027 requests are matched by branch, sent-by and method; an ACK joins its INVITE", () => {
  const agent = new ScriptedSip();
  const invite = (via: string) => requestText("INVITE", { body: SDP, via, callId: via });
  const one = "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKsame";
  agent.receive(invite(one)).receive(invite(one)).receive(invite(`${one};x=y`));
  assertEquals(agent.events.length, 1);
  agent.receive(invite("SIP/2.0/UDP 192.0.2.1:5061;branch=z9hG4bKsame"));
  assertEquals(agent.events.length, 2, "another sent-by is another transaction");
  // The cookie in another case is the cookie.
  agent.receive(invite("SIP/2.0/UDP 192.0.2.1;branch=Z9HG4BKsame"));
  assertEquals(agent.events.length, 3);
});

Deno.test("SIP-028 the same request by another way is answered 482", () => {
  const agent = new ScriptedSip();
  agent.receive(requestText("INVITE", { body: SDP, branch: "z9hG4bKone" }));
  agent.receive(requestText("INVITE", { body: SDP, branch: "z9hG4bKtwo" }));
  assertEquals(agent.said(), ["482"]);
  assertEquals(agent.events.length, 1);
  agent.receive(requestText("OPTIONS", { sequence: 1 }));
  assertEquals(agent.said(), ["200"], "another method is another request");
});

Deno.test("SIP-030 CANCEL waits for a provisional response and repeats what identifies the INVITE", () => {
  const agent = new ScriptedSip();
  const call = agent.invite({ target: parseSipUri("sip:bob@192.0.2.1;x=y") });
  const { message: invite, to } = agent.lastRequest("INVITE");
  agent.take(agent.core.hangUp(call, 0)).advance(400);
  assertEquals(agent.said(), ["INVITE"]);
  agent.receive(responseText(invite, 100, { toTag: undefined, contact: undefined }));
  const cancel = agent.lastRequest("CANCEL");
  for (const name of ["Via", "From", "To", "Call-ID", "Route"]) {
    assertEquals(headerValues(cancel.message, name), headerValues(invite, name), name);
  }
  assertEquals(cancel.message.requestUri, invite.requestUri);
  assertEquals(
    headerValue(cancel.message, "CSeq"),
    headerValue(invite, "CSeq")?.replace("INVITE", "CANCEL"),
  );
  assertEquals(cancel.to, to);
  agent.receive(responseText(cancel.message, 200)).receive(responseText(invite, 487));
  assertEquals(agent.said(), ["CANCEL", "ACK"]);
  const [ended] = agent.heard();
  assertEquals(ended, { type: "ended", by: "local", reason: "cancelled" });
});

Deno.test("SIP-030 a CANCEL that comes too late is followed by BYE", () => {
  const agent = new ScriptedSip();
  const call = agent.invite();
  const { message: invite } = agent.lastRequest("INVITE");
  agent.receive(responseText(invite, 180)).take(agent.core.hangUp(call, 0));
  agent.receive(responseText(invite, 200, { body: OTHER_SDP }));
  assertEquals(agent.said(), ["INVITE", "CANCEL", "ACK", "BYE"]);
});

Deno.test("SIP-030 an INVITE whose CANCEL nobody answers is given up after 64*T1", () => {
  const agent = new ScriptedSip();
  const call = agent.invite();
  const { message: invite } = agent.lastRequest("INVITE");
  agent.receive(responseText(invite, 180)).take(agent.core.hangUp(call, 0));
  agent.events.length = 0;
  agent.advance(31_999);
  assertEquals(agent.heard(), []);
  agent.advance(1);
  assertEquals(agent.heard().map((it) => it.type), ["ended"]);
  assertEquals(agent.core.callCount, 0);
  // Should the callee have picked up meanwhile, it is told.
  agent.said();
  agent.receive(responseText(invite, 200, { body: OTHER_SDP }));
  assertEquals(agent.said(), ["ACK", "BYE"]);
  assertEquals(agent.heard(), []);
});

Deno.test("SIP-030 a CANCEL that is received ends the INVITE with 487", () => {
  const agent = new ScriptedSip();
  agent.receive(requestText("INVITE", { body: SDP, branch: "z9hG4bKc" }));
  const { call, localTag } = agent.incoming();
  agent.take(agent.core.ring(call, 0));
  agent.receive(requestText("CANCEL", { branch: "z9hG4bKc" }));
  assertEquals(agent.said(), ["180", "200", "487"]);
  assertEquals(agent.heard(), [{ type: "ended", by: "remote", reason: "cancelled" }]);
  agent.receive(requestText("ACK", { branch: "z9hG4bKc", toTag: localTag })).advance(60_000);
  assertEquals(agent.said(), []);
  // What the application still says about it is too late, and no mistake of its.
  agent.take(agent.core.answer(call, utf8(SDP), {}, agent.now));
  assertEquals(agent.said(), []);
});

Deno.test("SIP-030 a CANCEL after the final response changes nothing", () => {
  const agent = new ScriptedSip();
  agent.receive(requestText("INVITE", { body: SDP, branch: "z9hG4bKd" }));
  agent.take(agent.core.answer(agent.incoming().call, utf8(OTHER_SDP), {}, 0));
  agent.receive(requestText("CANCEL", { branch: "z9hG4bKd" }));
  assertEquals(agent.said(), ["200", "200"]);
  assertEquals(agent.heard(), []);
});

Deno.test("SIP-031 a CANCEL that matches nothing is answered 481", () => {
  assertEquals(answerTo(requestText("CANCEL")).status, 481);
});

Deno.test("SIP-039 requests that belong to no dialog are answered 481, ACK is not", () => {
  for (const method of ["BYE", "UPDATE", "PRACK"]) {
    assertEquals(answerTo(requestText(method)).status, 481, method);
    assertEquals(answerTo(requestText(method, { toTag: "nobody" })).status, 481, method);
  }
  assertEquals(answerTo(requestText("INVITE", { toTag: "nobody", body: SDP })).status, 481);
  assertEquals(answerTo(requestText("OPTIONS", { toTag: "nobody" })).status, 481);
  assertEquals(new ScriptedSip().receive(requestText("ACK", { toTag: "nobody" })).sent, []);
});

Deno.test("SIP-047 OPTIONS is answered with what an INVITE could say", () => {
  const answer = answerTo(requestText("OPTIONS"));
  assertEquals(answer.status, 200);
  assertEquals(answer.field("Accept"), "application/sdp");
  assertEquals(answer.field("Allow"), "INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, PRACK");
  assertEquals(answer.field("Supported"), "100rel, timer");
  assertMatch(answer.field("To") ?? "", /;tag=[0-9a-f]{16}$/);
});

Deno.test("SIP-048 Max-Forwards is 70 in every request, and 0 does not concern an endpoint", () => {
  const agent = new ScriptedSip();
  const call = agent.placed();
  agent.take(agent.core.hangUp(call, 0));
  assertEquals(headerValue(agent.lastRequest("BYE").message, "Max-Forwards"), "70");
  agent.invite();
  assertEquals(headerValue(agent.lastRequest("INVITE").message, "Max-Forwards"), "70");
  assertEquals(
    answerTo(requestText("OPTIONS").replace("Max-Forwards: 70", "Max-Forwards: 0")).status,
    200,
  );
});

Deno.test("SIP-070 a request above 1300 octets leaves UDP for TCP unless UDP was asked for", () => {
  const long = utf8("x".repeat(1300));
  const transportOf = (target: string, offer: Uint8Array) => {
    const agent = new ScriptedSip();
    agent.invite({ target: parseSipUri(target), offer });
    const { to, message } = agent.lastRequest();
    assertEquals(topVia(message).transport, to.transport.toUpperCase());
    return to.transport;
  };
  assertEquals(transportOf("sip:bob@192.0.2.1", utf8(SDP)), "udp");
  assertEquals(transportOf("sip:bob@192.0.2.1", long), "tcp");
  assertEquals(transportOf("sip:bob@192.0.2.1;transport=udp", long), "udp");
  assertEquals(transportOf("sip:bob@192.0.2.1;transport=tls", utf8(SDP)), "tls");
});

Deno.test("SIP-070 the limit is 1300 octets exactly, and refused TCP leads back to UDP under another branch", () => {
  const sizeOf = (padding: number) => {
    const agent = new ScriptedSip();
    agent.invite({ offer: utf8("x".repeat(padding)) });
    return { agent, ...agent.lastRequest() };
  };
  const overhead = sizeOf(100).data.length - 100;
  const fits = sizeOf(1300 - overhead);
  assertEquals([fits.data.length, fits.to.transport], [1300, "udp"]);
  const { agent, to, message, transaction } = sizeOf(1301 - overhead);
  assertEquals(to.transport, "tcp");
  agent.said();
  agent.take(agent.core.receiveTransportError(transaction ?? "", new Error("refused"), 0));
  const again = agent.lastRequest();
  assertEquals([again.to.transport, again.to.host], ["udp", "192.0.2.1"]);
  assertNotEquals(topVia(again.message).parameters, topVia(message).parameters);
  assertEquals(headerValue(again.message, "CSeq"), headerValue(message, "CSeq"));
  agent.receive(responseText(again.message, 180));
  assertEquals(agent.heard().map((it) => it.type), ["ringing"]);
});

Deno.test("SIP-071 a response goes back on its connection, else to received and rport, else to sent-by", () => {
  const destination = (via: string, flow = ScriptedSip.udp) => {
    const { to } = new ScriptedSip().receive(requestText("OPTIONS", { via }), flow).lastResponse();
    return `${to.transport} ${to.host}:${to.port} ${to.connection ?? "-"}`;
  };
  const from = (host: string, port: number) => ({
    transport: "udp" as const,
    remote: { host, port },
  });
  const branch = "branch=z9hG4bK1";
  assertEquals(destination(`SIP/2.0/UDP 192.0.2.1:5070;${branch}`), "udp 192.0.2.1:5070 -");
  assertEquals(destination(`SIP/2.0/UDP 192.0.2.1;${branch}`), "udp 192.0.2.1:5060 -");
  assertEquals(
    destination(`SIP/2.0/UDP a.example.com:5070;${branch}`, from("192.0.2.9", 7)),
    "udp 192.0.2.9:5070 -",
  );
  assertEquals(
    destination(`SIP/2.0/UDP a.example.com:5070;rport;${branch}`, from("192.0.2.9", 7)),
    "udp 192.0.2.9:7 -",
  );
  assertEquals(
    destination(`SIP/2.0/UDP 192.0.2.1;maddr=224.2.0.1;ttl=1;${branch}`),
    "udp 224.2.0.1:5060 -",
  );
  assertEquals(
    destination(`SIP/2.0/TCP 192.0.2.1:5070;${branch}`, ScriptedSip.tcp),
    "tcp 192.0.2.1:5070 1",
  );
});

Deno.test("SIP-072 rport is asked for over UDP, and filled in for who asks", () => {
  const agent = new ScriptedSip();
  agent.invite();
  assertEquals(topVia(agent.lastRequest().message).parameters.at(-1), { name: "rport" });
  agent.invite({ transport: "tcp" });
  assertEquals(topVia(agent.lastRequest().message).parameters.length, 1);
  const via = `SIP/2.0/UDP 192.0.2.1;rport;branch=z9hG4bK1`;
  const flow = { transport: "udp" as const, remote: { host: "192.0.2.1", port: 4242 } };
  const { message } = new ScriptedSip().receive(requestText("OPTIONS", { via }), flow)
    .lastResponse();
  const { parameters } = topVia(message);
  assertEquals(parameterValue(parameters, "rport"), "4242");
  assertEquals(parameterValue(parameters, "received"), "192.0.2.1", "always, with rport");
});

Deno.test("SIP-073 received is added when sent-by is a name or another address", () => {
  const receivedFor = (sentBy: string, host: string) => {
    const via = `SIP/2.0/UDP ${sentBy};branch=z9hG4bK1`;
    const flow = { transport: "udp" as const, remote: { host, port: 5060 } };
    const { message } = new ScriptedSip().receive(requestText("OPTIONS", { via }), flow)
      .lastResponse();
    return parameterValue(topVia(message).parameters, "received");
  };
  assertEquals(receivedFor("192.0.2.1", "192.0.2.1"), undefined);
  assertEquals(receivedFor("192.0.2.1", "192.0.2.7"), "192.0.2.7");
  assertEquals(receivedFor("a.example.com", "192.0.2.7"), "192.0.2.7");
  assertEquals(receivedFor("[2001:db8::1]", "2001:db8:0::1"), undefined);
});

Deno.test("SIP-073 a received that the sender wrote itself is not believed, nor a name in maddr", () => {
  const to = (parameters: string) => {
    const via = `SIP/2.0/UDP 192.0.2.1;${parameters};branch=z9hG4bK1`;
    return new ScriptedSip().receive(requestText("OPTIONS", { via })).lastResponse().to.host;
  };
  assertEquals(to("received=203.0.113.9"), "192.0.2.1");
  assertEquals(to("RECEIVED=203.0.113.9;rport"), "192.0.2.1");
  assertEquals(to("maddr=victim.example.com"), "192.0.2.1");
});

Deno.test("SIP-077 requests inside a dialog use the connection it came by, in both directions", () => {
  const agent = new ScriptedSip();
  agent.receive(
    requestText("INVITE", { body: SDP, contact: "<sip:alice@192.0.2.1:5066;transport=tcp>" }),
    ScriptedSip.tcp,
  );
  const { call, localTag } = agent.incoming();
  agent.take(agent.core.answer(call, utf8(OTHER_SDP), {}, 0));
  agent.receive(requestText("ACK", { toTag: localTag }), ScriptedSip.tcp);
  agent.take(agent.core.hangUp(call, 0));
  const bye = agent.lastRequest("BYE");
  assertEquals([bye.to.transport, bye.to.connection, bye.to.port], ["tcp", 1, 5066]);
});

Deno.test("SIP-091 a MESSAGE outside a dialog is answered 405", () => {
  assertEquals(answerTo(requestText("MESSAGE")).status, 405);
});

Deno.test("UserAgentCore limits its transactions and its calls", () => {
  const agent = new ScriptedSip({ limits: { transactions: 2, calls: 1 } });
  agent.receive(requestText("INVITE", { body: SDP, callId: "a" }));
  agent.receive(requestText("INVITE", { body: SDP, callId: "b" }));
  agent.receive(requestText("INVITE", { body: SDP, callId: "c" }));
  assertEquals(agent.said(), ["486", "503"]);
  assert(agent.core.transactionCount <= 2);
});

Deno.test("UserAgentCore reports what it drops, and answers nothing to it", () => {
  const agent = new ScriptedSip().receive("nonsense").receive(sipText(["SIP/2.0 999 What"]));
  assertEquals(agent.sent, []);
  assertEquals(agent.events.map((it) => it.type === "malformed" && it.error.code), [
    "sip/not-sip",
    "sip/bad-message",
  ]);
});
