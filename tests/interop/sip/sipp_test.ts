/** SIPp as caller and as callee, over UDP and TCP. */
import { assert, assertEquals } from "@std/assert";
import { decodeUtf8Lossy, utf8 } from "../../../lib/base/bytes.ts";
import {
  type IncomingCall,
  platformRandom,
  type SipCallEvent,
  SipEndpoint,
  SystemClock,
} from "../../../lib/session/mod.ts";
import { parseNameAddress, parseSipUri } from "../../../lib/sip/mod.ts";
import { livePeerTest } from "../../helpers/live_peer.ts";
import { startSipp as sipp } from "../../helpers/sipp.ts";

const SDP = utf8(
  "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=message 2856 TCP/MSRP *\r\n",
);
const FROM = parseNameAddress('"Alice" <sip:alice@example.com>');
const TRANSPORTS = ["udp", "tcp"] as const;
type Transport = (typeof TRANSPORTS)[number];

function open(listen: Transport[] = []): Promise<SipEndpoint> {
  return SipEndpoint.open({
    listen: listen.map((transport) => ({ host: "127.0.0.1", port: 0, transport })),
    clock: new SystemClock(),
    random: platformRandom,
    userAgent: "sotto/test",
  });
}

function remote(endpoint: SipEndpoint): string {
  return /sip:([^;]+)/.exec(endpoint.uris[0] ?? "")?.[1] ?? "";
}

async function collect(events: AsyncIterable<SipCallEvent>): Promise<SipCallEvent[]> {
  const all: SipCallEvent[] = [];
  for await (const event of events) {
    all.push(event);
    if (event.type === "offer") event.respond(SDP);
  }
  return all;
}

async function firstCall(endpoint: SipEndpoint): Promise<IncomingCall> {
  const { value, done } = await endpoint.calls()[Symbol.asyncIterator]().next();
  assert(!done);
  return value;
}

function types(events: readonly SipCallEvent[]): string[] {
  return events.map((it) => it.type);
}

