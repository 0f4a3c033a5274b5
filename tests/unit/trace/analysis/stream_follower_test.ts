import { assertEquals } from "@std/assert";
import { utf8 } from "../../../../lib/base/bytes.ts";
import type { Sighting } from "../../../../lib/trace/arrival.ts";
import { StreamFollower } from "../../../../lib/trace/analysis/stream_follower.ts";
import { responseFrame } from "../../../helpers/capture_files.ts";

function at(frame: number): Sighting {
  return { frame, at: undefined, src: undefined, dst: undefined };
}

Deno.test("StreamFollower finds out what it follows, also octet by octet", () => {
  const follower = new StreamFollower();
  const octets = responseFrame("abcd");
  const events = Array.from(
    octets,
    (octet, index) => follower.receive(at(index + 1), Uint8Array.of(octet)),
  ).flat();
  assertEquals(follower.kind, "msrp");
  assertEquals(events.length, 1);
  const [only] = events;
  const chunk = only?.protocol === "msrp" && only.event.type === "chunk" && only.event.chunk;
  assertEquals(chunk && [chunk.seen.frame, chunk.lastSeen.frame], [1, octets.length]);
  assertEquals(follower.octets, octets.length);
});

Deno.test("StreamFollower believes what it is told by others", () => {
  const follower = new StreamFollower();
  assertEquals(follower.receive(at(1), utf8("the end of a body\r\n-------x")), []);
  assertEquals(follower.become("unknown"), []);
  assertEquals(follower.become("msrp").map((it) => it.event.type), ["fault"]);
  assertEquals(follower.become("sip"), []);
  assertEquals(follower.kind, "msrp");
});

Deno.test("StreamFollower counts TLS and passes over what it does not know", () => {
  const tls = new StreamFollower();
  tls.receive(at(1), Uint8Array.of(23, 3, 3, 0, 1, 9));
  assertEquals([tls.kind, tls.tls?.application], ["tls", 1]);
  const other = new StreamFollower();
  for (let count = 0; count < 20; count++) other.receive(at(1), utf8("x".repeat(1000)));
  assertEquals(other.kind, "other");
  assertEquals(other.receive(at(2), responseFrame("abcd")), []);
});

Deno.test("StreamFollower passes holes and ends on", () => {
  const follower = new StreamFollower("msrp");
  follower.receive(at(1), utf8("MSRP abcd SEND\r\nTo-Path: x\r\n"));
  assertEquals(follower.receiveGap(5).length > 0, true);
  assertEquals(follower.end(), []);
  assertEquals(new StreamFollower().receiveGap(5), []);
});
