import { assertEquals } from "@std/assert";
import { concatBytes, utf8 } from "../../../../lib/base/bytes.ts";
import type { Sighting } from "../../../../lib/trace/arrival.ts";
import {
  looksLikeSip,
  SipStream,
  type SipStreamEvent,
} from "../../../../lib/trace/analysis/sip_stream.ts";
import { everySplit } from "../../../helpers/every_split.ts";

const MESSAGE = utf8(
  "OPTIONS sip:bob@192.0.2.2 SIP/2.0\r\nVia: SIP/2.0/TCP 192.0.2.1;branch=z9hG4bK1\r\n" +
    "From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\nCall-ID: x\r\nCSeq: 1 OPTIONS\r\n" +
    "Max-Forwards: 70\r\nContent-Length: 2\r\n\r\nhi",
);

function at(frame: number): Sighting {
  return { frame, at: undefined, src: undefined, dst: undefined };
}

function frames(events: readonly SipStreamEvent[]): [string, number][] {
  return events.map((it) => [it.type, it.seen.frame]);
}

Deno.test("SipStream finds messages and where each began, whatever the split", () => {
  for (const { label, pieces } of everySplit(concatBytes(MESSAGE, utf8("\r\n\r\n"), MESSAGE))) {
    const stream = new SipStream();
    const events = pieces.flatMap((it, index) => stream.receive(at(index + 1), it));
    assertEquals(events.map((it) => it.type), ["message", "message"], label);
    assertEquals(events[0]?.seen.frame, 1, label);
  }
});

Deno.test("SipStream finds its way after a fault and after a hole", () => {
  const stream = new SipStream();
  const bad = utf8("OPTIONS sip:b SIP/2.0\r\nContent-Length: x\r\n\r\n");
  assertEquals(frames(stream.receive(at(1), bad)), [["fault", 1]]);
  assertEquals(stream.receive(at(2), utf8("the rest of it")), []);
  assertEquals(frames(stream.receive(at(3), MESSAGE)), [["message", 3]]);
  stream.receive(at(4), MESSAGE.subarray(0, 50));
  stream.receiveGap();
  assertEquals(stream.receive(at(5), MESSAGE.subarray(80)), []);
  assertEquals(frames(stream.receive(at(6), MESSAGE)), [["message", 6]]);
});

Deno.test("looksLikeSip() knows start lines", () => {
  for (const text of ["SIP/2.0 200 OK", "\r\nINVITE sip:b", "FOO urn:x:y SIP/2.0\r\n"]) {
    assertEquals(looksLikeSip(utf8(text)), true, text);
  }
  for (const text of ["", "\r\n\r\n", "HTTP/1.1 200 OK\r\n", "hello sip:bob"]) {
    assertEquals(looksLikeSip(utf8(text)), false, text);
  }
});
