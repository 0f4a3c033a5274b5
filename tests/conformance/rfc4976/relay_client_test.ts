/** RFC 4976 §5, §8, §9 as a client keeps them: what leaves, and what answers mean. */
import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { concatBytes } from "../../../lib/base/bytes.ts";
import { headerValue, parseMsrpPath, parseMsrpUri } from "../../../lib/msrp/mod.ts";
import { frame, readFrames, sendFrame } from "../../helpers/msrp_peer.ts";
import {
  ALICE,
  digestParameters,
  expectedResponse,
  EXTRA,
  EXTRA_PATH,
  INTRA,
  INTRA_PATH,
  pathText,
  RelayBench,
  relayToAsk,
} from "../../helpers/relay_bench.ts";

Deno.test("MSRP-111 the first AUTH has no Authorization, the second has the realm's", () => {
  const bench = new RelayBench().ask();
  const first = bench.asked();
  assertEquals([first.to, first.from], [INTRA, ALICE]);
  assertEquals(first.chunk.headers, []);
  bench.challenge();
  const second = bench.asked();
  assertEquals([second.to, second.from], [INTRA, ALICE]);
  assertNotEquals(second.chunk.startLine.transactionId, first.chunk.startLine.transactionId);
  assertEquals(digestParameters(second.authorization)["realm"], '"intra.example.com"');
  bench.grant();
  assertEquals(bench.relayEvents(), [{
    type: "relay-granted",
    authorization: "a",
    usePath: [parseMsrpUri(INTRA_PATH)],
    expires: 900,
    occasion: "first",
    withUri: [true],
    isProven: false,
  }]);
});

Deno.test("MSRP-111 a second 401 to the same credentials is the end of it", () => {
  const bench = new RelayBench().ask();
  bench.asked();
  bench.challenge().asked();
  bench.challenge("", "nonce2");
  const [refused] = bench.relayEvents();
  assert(refused?.type === "relay-refused");
  assertEquals([refused.cause, refused.code, refused.credentials], [
    "credentials",
    401,
    "with-uri",
  ]);
  assertEquals(bench.frames(), []);
  assertEquals(bench.core.deadline, undefined);
});

Deno.test("MSRP-111 a nonce that went stale is answered with the new one", () => {
  const bench = new RelayBench().ask();
  bench.asked();
  bench.challenge().asked();
  bench.challenge(", stale=true", "nonce2");
  assertEquals(digestParameters(bench.asked().authorization)["nonce"], '"nonce2"');
  bench.grant();
  assertEquals(bench.relayEvents().map((it) => it.type), ["relay-granted"]);
});

Deno.test("MSRP-112 no Basic, no auth-int alone, no challenge without qop", () => {
  const refusals = [
    'WWW-Authenticate: Basic realm="intra.example.com"',
    'WWW-Authenticate: Digest realm="intra.example.com", nonce="n", qop="auth-int"',
    'WWW-Authenticate: Digest realm="intra.example.com", nonce="n"',
  ];
  for (const header of refusals) {
    const bench = new RelayBench().ask();
    bench.asked();
    bench.reply("401 Unauthorized", [header]);
    const [refused] = bench.relayEvents();
    assert(refused?.type === "relay-refused", header);
    assertEquals([refused.cause, refused.error?.rule], ["fault", "RFC 4976 §9.1"], header);
    assertEquals(bench.frames(), [], header);
  }
});

Deno.test("MSRP-112 auth is chosen where both are offered; nc and cnonce are always there", () => {
  const bench = new RelayBench().ask();
  bench.asked();
  bench.reply("401 Unauthorized", [
    'WWW-Authenticate: Digest realm="r", nonce="n", qop="auth-int,auth"',
  ]);
  const parameters = digestParameters(bench.asked().authorization);
  assertEquals([parameters["qop"], parameters["nc"]], ["auth", "00000001"]);
  assertMatch(parameters["cnonce"] ?? "", /^"[0-9a-f]{16,}"$/);
});

Deno.test("MSRP-113 H(A2) has AUTH and the rightmost URI of To-Path", () => {
  const bench = new RelayBench().ask({ relays: [relayToAsk(INTRA), relayToAsk(EXTRA)] });
  bench.asked();
  bench.challenge();
  const first = digestParameters(bench.asked().authorization);
  assertEquals(first["response"], `"${expectedResponse(first, { uri: INTRA })}"`);
  bench.grant().asked();
  bench.challenge("", "nonce-of-extra");
  const { to, authorization } = bench.asked();
  assertEquals(to, `${INTRA_PATH} ${EXTRA}`);
  const second = digestParameters(authorization);
  assertEquals(second["response"], `"${expectedResponse(second, { uri: EXTRA })}"`);
});

