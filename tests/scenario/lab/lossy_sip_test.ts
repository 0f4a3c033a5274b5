/** Calls through a proxy on a network that loses and repeats datagrams: retransmissions carry them. */
import { assert, assertEquals } from "@std/assert";
import { utf8 } from "../../../lib/base/bytes.ts";
import {
  type Call,
  platformRandom,
  type SipCallEvent,
  SipEndpoint,
  SystemClock,
} from "../../../lib/session/mod.ts";
import { parseNameAddress, parseSipUri } from "../../../lib/sip/mod.ts";
import { faultyDatagrams } from "../../../lib/transport/mod.ts";
import { openLabSip, placeOf } from "../../helpers/lab_sip.ts";
import { seededRandom } from "../../helpers/seeded_random.ts";

const SDP = utf8("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=message 9 TCP/MSRP *\r\n");
/** Retransmissions ten times as fast as the RFC has them; the ratios are its own. */
const TIMERS = { t1: 50, t2: 400, t4: 500, d: 3_200, trying: 20 };

const NETWORKS = {
  "loses a sixth": { drop: 0.16 },
  "repeats a third": { duplicate: 0.33 },
  "loses a tenth and repeats a tenth": { drop: 0.1, duplicate: 0.1 },
} as const;

for (const [what, faults] of Object.entries(NETWORKS)) {
  Deno.test(`calls through the lab come about and end on a network that ${what} of all datagrams`, async () => {
    const random = seededRandom(20);
    await using server = await openLabSip({
      timers: TIMERS,
      faults: {
        datagrams: (socket) =>
          faultyDatagrams(socket, { random, incoming: faults, outgoing: faults }),
      },
    });
    const common = {
      clock: new SystemClock(),
      random: platformRandom,
      userAgent: "sotto/test",
      timers: TIMERS,
      listen: [{ host: "127.0.0.1", port: 0, transport: "udp" }],
    } as const;
    await using bob = await SipEndpoint.open(common);
    await using alice = await SipEndpoint.open(common);
    server.route("echo", parseSipUri((bob.uris[0] ?? "").replace("sip:", "sip:echo@")));
    const answering = answerAll(bob);
    for (let number = 0; number < 8; number++) {
      const call = alice.invite({
        target: parseSipUri(`sip:echo@127.0.0.1:${placeOf(server, "udp").port}`),
        from: parseNameAddress("<sip:alice@127.0.0.1>"),
        offer: SDP,
      });
      const events = await typesUntil(call, "answered");
      assertEquals(events.filter((it) => it !== "ringing"), ["answered"], `call ${number}`);
      await call.hangup();
    }
    await bob.close();
    const ends = await answering;
    assertEquals(ends.length, 8);
    assert(ends.every((it) => it === "ended"), ends.join(" "));
    assertEquals(server.load.pending, 0);
  });
}

/** Answers every call, and tells how each of them ended. */
async function answerAll(endpoint: SipEndpoint): Promise<string[]> {
  const ends: Promise<string>[] = [];
  for await (const call of endpoint.calls()) {
    call.ring();
    call.answer(SDP);
    ends.push(typesUntil(call, undefined).then((it) => it.at(-1) ?? "nothing"));
  }
  return await Promise.all(ends);
}

async function typesUntil(call: Call, last: SipCallEvent["type"] | undefined): Promise<string[]> {
  const types: string[] = [];
  for await (const { type } of call.events()) {
    types.push(type);
    if (type === last) break;
  }
  return types;
}
