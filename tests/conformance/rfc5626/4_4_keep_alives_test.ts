/** RFC 5626 §4.4, §8: keep-alives, in simulated time (SIP-055). */
import { assert, assertEquals } from "@std/assert";
import { decodeUtf8Lossy } from "../../../lib/base/bytes.ts";
import {
  KeepAlive,
  type KeepAliveOutput,
  type KeepAliveSettings,
  parseStun,
  StreamFramer,
  writeStun,
} from "../../../lib/sip/mod.ts";
import { ascii } from "../../../lib/base/ascii.ts";
import { seededRandom } from "../../helpers/seeded_random.ts";

/** One flow in simulated time. */
class Flow {
  now = 0;
  readonly core: KeepAlive;
  /** `TIME what`. */
  readonly log: string[] = [];
  last: Uint8Array = new Uint8Array();

  constructor(settings: Partial<KeepAliveSettings>) {
    this.core = new KeepAlive(
      { transport: "tcp", random: seededRandom(3), ...settings },
      this.now,
    );
  }

  take(outputs: readonly KeepAliveOutput[]): this {
    for (const output of outputs) {
      if (output.type === "transmit") {
        this.last = output.data;
        this.log.push(`${this.now} ping`);
      } else if (output.type === "alive") this.log.push(`${this.now} alive`);
      else this.log.push(`${this.now} failed ${output.error.message}`);
    }
    return this;
  }

  /** To the next deadline. */
  next(): this {
    this.now = this.core.deadline ?? this.now;
    return this.take(this.core.handleTimeout(this.now));
  }

  stun(message: Partial<Parameters<typeof writeStun>[0]>): this {
    const { transaction } = parseStun(this.last);
    const answer = writeStun({ class: "success", transaction, ...message });
    return this.take(this.core.receiveStun(answer, this.now));
  }
}

const HERE = { host: "192.0.2.7", port: 40_000 };

Deno.test("SIP-055 §4.4.1 over connections a double CRLF goes out every 95 to 120 seconds, at other times each", () => {
  const flow = new Flow({});
  const times: number[] = [];
  for (let turn = 0; turn < 50; turn++) {
    const before = flow.now;
    flow.next();
    assertEquals(decodeUtf8Lossy(flow.last), "\r\n\r\n");
    times.push(flow.now - before);
    flow.take(flow.core.receivePong(flow.now));
  }
  assert(Math.min(...times) >= 95_000 && Math.max(...times) <= 120_000);
  assert(Math.max(...times) - Math.min(...times) > 15_000, "they are spread");
  assertEquals(new Set(times).size > 40, true);
});

Deno.test("SIP-055 §4.4.1 a pong within 10 seconds is life, none is the flow's failure", () => {
  const alive = new Flow({}).next();
  alive.now += 9_999;
  assertEquals(alive.take(alive.core.handleTimeout(alive.now)).log.length, 1);
  alive.take(alive.core.receivePong(alive.now));
  assertEquals(alive.log.at(-1), `${alive.now} alive`);
  const dead = new Flow({}).next();
  const pinged = dead.now;
  dead.next();
  assertEquals(dead.now, pinged + 10_000);
  assertEquals(dead.log.at(-1), `${dead.now} failed the server does not answer keep-alives`);
  assertEquals([dead.core.deadline, dead.core.receivePong(dead.now)], [undefined, []]);
});

Deno.test("SIP-055 §4.4 Flow-Timer is kept to, between 80 and 100 per cent of it", () => {
  for (const transport of ["tcp", "tls", "udp"] as const) {
    for (let seed = 0; seed < 50; seed++) {
      const flow = new Flow({ transport, interval: 60_000, random: seededRandom(seed) }).next();
      assert(flow.now >= 48_000 && flow.now <= 60_000, `${flow.now}`);
    }
  }
  assert(new Flow({ interval: 0 }).next().now >= 800, "a Flow-Timer of 0 makes no flood");
});