Deno.test("MSRP-114 uri stands in Authorization or not, and the digest is the same", () => {
  for (const uriParameter of ["yes", "no", "probably-not"] as const) {
    const bench = new RelayBench().ask({ relays: [relayToAsk(INTRA, { uriParameter })] });
    bench.asked();
    bench.challenge();
    const parameters = digestParameters(bench.asked().authorization);
    assertEquals(parameters["uri"], uriParameter === "yes" ? `"${INTRA}"` : undefined);
    assertEquals(parameters["response"], `"${expectedResponse(parameters, { uri: INTRA })}"`);
  }
});

Deno.test("MSRP-114 a relay that refuses credentials without uri is tried once with it", () => {
  const relays = [relayToAsk(INTRA, { uriParameter: "probably-not" })];
  const bench = new RelayBench().ask({ relays });
  bench.asked();
  bench.challenge();
  assertEquals(digestParameters(bench.asked().authorization)["uri"], undefined);
  bench.challenge("", "nonce2");
  const parameters = digestParameters(bench.asked().authorization);
  assertEquals([parameters["uri"], parameters["nonce"]], [`"${INTRA}"`, '"nonce2"']);
  bench.challenge("", "nonce3");
  const [refused] = bench.relayEvents();
  assert(refused?.type === "relay-refused");
  assertEquals(refused.cause, "credentials");
  assertEquals(bench.frames(), []);
});

Deno.test("MSRP-114 silence after credentials with uri is told after five seconds", () => {
  const bench = new RelayBench().ask();
  bench.asked();
  bench.challenge().asked();
  bench.wait(4_999);
  assertEquals(bench.relayEvents(), []);
  bench.wait(1);
  const [refused] = bench.relayEvents();
  assert(refused?.type === "relay-refused");
  assertEquals([refused.cause, refused.credentials], ["no-answer", "with-uri"]);
});

Deno.test("MSRP-115 qop is not quoted in Authorization, the text values are", () => {
  const bench = new RelayBench().ask();
  bench.asked();
  bench.challenge(', opaque="o p"');
  const { authorization } = bench.asked();
  assertMatch(authorization ?? "", /[ ,]qop=auth(?:,|$)/);
  assertMatch(authorization ?? "", /[ ,]nc=00000001(?:,|$)/);
  const { username, nonce, opaque } = digestParameters(authorization);
  assertEquals([username, nonce, opaque], ['"Alice"', '"nonce1"', '"o p"']);
});

Deno.test("MSRP-116 domain is ignored, MD5-sess is never used", () => {
  const bench = new RelayBench().ask();
  bench.asked();
  bench.challenge(', domain="msrps://elsewhere.example.org"');
  assertEquals(digestParameters(bench.asked().authorization)["domain"], undefined);

  const session = new RelayBench().ask();
  session.asked();
  session.challenge(", algorithm=MD5-sess");
  const [refused] = session.relayEvents();
  assert(refused?.type === "relay-refused");
  assertEquals(refused.cause, "fault");
  assertEquals(session.frames(), []);
});

Deno.test("MSRP-117 a right rspauth is a proof, a wrong one the end, none is tolerated", () => {
  for (const kind of ["right", "wrong", "none"] as const) {
    const bench = new RelayBench().ask();
    bench.asked();
    bench.challenge();
    const sent = digestParameters(bench.asked().authorization);
    const rspauth = kind === "right"
      ? expectedResponse(sent, { method: "", uri: INTRA })
      : "0".repeat(32);
    const info = `Authentication-Info: nextnonce="fresh", qop=auth, rspauth="${rspauth}", ` +
      `cnonce=${sent["cnonce"]}, nc=00000001`;
    bench.grant(INTRA_PATH, 900, kind === "none" ? [] : [info]);
    const [event] = bench.relayEvents();
    if (kind === "wrong") {
      assert(event?.type === "relay-refused");
      assertEquals([event.cause, event.error?.code], ["fault", "auth/wrong-proof"]);
      continue;
    }
    assert(event?.type === "relay-granted");
    assertEquals(event.isProven, kind === "right");
    bench.wait(900_000 - 60_000);
    const again = digestParameters(bench.asked().authorization);
    assertEquals(
      [again["nonce"], again["nc"]],
      kind === "right" ? ['"fresh"', "00000001"] : ['"nonce1"', "00000002"],
    );
  }
});

