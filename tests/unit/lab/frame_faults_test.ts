import { assertEquals } from "@std/assert";
import { fromLatin1, latin1 } from "../../../lib/base/ascii.ts";
import { concatBytes } from "../../../lib/base/bytes.ts";
import { MsrpFrameFilter, SipMessageCounter } from "../../../lib/lab/frame_faults.ts";
import { everySplit } from "../../helpers/every_split.ts";
import { frame, sendFrame } from "../../helpers/msrp_peer.ts";

const FRAMES = [
  sendFrame("one", { transactionId: "one12345" }),
  frame("200 OK", { transactionId: "two12345" }),
  sendFrame("", { transactionId: "three123", flag: "+" }),
  frame("REPORT", { transactionId: "four1234", headers: ["Status: 000 200 OK"] }),
];

Deno.test("MsrpFrameFilter takes whole frames out, however they are cut", () => {
  for (const { label, pieces } of everySplit(fromLatin1(FRAMES.join("")))) {
    let asked = 0;
    let ended = 0;
    const filter = new MsrpFrameFilter(() => ++asked % 2 === 0, () => ended++);
    const out = latin1(concatBytes(...pieces.map((it) => filter.feed(it))));
    assertEquals(out, `${FRAMES[0]}${FRAMES[2]}`, label);
    assertEquals([asked, ended], [4, 4], label);
  }
});

Deno.test("MsrpFrameFilter lets octets of a body pass as they come", () => {
  const filter = new MsrpFrameFilter(() => false, () => {});
  const [head = "", body = ""] = (FRAMES[0] ?? "").split("\r\n\r\n");
  assertEquals(filter.feed(fromLatin1(head)).length, 0, "the head may be that of a lost frame");
  assertEquals(latin1(filter.feed(fromLatin1("\r\n\r\n"))), `${head}\r\n\r\n`);
  assertEquals(latin1(filter.feed(fromLatin1(body.slice(0, 2)))), body.slice(0, 2));
});

Deno.test("MsrpFrameFilter lets what is no MSRP pass", () => {
  const filter = new MsrpFrameFilter(() => true, () => {});
  const out = [filter.feed(fromLatin1("\r\nGET ")), filter.feed(fromLatin1("/ HTTP/1.1"))];
  assertEquals(latin1(concatBytes(...out)), "\r\nGET / HTTP/1.1");
});

Deno.test("SipMessageCounter counts and changes nothing", () => {
  const message = "OPTIONS sip:a@b SIP/2.0\r\nContent-Length: 2\r\n\r\nhi";
  for (const { label, pieces } of everySplit(fromLatin1(`${message}\r\n\r\n${message}`))) {
    let count = 0;
    const counter = new SipMessageCounter(() => count++);
    const out = latin1(concatBytes(...pieces.map((it) => counter.feed(it))));
    assertEquals([out, count], [`${message}\r\n\r\n${message}`, 2], label);
  }
});