Deno.test("SIP-055 §4.4 without a sign that the server answers, connections are pinged and no pong is missed", () => {
  const flow = new Flow({ expectsAnswer: false });
  for (let turn = 0; turn < 5; turn++) flow.next();
  assertEquals(flow.log.map((it) => it.split(" ")[1]), Array(5).fill("ping"));
});

Deno.test("SIP-055 §8 no STUN goes to a server that gave no sign that it takes it", () => {
  const flow = new Flow({ transport: "udp", expectsAnswer: false });
  assertEquals(flow.core.deadline, undefined);
});

Deno.test("SIP-055 §4.4.2 over UDP a STUN Binding request goes out every 24 to 29 seconds", () => {
  const flow = new Flow({ transport: "udp" });
  for (let turn = 0; turn < 50; turn++) {
    const before = flow.now;
    flow.next();
    assert(flow.now - before >= 24_000 && flow.now - before <= 29_000);
    assertEquals(parseStun(flow.last).class, "request");
    flow.stun({ mappedAddress: HERE });
    assertEquals(flow.log.at(-1), `${flow.now} alive`);
  }
});

Deno.test("SIP-055 §4.4.2 seven requests without an answer are the flow's failure (RFC 5389 §7.2.1)", () => {
  const flow = new Flow({ transport: "udp" }).next();
  const began = flow.now;
  const first = flow.last;
  while (flow.core.deadline !== undefined) flow.next();
  assertEquals(
    flow.log.map((it) => Number(it.split(" ")[0]) - began),
    [0, 500, 1_500, 3_500, 7_500, 15_500, 31_500, 39_500],
  );
  assertEquals(flow.log.at(-1)?.endsWith("failed the server does not answer STUN"), true);
  assertEquals(flow.last, first, "a retransmission is the same request");
});

Deno.test("SIP-055 §4.4.2 an error response, or none of our address, is the flow's failure", () => {
  const refused = new Flow({ transport: "udp" }).next().stun({ class: "error", errorCode: 500 });
  assertEquals(refused.log.at(-1)?.endsWith("failed the server refuses STUN: 500"), true);
  const silent = new Flow({ transport: "udp" }).next().stun({});
  assertEquals(silent.log.at(-1)?.endsWith("failed the server does not say how it sees us"), true);
});

Deno.test("SIP-055 §4.4.2 another mapped address than before is the flow's failure", () => {
  const flow = new Flow({ transport: "udp" }).next().stun({ mappedAddress: HERE });
  flow.next().stun({ mappedAddress: HERE }).next().stun({ mappedAddress: { ...HERE, port: 1 } });
  assertEquals(
    flow.log.at(-1)?.split(" ").slice(1).join(" "),
    "failed our address changed from 192.0.2.7:40000 to 192.0.2.7:1",
  );
});

Deno.test("SIP-055 §4.4.2 answers to other questions are nothing", () => {
  const flow = new Flow({ transport: "udp" }).next();
  flow.stun({ transaction: new Uint8Array(12), mappedAddress: HERE });
  flow.stun({ class: "indication" });
  flow.take(flow.core.receiveStun(Uint8Array.of(1, 2, 3), flow.now));
  flow.take(flow.core.receivePong(flow.now));
  assertEquals(flow.log.length, 1);
  flow.stun({ mappedAddress: HERE });
  assertEquals(flow.log.length, 2);
});

Deno.test("SIP-055 §3.5.1 a line end that was waited for is a pong, others make pings", () => {
  const framer = new StreamFramer();
  const types = (text: string) => framer.feed(ascii(text)).map((it) => it.type);
  framer.expectPong();
  assertEquals(types("\r"), []);
  assertEquals(types("\n"), ["pong"]);
  assertEquals(types("\r\n"), [], "half a ping");
  assertEquals(types("\r\n"), ["ping"]);
  // Pong after pong on an idle connection is no ping.
  for (let turn = 0; turn < 3; turn++) {
    framer.expectPong();
    assertEquals(types("\r\n"), ["pong"]);
  }
});
