import { assertEquals } from "@std/assert";
import { latin1 } from "../../../../lib/base/ascii.ts";
import { concatBytes, equalBytes, utf8 } from "../../../../lib/base/bytes.ts";
import type { WireRecord } from "../../../../lib/base/wire_tap.ts";
import type { Arrival } from "../../../../lib/trace/arrival.ts";
import { PcapngWriter } from "../../../../lib/trace/capture/pcapng_writer.ts";
import { TraceInput } from "../../../../lib/trace/trace_input.ts";

const BASE: WireRecord = {
  at: 1_700_000_000_123.456,
  direction: "out",
  protocol: "msrp",
  transport: "tls",
  local: { host: "192.0.2.1", port: 40000 },
  remote: { host: "192.0.2.2", port: 2855 },
  data: utf8("x"),
};

function readBack(...records: WireRecord[]): Arrival[] {
  const writer = new PcapngWriter({ application: "sotto test" });
  const file = concatBytes(writer.start(), ...records.map((it) => writer.record(it)), writer.end());
  const input = new TraceInput();
  return [...input.feed(file), ...input.end()];
}

Deno.test("PcapngWriter writes streams that read back in order, with time and direction", () => {
  const arrivals = readBack(
    { ...BASE, data: utf8("ask") },
    { ...BASE, direction: "in", data: utf8("answer") },
    { ...BASE, data: utf8("again") },
  ).filter((it) => it.type === "octets");
  assertEquals(arrivals.map((it) => latin1(it.data)), ["ask", "answer", "again"]);
  assertEquals(arrivals.map((it) => it.src?.port), [40000, 2855, 40000]);
  assertEquals(arrivals[0]?.at?.toFixed(3), "1700000000123.456");
  assertEquals(new Set(arrivals.map((it) => it.connection)).size, 1);
});

Deno.test("PcapngWriter begins every TCP flow with a handshake, once", () => {
  const writer = new PcapngWriter();
  writer.start();
  const blocks = (octets: Uint8Array) => {
    let count = 0;
    const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
    for (let at = 0; at < octets.length; at += view.getUint32(at + 4)) count++;
    return count;
  };
  assertEquals(blocks(writer.record(BASE)), 4);
  assertEquals(blocks(writer.record(BASE)), 1);
  assertEquals(blocks(writer.record({ ...BASE, transport: "udp" })), 1);
});

Deno.test("PcapngWriter cuts what no packet can hold, and loses nothing", () => {
  const data = new Uint8Array(200_000).map((_, at) => at % 251);
  const arrivals = readBack({ ...BASE, data }).filter((it) => it.type === "octets");
  assertEquals(arrivals.length, 4);
  assertEquals(equalBytes(concatBytes(...arrivals.map((it) => it.data)), data), true);
});

Deno.test("PcapngWriter takes IPv6, mapped and mixed addresses, and what is no address", () => {
  const ends: [string, string, string | undefined, string | undefined][] = [
    ["::1", "::1", "::1", "::1"],
    ["::ffff:192.0.2.1", "192.0.2.2", "192.0.2.1", "192.0.2.2"],
    ["fe80::1%eth0", "2001:db8::2", "fe80::1", "2001:db8::2"],
    ["192.0.2.1", "2001:db8::2", "::ffff:c000:201", "2001:db8::2"],
    ["localhost", "192.0.2.2", "0.0.0.0", "192.0.2.2"],
  ];
  for (const [local, remote, src, dst] of ends) {
    const [arrival] = readBack({
      ...BASE,
      transport: "udp",
      local: { host: local, port: 5060 },
      remote: { host: remote, port: 5061 },
    });
    assertEquals(arrival?.type === "datagram" && [arrival.src?.host, arrival.dst?.host], [
      src,
      dst,
    ]);
  }
});

Deno.test("PcapngWriter says in the file what is made up and that TLS was removed", () => {
  const writer = new PcapngWriter({ application: "sotto test" });
  const text = latin1(concatBytes(writer.start(), writer.record(BASE)));
  assertEquals(text.includes("synthesised"), true);
  assertEquals(text.includes("sotto test"), true);
  assertEquals(text.includes("sent inside TLS, which was removed"), true);
});

Deno.test("PcapngWriter lets the reader know which octets went through TLS", () => {
  const transports = (["tls", "tcp"] as const).map((transport) =>
    readBack({ ...BASE, transport }).map((it) => it.type === "octets" && it.transport)[0]
  );
  assertEquals(transports, ["tls", "tcp"]);
});