Deno.test("MSRP-118 To-Path is Use-Path and the peer's path; our own path is Use-Path reversed", () => {
  // The example of §5.1: Use-Path B C, the peer's path D E F.
  const [b, c, d, e, f] = ["b", "c", "d", "e", "f"].map((it) =>
    `msrps://${it}.example:1/${it}id;tcp`
  );
  const bench = new RelayBench();
  bench.core.addSession({
    localPath: [...parseMsrpPath(`${c} ${b}`), parseMsrpUri(ALICE)],
    relayPath: parseMsrpPath(`${b} ${c}`),
    remotePath: parseMsrpPath(`${d} ${e} ${f}`),
    acceptTypes: ["*"],
  }, bench.now);
  bench.act(bench.core.bind("98cjs234", bench.now));
  const [bind] = bench.frames();
  assertEquals(pathText(bind?.toPath ?? []), `${b} ${c} ${d} ${e} ${f}`);
  assertEquals(pathText(bind?.fromPath ?? []), ALICE);
});

Deno.test("MSRP-118 a Use-Path that cannot be used in SDP is refused", () => {
  for (
    const path of [
      "msrps://intra.example.com/jui;tcp",
      "msrps://intra.example.com:9000;tcp",
      "sip:intra.example.com",
    ]
  ) {
    const bench = new RelayBench().ask();
    bench.asked();
    bench.challenge().asked();
    bench.grant(path);
    const [refused] = bench.relayEvents();
    assert(refused?.type === "relay-refused", path);
    assertEquals(refused.cause, "fault", path);
  }
  const bench = new RelayBench().ask();
  bench.asked();
  bench.reply("200 OK", ["Expires: 900"]);
  const [refused] = bench.relayEvents();
  assert(refused?.type === "relay-refused");
  assertEquals(refused.error?.code, "msrp/bad-use-path");
});

Deno.test("MSRP-119 the second relay is asked through the first, and what it grants counts", () => {
  const bench = new RelayBench().ask({ relays: [relayToAsk(INTRA), relayToAsk(EXTRA)] });
  assertEquals(bench.asked().to, INTRA);
  bench.challenge().asked();
  bench.grant(INTRA_PATH, 900);
  assertEquals(bench.relayEvents(), []);
  const toExtra = bench.asked();
  assertEquals([toExtra.to, toExtra.from], [`${INTRA_PATH} ${EXTRA}`, ALICE]);
  assertEquals(toExtra.authorization, undefined);
  bench.challenge("", "nonce-of-extra").asked();
  bench.grant(`${INTRA_PATH} ${EXTRA_PATH}`, 1_800);
  const [granted] = bench.relayEvents();
  assert(granted?.type === "relay-granted");
  assertEquals(pathText(granted.usePath), `${INTRA_PATH} ${EXTRA_PATH}`);
  assertEquals(granted.expires, 900, "the shorter of both");
  bench.wait(900_000 - 60_000);
  assertEquals(bench.asked().to, INTRA, "each relay is asked again in its turn");
  bench.grant(INTRA_PATH, 900);
  assertEquals(bench.asked().to, `${INTRA_PATH} ${EXTRA}`);
  bench.grant(`${INTRA_PATH} ${EXTRA_PATH}`, 1_800);
  assertEquals(bench.relayEvents().map((it) => it.type === "relay-granted" && it.occasion), [
    "refresh",
  ]);
});

Deno.test("MSRP-119 a refusal names the relay in the row that it is from", () => {
  const bench = new RelayBench().ask({ relays: [relayToAsk(INTRA), relayToAsk(EXTRA)] });
  bench.asked();
  bench.challenge().asked();
  bench.grant().asked();
  bench.reply("403 Not for you");
  const [refused] = bench.relayEvents();
  assert(refused?.type === "relay-refused");
  assertEquals([refused.index, refused.relay.host, refused.code, refused.comment], [
    1,
    "extra.example.com",
    403,
    "Not for you",
  ]);
});

