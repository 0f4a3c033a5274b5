import { assertEquals } from "@std/assert";
import { fromLatin1, latin1 } from "../../../lib/base/ascii.ts";
import type { WireRecord } from "../../../lib/base/wire_tap.ts";
import { FrameTap } from "../../../lib/session/frame_tap.ts";
import { everySplit } from "../../helpers/every_split.ts";
import { frame, sendFrame } from "../../helpers/msrp_peer.ts";

function record(data: Uint8Array, direction: "in" | "out" = "in", at = 0): WireRecord {
  return {
    at,
    direction,
    protocol: "msrp",
    transport: "tcp",
    local: { host: "127.0.0.1", port: 1 },
    remote: { host: "127.0.0.1", port: 2 },
    data,
  };
}

Deno.test("FrameTap passes on one frame a record, however the stream is cut", () => {
  const frames = [sendFrame("one"), frame("200 OK"), sendFrame("", { flag: "+" })];
  for (const { label, pieces } of everySplit(fromLatin1(frames.join("")))) {
    const seen: string[] = [];
    const tap = new FrameTap((it) => seen.push(latin1(it.data)));
    for (const piece of pieces) tap.record(record(piece));
    tap.flush();
    assertEquals(seen, frames, label);
  }
});

Deno.test("FrameTap keeps the directions apart, and the time of the last octet", () => {
  const seen: [string, number, number][] = [];
  const tap = new FrameTap((it) => seen.push([it.direction, it.at, it.data.length]));
  const text = fromLatin1(sendFrame("hello"));
  tap.record(record(text.subarray(0, 30), "out", 1));
  tap.record(record(text.subarray(0, 20), "in", 2));
  tap.record(record(text.subarray(30), "out", 3));
  tap.record(record(text.subarray(20), "in", 4));
  assertEquals(seen, [["out", 3, text.length], ["in", 4, text.length]]);
});

Deno.test("FrameTap records junk and unfinished frames as they are", () => {
  const seen: string[] = [];
  const tap = new FrameTap((it) => seen.push(latin1(it.data)));
  tap.record(record(fromLatin1(`${sendFrame("x")}junk`)));
  tap.record(record(fromLatin1("more junk")));
  assertEquals(seen, [sendFrame("x"), "junk", "more junk"]);
  const cut: string[] = [];
  const unfinished = new FrameTap((it) => cut.push(latin1(it.data)));
  unfinished.record(record(fromLatin1("MSRP abcd SE")));
  assertEquals(cut, []);
  unfinished.flush();
  unfinished.flush();
  assertEquals(cut, ["MSRP abcd SE"]);
});

Deno.test("FrameTap does not hold back a frame above a mebibyte", () => {
  const sizes: number[] = [];
  const tap = new FrameTap((it) => sizes.push(it.data.length));
  const text = fromLatin1(sendFrame("x".repeat(3_000_000)));
  for (let at = 0; at < text.length; at += 65_536) {
    tap.record(record(text.subarray(at, at + 65_536)));
  }
  tap.flush();
  assertEquals(sizes.length, 3);
  assertEquals(sizes.reduce((sum, it) => sum + it, 0), text.length);
});
