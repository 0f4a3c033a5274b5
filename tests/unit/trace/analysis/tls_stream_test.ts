import { assertEquals } from "@std/assert";
import { concatBytes, utf8 } from "../../../../lib/base/bytes.ts";
import { ByteWriter } from "../../../../lib/base/byte_writer.ts";
import { looksLikeTls, TlsStream } from "../../../../lib/trace/analysis/tls_stream.ts";
import { everySplit } from "../../../helpers/every_split.ts";

function record(type: number, body: Uint8Array): Uint8Array {
  return new ByteWriter().uint8(type).uint16(0x0303).uint16(body.length).bytes(body).finish();
}

function clientHello(name: string): Uint8Array {
  const host = utf8(name);
  const extension = new ByteWriter().uint16(0).uint16(host.length + 5).uint16(host.length + 3)
    .uint8(0).uint16(host.length).bytes(host).finish();
  const other = new ByteWriter().uint16(23).uint16(0).finish();
  const body = new ByteWriter().uint16(0x0303).bytes(new Uint8Array(32)).uint8(0)
    .uint16(2).uint16(0x1301).uint8(1).uint8(0)
    .uint16(extension.length + other.length).bytes(other).bytes(extension).finish();
  return record(22, concatBytes(Uint8Array.of(1, 0, 0, body.length), body));
}

Deno.test("TlsStream counts records and reads the server's name, whatever the split", () => {
  const octets = concatBytes(
    clientHello("relay.example.com"),
    record(20, Uint8Array.of(1)),
    record(23, new Uint8Array(40)),
    record(23, new Uint8Array(0)),
  );
  for (const { label, pieces } of everySplit(octets)) {
    const stream = new TlsStream();
    for (const piece of pieces) stream.receive(piece);
    assertEquals(stream.counts, {
      handshake: 1,
      application: 2,
      other: 1,
      octets: octets.length,
      serverName: "relay.example.com",
    }, label);
  }
});

Deno.test("TlsStream counts octets alone once it has lost its way", () => {
  const stream = new TlsStream();
  stream.receive(record(23, new Uint8Array(4)));
  stream.receiveGap();
  stream.receive(record(23, new Uint8Array(4)));
  assertEquals([stream.counts.application, stream.counts.octets], [1, 18]);
  const junk = new TlsStream();
  junk.receive(utf8("this is no TLS"));
  assertEquals(junk.counts.application, 0);
});

Deno.test("looksLikeTls() knows record headers", () => {
  assertEquals(looksLikeTls(record(22, new Uint8Array(1))), true);
  assertEquals(looksLikeTls(utf8("MSRP ")), false);
});
