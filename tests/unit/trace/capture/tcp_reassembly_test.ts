import { assertEquals } from "@std/assert";
import { latin1 } from "../../../../lib/base/ascii.ts";
import { utf8 } from "../../../../lib/base/bytes.ts";
import type { Arrival } from "../../../../lib/trace/arrival.ts";
import { TcpReassembler } from "../../../../lib/trace/capture/tcp_reassembly.ts";
import type { TcpSegment } from "../../../../lib/trace/capture/tcp_segment.ts";

interface Sent {
  readonly flags?: string;
  readonly ack?: number;
  readonly text?: string;
  readonly isReverse?: boolean;
  readonly port?: number;
}

function segment(sequence: number, sent: Sent = {}): TcpSegment {
  const { flags = "", ack = 0, text = "", isReverse = false, port = 40000 } = sent;
  const client = { src: "192.0.2.1", srcPort: port, dst: "192.0.2.2", dstPort: 2855 };
  const server = { src: "192.0.2.2", srcPort: 2855, dst: "192.0.2.1", dstPort: port };
  const payload = utf8(text);
  return {
    ...isReverse ? server : client,
    sequence,
    acknowledgement: ack,
    isSyn: flags.includes("S"),
    isAck: ack > 0,
    isFin: flags.includes("F"),
    isRst: flags.includes("R"),
    payload,
    payloadLength: payload.length,
  };
}

function show(arrivals: readonly Arrival[]): string[] {
  return arrivals.map((it) => {
    switch (it.type) {
      case "octets":
        return `${it.connection}${it.src?.port === 2855 ? "<" : ">"}${latin1(it.data)}`;
      case "gap":
        return `${it.connection} gap ${it.octets}`;
      case "end":
        return `${it.connection} ${it.how}`;
      default:
        return it.type;
    }
  });
}

Deno.test("TcpReassembler keeps directions and connections apart", () => {
  const tcp = new TcpReassembler();
  const all = [
    tcp.receive(segment(9, { flags: "S" }), 1, 1),
    tcp.receive(segment(99, { flags: "S", ack: 10, isReverse: true }), 2, 2),
    tcp.receive(segment(10, { text: "ask", ack: 100 }), 3, 3),
    tcp.receive(segment(100, { text: "answer", ack: 13, isReverse: true }), 4, 4),
    tcp.receive(segment(1, { text: "other", port: 40001 }), 5, 5),
    tcp.receive(segment(13, { flags: "F", ack: 106 }), 6, 6),
  ].flat();
  assertEquals(show(all), ["1>ask", "1<answer", "2>other", "1 fin"]);
  assertEquals(show(tcp.end()), ["2 lost", "2 lost", "1 lost"]);
});

Deno.test("TcpReassembler gives an acknowledged hole up after its patience, and not before", () => {
  const tcp = new TcpReassembler({ holePatience: 500 });
  tcp.receive(segment(9, { flags: "S" }), 1, 0);
  tcp.receive(segment(99, { flags: "S", isReverse: true }), 1, 0);
  assertEquals(show(tcp.receive(segment(15, { text: "late" }), 2, 1000)), []);
  const acknowledge = (ack: number, at: number) =>
    show(tcp.receive(segment(100, { ack, isReverse: true }), 3, at));
  assertEquals(acknowledge(19, 1400), []); // too soon: a packet may only be out of order
  assertEquals(acknowledge(10, 2000), []); // the receiver waits for it too: it will be sent again
  assertEquals(acknowledge(19, 2000), ["1 gap 5", "1>late"]);
  assertEquals(tcp.statistics.missingOctets, 5);
});

Deno.test("TcpReassembler gives holes up rather than hold more than its limits", () => {
  const many = new TcpReassembler({ heldSegments: 2 });
  many.receive(segment(9, { flags: "S" }), 1, 0);
  const shown = [20, 30, 40].flatMap((at) => show(many.receive(segment(at, { text: "x" }), 1, 0)));
  assertEquals(shown, ["1 gap 10", "1>x"]);

  const large = new TcpReassembler({ heldOctets: 5 });
  large.receive(segment(9, { flags: "S" }), 1, 0);
  assertEquals(show(large.receive(segment(20, { text: "123456" }), 1, 0)), [
    "1 gap 10",
    "1>123456",
  ]);

  const total = new TcpReassembler({ heldTotal: 5 });
  for (const port of [1, 2]) total.receive(segment(9, { flags: "S", port }), 1, 0);
  assertEquals(show(total.receive(segment(20, { text: "123", port: 1 }), 1, 0)), []);
  assertEquals(show(total.receive(segment(20, { text: "456", port: 2 }), 1, 0)), [
    "2 gap 10",
    "2>456",
  ]);
});

Deno.test("TcpReassembler ends both directions at a reset, with what waited", () => {
  const tcp = new TcpReassembler();
  tcp.receive(segment(9, { flags: "S" }), 1, 0);
  tcp.receive(segment(12, { text: "x" }), 1, 0);
  assertEquals(show(tcp.receive(segment(0, { flags: "R", isReverse: true }), 2, 0)), [
    "1 gap 2",
    "1>x",
    "1 rst",
  ]);
  assertEquals(show(tcp.end()), []);
});

Deno.test("TcpReassembler tells a new connection between the same ends by its SYN", () => {
  const tcp = new TcpReassembler();
  tcp.receive(segment(9, { flags: "S" }), 1, 0);
  tcp.receive(segment(10, { text: "one" }), 2, 0);
  assertEquals(show(tcp.receive(segment(9, { flags: "S" }), 3, 0)), []); // the SYN again
  const shown = [
    ...tcp.receive(segment(5_000_000, { flags: "S" }), 4, 0),
    ...tcp.receive(segment(5_000_001, { text: "two" }), 5, 0),
  ];
  assertEquals(show(shown), ["1 lost", "1 lost", "2>two"]);
});

Deno.test("TcpReassembler gives up the connection that was silent longest", () => {
  const tcp = new TcpReassembler({ connections: 2 });
  for (const port of [1, 2]) tcp.receive(segment(1, { text: "a", port }), 1, 0);
  tcp.receive(segment(2, { text: "b", port: 1 }), 2, 0);
  assertEquals(show(tcp.receive(segment(1, { text: "c", port: 3 }), 3, 0)), [
    "2 lost",
    "2 lost",
    "3>c",
  ]);
});

Deno.test("TcpReassembler counts what was sent again", () => {
  const tcp = new TcpReassembler();
  for (const frame of [1, 2, 3]) tcp.receive(segment(1, { text: "same" }), frame, 0);
  assertEquals(tcp.statistics.retransmissions, 2);
});
