/** Whatever octets arrive: a verdict, never an exception, never more than the stated limits. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { concatBytes, decodeUtf8Lossy, utf8 } from "../../../lib/base/bytes.ts";
import { judgeSipMessage, type SipOutput, StreamFramer } from "../../../lib/sip/mod.ts";
import {
  OTHER_SDP,
  requestText,
  responseText,
  ScriptedSip,
  SDP,
} from "../../helpers/scripted_sip.ts";

const TORTURE = new URL("../../../fixtures/sip/torture/", import.meta.url);
const corpus = [...Deno.readDirSync(TORTURE)].filter((it) => it.name.endsWith(".dat"))
  .map((it) => Deno.readFileSync(new URL(it.name, TORTURE)));

/** Pieces that come near to SIP. */
const nearly = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.constantFrom(
        "INVITE sip:bob@192.0.2.2 SIP/2.0\r\n",
        "ACK sip:bob@192.0.2.2 SIP/2.0\r\n",
        "CANCEL sip:bob@192.0.2.2 SIP/2.0\r\n",
        "SIP/2.0 200 OK\r\n",
        "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKa;rport\r\n",
        "v: SIP/2.0/TCP [::1]:5060;branch=z9hG4bK,",
        "From: <sip:a@b>;tag=1\r\n",
        'f: "x\\',
        "To: <sip:b@c>\r\n",
        "Call-ID: 1\r\n",
        "CSeq: 1 INVITE\r\n",
        "CSeq: 99999999999 INVITE\r\n",
        "Max-Forwards: 70\r\n",
        "Contact: <sip:a@192.0.2.1>;isfocus\r\n",
        "m: *\r\n",
        "Record-Route: <sip:p;lr>,<sip:q>\r\n",
        "Require: 100rel\r\n",
        "RAck: 1 1 INVITE\r\n",
        "Content-Type: application/sdp\r\n",
        "Content-Length: 3\r\n",
        "l: -1\r\n",
        " folded\r\n",
        "\r\n",
        "v=0",
        "%",
        "<",
        ";",
        ",",
      ),
    },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 12 }) },
  ),
  { maxLength: 30 },
).map((parts) => concatBytes(...parts.map((it) => typeof it === "string" ? utf8(it) : it)));

/** A torture message with a few octets changed, cut out or doubled. */
const damaged = fc.tuple(
  fc.nat(),
  fc.array(fc.tuple(fc.nat(), fc.constantFrom("set", "cut", "double"), fc.nat(255)), {
    minLength: 1,
    maxLength: 6,
  }),
).map(([index, changes]) => {
  let bytes = corpus[index % corpus.length]?.slice() ?? new Uint8Array();
  for (const [where, change, octet] of changes) {
    const at = where % (bytes.length + 1);
    if (change === "set" && at < bytes.length) bytes[at] = octet;
    if (change === "cut") {
      bytes = concatBytes(bytes.subarray(0, at), bytes.subarray(at + octet % 40));
    }
    if (change === "double") {
      bytes = concatBytes(bytes.subarray(0, at), bytes.subarray(Math.max(0, at - octet % 40)));
    }
  }
  return bytes;
});

const anything = fc.oneof(nearly, damaged, fc.uint8Array({ maxLength: 400 }));
const flow = fc.constantFrom(ScriptedSip.udp, ScriptedSip.tcp);

/** Responses go out to what arrives, and every one of them is a message that can be framed. */
function check(outputs: readonly SipOutput[]): void {
  for (const output of outputs) {
    if (output.type !== "transmit") continue;
    const framed = new StreamFramer().feed(output.data);
    assertEquals(framed.map((it) => it.type), ["message"], decodeUtf8Lossy(output.data));
    assert(output.to.port >= 0 && output.to.port <= 65_535);
  }
}

Deno.test("judgeSipMessage() has a verdict for any octets", () => {
  fc.assert(
    fc.property(anything, fc.constantFrom("udp", "tcp", "tls"), (bytes, transport) => {
      const judged = judgeSipMessage(bytes, { transport });
      assert(["valid", "answer", "drop"].includes(judged.verdict));
      if (judged.verdict === "answer") assert(judged.status >= 400 && judged.status < 600);
    }),
    { numRuns: 4_000 },
  );
});