for (const transport of TRANSPORTS) {
  /** SIPp calls; `take` decides what becomes of the call. */
  const called = (
    what: string,
    scenario: string,
    take: (call: IncomingCall) => Promise<void>,
  ): void =>
    livePeerTest(`SIPp ${what} over ${transport}`, { needs: ["sipp"] }, async () => {
      await using endpoint = await open([transport]);
      const caller = await sipp(scenario, transport, [remote(endpoint)]);
      await Promise.all([firstCall(endpoint).then(take), caller.finish()]);
      assertEquals(endpoint.callCount, 0);
    });

  called("calls and hangs up", "uac_call", async (call) => {
    assert(decodeUtf8Lossy(call.offer ?? new Uint8Array()).includes("m=message 2855 TCP/MSRP *"));
    assertEquals([call.from.displayName, call.transport], ["SIPp", transport]);
    call.ring();
    call.answer(SDP);
    const events = await collect(call.events());
    assertEquals(types(events), ["confirmed", "ended"]);
  });

  called("changes a session and becomes a focus", "uac_reinvite", async (call) => {
    call.answer(SDP);
    const events = await collect(call.events());
    assertEquals(types(events), ["confirmed", "offer", "focus-changed", "ended"]);
  });

  called("calls without an offer", "uac_offerless", async (call) => {
    assertEquals(call.offer, undefined);
    call.answer(SDP);
    const [confirmed] = await collect(call.events());
    assert(confirmed?.type === "confirmed");
    assert(decodeUtf8Lossy(confirmed.answer ?? new Uint8Array()).includes("m=message 2855"));
  });

  called("takes its call back", "uac_cancel", async (call) => {
    call.ring();
    const events = await collect(call.events());
    assertEquals(events, [{ type: "ended", by: "remote", reason: "cancelled" }]);
  });

  called("is refused", "uac_refused", async (call) => {
    call.ring();
    await call.reject(486);
    assertEquals(types(await collect(call.events())), ["ended"]);
  });

  called("is hung up on", "uac_wait", async (call) => {
    call.answer(SDP);
    await call.hangup();
    assertEquals(types(await collect(call.events())), ["confirmed", "ended"]);
  });

  livePeerTest(`SIPp asks for options over ${transport}`, { needs: ["sipp"] }, async () => {
    await using endpoint = await open([transport]);
    await (await sipp("uac_options", transport, [remote(endpoint)])).finish();
  });

  /** SIPp is called. */
  const calling = (
    what: string,
    scenario: string,
    run: (call: ReturnType<SipEndpoint["invite"]>) => Promise<void>,
  ): void =>
    livePeerTest(`SIPp ${what} over ${transport}`, { needs: ["sipp"] }, async () => {
      await using endpoint = await open();
      const callee = await sipp(scenario, transport);
      const target = parseSipUri(`sip:bob@127.0.0.1:${callee.port};transport=${transport}`);
      const call = endpoint.invite({ target, from: FROM, offer: SDP });
      await Promise.all([run(call), callee.finish()]);
      assertEquals(endpoint.callCount, 0);
    });

  calling("answers and is hung up on", "uas_call", async (call) => {
    const seen: SipCallEvent[] = [];
    for await (const event of call.events()) {
      seen.push(event);
      if (event.type === "answered") void call.hangup();
    }
    assertEquals(types(seen), ["ringing", "answered", "ended"]);
    const answered = seen.find((it) => it.type === "answered");
    assert(decodeUtf8Lossy(answered?.answer ?? new Uint8Array()).includes("m=message 2855"));
    assertEquals(answered?.isFocus, false);
  });

  calling("answers as a focus and hangs up", "uas_hangup", async (call) => {
    const events = await collect(call.events());
    assertEquals(types(events), ["ringing", "answered", "ended"]);
    assertEquals(events.find((it) => it.type === "answered")?.isFocus, true);
    assertEquals(events.at(-1), { type: "ended", by: "remote", reason: "bye" });
  });

  calling("refuses", "uas_busy", async (call) => {
    const [rejected] = await collect(call.events());
    assert(rejected?.type === "rejected");
    assertEquals([rejected.status, rejected.reason], [486, "Busy Here"]);
  });

  calling("has the call taken back", "uas_cancelled", async (call) => {
    const seen: SipCallEvent[] = [];
    for await (const event of call.events()) {
      seen.push(event);
      if (event.type === "ringing") void call.hangup();
    }
    assertEquals(types(seen), ["ringing", "ended"]);
  });
}

livePeerTest("SIPp makes 200 calls, 20 at a time, over UDP that loses a twentieth of them", {
  needs: ["sipp"],
}, async () => {
  await using endpoint = await open(["udp"]);
  const ends: Promise<string[]>[] = [];
  const serving = (async () => {
    for await (const call of endpoint.calls()) {
      call.answer(SDP);
      ends.push(collect(call.events()).then(types));
    }
  })();
  // Of a tenth, one run in a hundred would lose a BYE or its 200 six times in a row.
  const more = ["-m", "200", "-r", "100", "-l", "20", "-lost", "5", "-recv_timeout", "15000"];
  await (await sipp("uac_call", "udp", [remote(endpoint), ...more])).finish();
  assert(ends.length >= 200, `${ends.length} calls`);
  await endpoint.close();
  await serving;
  const outcomes = (await Promise.all(ends)).map((seen) => seen.at(-1));
  // SIPp looks at the status alone: where ACK and BYE were both lost it takes our repeated 200 to
  // the INVITE for the one to its BYE and is content, while we still wait for the ACK.
  const waiting = outcomes.filter((it) => it === undefined).length;
  assertEquals(outcomes.filter((it) => it === "ended").length + waiting, outcomes.length);
  assert(waiting <= outcomes.length / 10, `${waiting} of ${outcomes.length} still wait`);
});
