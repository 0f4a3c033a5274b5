import { assertEquals } from "@std/assert";
import type { Sighting } from "../../../../lib/trace/arrival.ts";
import { latin1 } from "../../../../lib/base/ascii.ts";
import { utf8 } from "../../../../lib/base/bytes.ts";
import { type DirectionOutput, TcpDirection } from "../../../../lib/trace/capture/tcp_direction.ts";

function at(frame: number): Sighting {
  return { frame, at: frame, src: undefined, dst: undefined };
}

function show(outputs: readonly DirectionOutput[]): string {
  return outputs.map((it) =>
    it.type === "octets" ? latin1(it.data) : it.type === "gap" ? `<${it.octets}>` : "FIN"
  ).join("|");
}

class Told {
  readonly direction = new TcpDirection();
  #frame = 0;
  constructor(isn: number) {
    this.direction.synchronise(isn);
  }
  segment(sequence: number, text: string, isFin = false): string {
    const payload = utf8(text);
    const seen = at(++this.#frame);
    return show(this.direction.receive(seen, sequence >>> 0, payload, payload.length, isFin));
  }
}

Deno.test("TcpDirection hands octets out in order, whatever the order of segments", () => {
  const told = new Told(99);
  assertEquals(told.segment(103, "de"), "");
  assertEquals(told.segment(105, "f"), "");
  assertEquals(told.segment(100, "abc"), "abc|de|f");
  assertEquals(told.direction.held, 0);
});

Deno.test("TcpDirection drops what it has seen and keeps the new part of an overlap", () => {
  const told = new Told(99);
  assertEquals(told.segment(100, "abc"), "abc");
  assertEquals(told.segment(100, "abc"), "");
  assertEquals(told.segment(101, "XXd"), "d");
  assertEquals(told.direction.retransmissions, 1);
});

Deno.test("TcpDirection lets the first of two waiting runs stand where they overlap", () => {
  const told = new Told(99);
  told.segment(102, "cd");
  told.segment(103, "DEF");
  assertEquals(told.segment(100, "ab"), "ab|cd|EF");
});

Deno.test("TcpDirection follows sequence numbers across their end", () => {
  const told = new Told(0xffff_fffd);
  assertEquals(told.segment(0xffff_fffe, "ab"), "ab");
  assertEquals(told.segment(2, "ef"), "");
  assertEquals(told.segment(0, "cd"), "cd|ef");
});

Deno.test("TcpDirection counts far past 2^32 octets", () => {
  const told = new Told(99);
  let sequence = 100;
  const block = "x".repeat(65_536);
  for (let sent = 0; sent < 2 ** 32 + 65_536; sent += 65_536 * 4096) {
    // A hole of nearly 2^28 octets, given up at once: the position grows as if it had been there.
    told.segment(sequence + 65_536 * 4095, block);
    assertEquals(show(told.direction.skipHole(at(1))).startsWith("<"), true);
    sequence = (sequence + 65_536 * 4096) >>> 0;
  }
  assertEquals(told.segment(sequence, "end"), "end");
});

Deno.test("TcpDirection begins where the capture does when it has seen no SYN", () => {
  const direction = new TcpDirection();
  assertEquals(show(direction.receive(at(1), 5000, utf8("mid"), 3, false)), "mid");
  assertEquals(direction.isForeignSyn(4999), false);
  assertEquals(direction.isForeignSyn(77), true);
});

Deno.test("TcpDirection reports a FIN once, after the octets before it", () => {
  const told = new Told(99);
  assertEquals(told.segment(103, "d", true), "");
  assertEquals(told.segment(100, "abc"), "abc|d|FIN");
  assertEquals(told.segment(104, "", true), "");
  assertEquals(told.direction.isFinished, true);
});

Deno.test("TcpDirection makes a hole of what the capture has cut off", () => {
  const direction = new TcpDirection();
  direction.synchronise(99);
  assertEquals(show(direction.receive(at(1), 100, utf8("ab"), 10, false)), "ab|<8>");
  assertEquals(show(direction.receive(at(2), 110, utf8("cd"), 2, false)), "cd");
  // Behind a hole it has to wait its turn.
  assertEquals(show(direction.receive(at(3), 114, utf8("x"), 5, false)), "");
  assertEquals(show(direction.receive(at(4), 112, utf8("ef"), 2, false)), "ef|x");
});

Deno.test("TcpDirection knows whether an acknowledgement is past the hole", () => {
  const told = new Told(99);
  told.segment(100, "ab");
  told.segment(105, "fg");
  assertEquals(told.direction.isPastHole(102), false);
  assertEquals(told.direction.isPastHole(107), true);
  assertEquals(show(told.direction.finish(at(9))), "<3>|fg");
});

Deno.test("TcpDirection says where octets were seen, not where they were waited for", () => {
  const direction = new TcpDirection();
  direction.synchronise(99);
  direction.receive(at(1), 101, utf8("b"), 1, false);
  const outputs = direction.receive(at(2), 100, utf8("a"), 1, false);
  assertEquals(outputs.map((it) => it.seen.frame), [2, 1]);
});