Deno.test("MSRP-120 the refresh leaves before the path runs out, with the nonce counted on", () => {
  for (const [expires, after] of [[900, 840], [60, 30], [100, 50], [3_600, 3_540]] as const) {
    const bench = new RelayBench().granted({}, expires);
    bench.relayEvents();
    bench.wait(after * 1_000 - 1);
    assertEquals(bench.frames(), [], `${expires} s`);
    bench.wait(1);
    const { to, authorization } = bench.asked();
    assertEquals(to, INTRA);
    const parameters = digestParameters(authorization);
    assertEquals([parameters["nonce"], parameters["nc"]], ['"nonce1"', "00000002"]);
    assertEquals(parameters["response"], `"${expectedResponse(parameters, { uri: INTRA })}"`);
    bench.grant(INTRA_PATH, expires);
    const [event] = bench.relayEvents();
    assertEquals(event?.type === "relay-granted" && event.occasion, "refresh");
  }
});

Deno.test("MSRP-120 a path that moved is told as moved", () => {
  const bench = new RelayBench().granted();
  bench.relayEvents();
  bench.wait(840_000).asked();
  bench.grant("msrps://intra.example.com:9000/another1;tcp");
  const [event] = bench.relayEvents();
  assertEquals(event?.type === "relay-granted" && event.occasion, "moved");
});

Deno.test("MSRP-120 423 is answered inside its bounds", () => {
  for (
    const [asked, header, wanted] of [
      [30, "Min-Expires: 60", "60"],
      [9_999, "Max-Expires: 3600", "3600"],
      [undefined, "Max-Expires: 1200", "1200"],
      [undefined, "Min-Expires: 60", "60"],
    ] as const
  ) {
    const bench = new RelayBench().ask({ expires: asked });
    const first = bench.asked();
    assertEquals(headerValue(first.chunk.headers, "Expires"), asked?.toString());
    bench.challenge().asked();
    bench.reply("423 Interval Out-of-Bounds", [header]);
    const again = bench.asked();
    assertEquals(headerValue(again.chunk.headers, "Expires"), wanted);
    assertEquals(digestParameters(again.authorization)["nc"], "00000002");
    bench.grant();
    assertEquals(bench.relayEvents().map((it) => it.type), ["relay-granted"]);
  }
});

Deno.test("MSRP-120 bounds that nothing satisfies, or a relay that repeats itself, end it", () => {
  for (const headers of [[], ["Min-Expires: 600", "Max-Expires: 60"], ["Min-Expires: soon"]]) {
    const bench = new RelayBench().ask({ expires: 30 });
    bench.asked();
    bench.reply("423 Interval Out-of-Bounds", headers);
    assertEquals(bench.relayEvents().map((it) => it.type), ["relay-refused"], headers.join());
    assertEquals(bench.frames(), []);
  }
  const bench = new RelayBench().ask({ expires: 30 });
  bench.asked();
  let requests = 1;
  for (; requests < 50; requests++) {
    bench.reply("423 Interval Out-of-Bounds", [`Min-Expires: ${requests * 100}`]);
    if (bench.transmitted.length === 0) break;
    bench.asked();
  }
  assertEquals(requests, 6, "no relay makes us go round");
  assertEquals(bench.relayEvents().map((it) => it.type), ["relay-refused"]);
});

Deno.test("MSRP-120 a refresh that fails is tried again while the path lasts, then it expires", () => {
  const bench = new RelayBench().granted({}, 600);
  bench.relayEvents();
  bench.wait(540_000).asked();
  bench.reply("500 Out of order");
  const [refused] = bench.relayEvents();
  assert(refused?.type === "relay-refused");
  assertEquals([refused.code, refused.remaining], [500, 60_000]);
  bench.wait(30_000).asked();
  bench.grant(INTRA_PATH, 600);
  assertEquals(bench.relayEvents().map((it) => it.type), ["relay-granted"]);

  bench.wait(540_000).asked();
  const types: string[] = [];
  for (let waited = 0; waited < 60; waited++) {
    if (bench.transmitted.length > 0) bench.asked();
    bench.reply("403 Not any more").wait(1_000);
    types.push(...bench.relayEvents().map((it) => it.type));
  }
  assertEquals(types.at(-1), "relay-expired");
  assertEquals(types.filter((it) => it === "relay-expired").length, 1);
  assertEquals(bench.core.deadline, undefined, "and that was all");
});