Deno.test("StreamFramer gives the same for every cut of any octets", () => {
  fc.assert(
    fc.property(
      fc.array(anything, { maxLength: 3 }),
      fc.array(fc.nat(), { maxLength: 8 }),
      (parts, cuts) => {
        const stream = concatBytes(...parts);
        const whole = new StreamFramer().feed(stream);
        const places = [...new Set(cuts.map((it) => it % (stream.length + 1)))].sort((a, b) =>
          a - b
        );
        const framer = new StreamFramer();
        const pieces = [0, ...places].map((from, index) =>
          framer.feed(stream.subarray(from, places[index] ?? stream.length))
        );
        const plain = (framed: typeof whole) =>
          framed.map((it) => it.type === "message" ? decodeUtf8Lossy(it.bytes) : it.type);
        assertEquals(plain(pieces.flat()), plain(whole));
      },
    ),
    { numRuns: 1_500 },
  );
});

Deno.test("UserAgentCore survives any octets in any order, and answers only what can be framed", () => {
  const steps = fc.array(fc.tuple(anything, flow, fc.nat(40_000)), { maxLength: 12 });
  fc.assert(
    fc.property(steps, (sequence) => {
      const agent = new ScriptedSip();
      for (const [bytes, by, wait] of sequence) {
        check(agent.core.receive(bytes, by, agent.now));
        agent.now += wait;
        check(agent.core.handleTimeout(agent.now));
      }
    }),
    { numRuns: 1_000 },
  );
});

Deno.test("UserAgentCore survives damaged messages in the middle of a call", () => {
  const bend = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 });
  const kinds = fc.constantFrom(
    "INVITE",
    "UPDATE",
    "BYE",
    "ACK",
    "PRACK",
    "CANCEL",
    "180",
    "200",
    "486",
    "491",
  );
  const steps = fc.array(fc.tuple(kinds, bend, fc.nat(9_000)), { maxLength: 20 });
  fc.assert(
    fc.property(steps, fc.boolean(), (sequence, isCaller) => {
      const agent = new ScriptedSip();
      const call = isCaller ? agent.invite() : 0;
      const invite = isCaller ? agent.lastRequest().message : undefined;
      if (!isCaller) agent.receive(requestText("INVITE", { body: SDP, branch: "z9hG4bKi" }));
      const incoming = isCaller ? undefined : agent.incoming();
      for (const [index, [kind, changes, wait]] of sequence.entries()) {
        const parts = { toTag: incoming?.localTag, sequence: index + 1, body: SDP };
        const text = /^\d/.test(kind)
          ? invite === undefined ? "" : responseText(invite, Number(kind), { body: OTHER_SDP })
          : requestText(kind, kind === "CANCEL" ? { branch: "z9hG4bKi" } : parts);
        const bytes = utf8(text);
        for (const [at, octet] of changes) if (bytes.length > 0) bytes[at % bytes.length] = octet;
        check(agent.core.receive(bytes, ScriptedSip.udp, agent.now));
        agent.now += wait;
        check(agent.core.handleTimeout(agent.now));
        if (wait % 5 === 0 && incoming !== undefined) {
          agent.core.respondToOffer(incoming.call, 1, utf8(SDP), 200, agent.now);
        }
        if (wait % 7 === 0) check(agent.core.hangUp(incoming?.call ?? call, agent.now));
      }
    }),
    { numRuns: 1_000 },
  );
});

Deno.test("UserAgentCore keeps to its limits under a flood", () => {
  const agent = new ScriptedSip({ limits: { transactions: 200, calls: 20 } });
  for (let index = 0; index < 2_000; index++) {
    agent.receive(requestText("INVITE", { body: SDP, callId: `flood-${index}` }));
    agent.sent.length = 0;
  }
  assert(agent.core.transactionCount <= 200);
  assertEquals(agent.core.callCount, 20);
  assertEquals(agent.events.filter((it) => it.type === "incoming-call").length, 20);
});
