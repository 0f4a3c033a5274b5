import { assertEquals } from "@std/assert";
import { type IpPacket, readIpPacket } from "../../../../lib/trace/capture/ip_packet.ts";
import { IpReassembler } from "../../../../lib/trace/capture/ip_reassembly.ts";
import { ipv4Packet } from "../../../helpers/capture_files.ts";

const WHOLE = Uint8Array.from({ length: 40 }, (_, at) => at);

function piece(from: number, to: number, id = 1): IpPacket {
  const packet = ipv4Packet(17, WHOLE.subarray(from, to), { id, offset: from, hasMore: to < 40 });
  const read = readIpPacket(packet);
  if (read === undefined) throw new Error("the helper wrote no packet");
  return read;
}

Deno.test("IpReassembler puts fragments together in any order", () => {
  const pieces = [piece(0, 16), piece(16, 32), piece(32, 40)];
  for (const order of [[0, 1, 2], [2, 1, 0], [1, 0, 2], [2, 0, 1]]) {
    const reassembler = new IpReassembler();
    const results = order.map((at) => reassembler.receive(pieces[at] ?? piece(0, 16), 0));
    assertEquals(results.map((it) => it.type), ["waiting", "waiting", "packet"]);
    const last = results[2];
    assertEquals(last?.type === "packet" && last.packet.payload, WHOLE);
    assertEquals(last?.type === "packet" && last.packet.fragment, undefined);
  }
});

Deno.test("IpReassembler ignores a duplicate and drops a packet whose fragments overlap (RFC 5722)", () => {
  const reassembler = new IpReassembler();
  reassembler.receive(piece(0, 16), 0);
  assertEquals(reassembler.receive(piece(0, 16), 0).type, "waiting");
  assertEquals(reassembler.receive(piece(8, 24), 0).type, "bad");
  assertEquals(reassembler.waiting, 0);
});

Deno.test("IpReassembler keeps packets with other identifications apart", () => {
  const reassembler = new IpReassembler();
  reassembler.receive(piece(0, 16, 1), 0);
  assertEquals(reassembler.receive(piece(16, 40, 2), 0).type, "waiting");
  assertEquals(reassembler.waiting, 2);
  assertEquals(reassembler.receive(piece(16, 40, 1), 0).type, "packet");
});

Deno.test("IpReassembler forgets by age and by number", () => {
  const reassembler = new IpReassembler({ packets: 2, timeout: 1000 });
  for (const id of [1, 2, 3]) reassembler.receive(piece(0, 16, id), 0);
  assertEquals(reassembler.waiting, 2);
  reassembler.receive(piece(0, 16, 4), 1001);
  assertEquals(reassembler.waiting, 1);
});

Deno.test("IpReassembler lets whole packets through and refuses cut-off fragments", () => {
  const reassembler = new IpReassembler();
  const whole = readIpPacket(ipv4Packet(17, WHOLE));
  if (whole === undefined) throw new Error("the helper wrote no packet");
  assertEquals(reassembler.receive(whole, 0), { type: "packet", packet: whole });
  const cut = { ...piece(0, 16), payload: WHOLE.subarray(0, 8) };
  assertEquals(reassembler.receive(cut, 0).type, "bad");
});
