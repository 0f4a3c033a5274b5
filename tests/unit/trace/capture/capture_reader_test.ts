import { assertEquals } from "@std/assert";
import { utf8 } from "../../../../lib/base/bytes.ts";
import { CaptureReader } from "../../../../lib/trace/capture/capture_reader.ts";
import { PcapReader } from "../../../../lib/trace/capture/pcap_reader.ts";
import { writeUdpPacket } from "../../../../lib/trace/capture/synthetic_packet.ts";
import { pcapFile } from "../../../helpers/capture_files.ts";

const END = { address: Uint8Array.of(192, 0, 2, 1), port: 5060 };

Deno.test("CaptureReader turns packets into arrivals and passes the file's own findings on", () => {
  const file = pcapFile([{ at: 1500, data: writeUdpPacket(END, END, utf8("x")) }]);
  const reader = new CaptureReader(new PcapReader());
  const arrivals = [...reader.feed(file), ...reader.feed(Uint8Array.of(1)), ...reader.end()];
  assertEquals(arrivals.map((it) => it.type), ["datagram", "finding"]);
  assertEquals(arrivals[0]?.type === "datagram" && [arrivals[0].frame, arrivals[0].at], [1, 1500]);
});