Deno.test("MSRP-122 with the connection goes the path; who was asking is told", () => {
  const bench = new RelayBench().granted();
  bench.relayEvents();
  bench.act(bench.core.authorize({
    id: "b",
    self: parseMsrpUri("msrps://alice.example.com:9892/other567;tcp"),
    relays: [relayToAsk(INTRA)],
  }, bench.now));
  bench.act(bench.core.receiveEnd(bench.now));
  const [refused, ...more] = bench.relayEvents();
  assert(refused?.type === "relay-refused");
  assertEquals([refused.authorization, refused.cause], ["b", "connection"]);
  assertEquals(more, []);
  assertEquals(bench.core.deadline, undefined);
});

Deno.test("MSRP-060 behind a relay: answers go to the relay, reports all the way", () => {
  const relayed = "msrps://intra.example.com:9000/jui787s2f;tcp";
  const far = "msrps://bob.example:1/bob45678;tcp";
  const bench = new RelayBench();
  bench.core.addSession({
    localPath: [parseMsrpUri(relayed), parseMsrpUri(ALICE)],
    relayPath: [parseMsrpUri(relayed)],
    remotePath: [parseMsrpUri(far)],
    acceptTypes: ["text/plain"],
  }, bench.now);
  bench.receive(sendFrame("hello", {
    to: ALICE,
    from: `${relayed} ${far}`,
    range: "1-5/5",
    headers: ["Success-Report: yes"],
  }));
  const [response, report] = bench.frames();
  assertEquals(response?.startLine.kind === "response" && response.startLine.code, 200);
  assertEquals(pathText(response?.toPath ?? []), relayed, "the previous hop only (RFC 4975 §7.2)");
  assertEquals(pathText(report?.toPath ?? []), `${relayed} ${far}`);
  assertEquals(pathText(report?.fromPath ?? []), ALICE);
});

Deno.test("MSRP-132 a relay's 200 is only its own: a failure REPORT still fails the message", () => {
  const relayed = "msrps://intra.example.com:9000/jui787s2f;tcp";
  const far = "msrps://bob.example:1/bob45678;tcp";
  const bench = new RelayBench();
  const session = bench.core.addSession({
    localPath: [parseMsrpUri(relayed), parseMsrpUri(ALICE)],
    relayPath: [parseMsrpUri(relayed)],
    remotePath: [parseMsrpUri(far)],
    acceptTypes: ["text/plain"],
  }, bench.now);
  bench.act(bench.core.bind(session, bench.now));
  const [bind] = bench.frames();
  const answer = (id: string | undefined): string =>
    frame("200 OK", { transactionId: id ?? "", to: ALICE, from: relayed });
  bench.receive(answer(bind?.startLine.transactionId));
  bench.takeEvents();
  const { messageId, outputs } = bench.core.send(session, {
    contentType: "text/plain",
    body: new Uint8Array(9),
    successReport: true,
  }, bench.now);
  bench.act(outputs);
  const [sent] = bench.frames();
  bench.receive(answer(sent?.startLine.transactionId));
  assertEquals(bench.eventTypes(), ["message-sent"]);
  bench.receive(frame("REPORT", {
    to: ALICE,
    from: `${relayed} ${far}`,
    headers: [`Message-ID: ${messageId}`, "Byte-Range: 1-9/9", "Status: 000 415 Unsupported"],
  }));
  const [failed] = bench.takeEvents();
  assert(failed?.type === "message-failed");
  assertEquals([failed.messageId, failed.code, failed.cause], [messageId, 415, "report"]);
});

Deno.test("MSRP-131 a bind that the relay took and could not pass on fails the session", () => {
  const relayed = "msrps://intra.example.com:9000/jui787s2f;tcp";
  const bench = new RelayBench();
  const session = bench.core.addSession({
    localPath: [parseMsrpUri(relayed), parseMsrpUri(ALICE)],
    relayPath: [parseMsrpUri(relayed)],
    remotePath: [parseMsrpUri("msrps://bob.example:1/bob45678;tcp")],
    acceptTypes: ["text/plain"],
  }, bench.now);
  bench.act(bench.core.bind(session, bench.now));
  const [bind] = readFrames(concatBytes(...bench.transmitted));
  const messageId = headerValue(bind?.headers ?? [], "Message-ID");
  bench.receive(
    frame("200 OK", {
      transactionId: bind?.startLine.transactionId ?? "",
      to: ALICE,
      from: relayed,
    }),
  );
  bench.receive(frame("REPORT", {
    to: ALICE,
    from: relayed,
    headers: [`Message-ID: ${messageId}`, "Byte-Range: 1-0/0", "Status: 000 408 Timeout"],
  }));
  assertEquals(bench.eventTypes(), ["session-bound", "session-failed"]);
});
