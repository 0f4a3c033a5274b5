/** Framing: limits and what happens after a break. Splits are in tests/conformance/rfc3261. */
import { assert, assertEquals } from "@std/assert";
import { utf8 } from "../../../../lib/base/bytes.ts";
import { type Framed, StreamFramer } from "../../../../lib/sip/message/stream_framer.ts";
import { requestText } from "../../../helpers/scripted_sip.ts";

function codeOf(framed: Framed | undefined): string {
  assert(framed?.type === "broken");
  return framed.error.code;
}

Deno.test("StreamFramer breaks on a head without end, a body without bounds, and on no SIP", () => {
  const endless = utf8("OPTIONS sip:x SIP/2.0\r\n".padEnd(300, "x"));
  assertEquals(codeOf(new StreamFramer({ head: 200 }).feed(endless)[0]), "sip/message-too-long");
  const huge = utf8(
    requestText("INVITE").replace("Content-Length: 0", "Content-Length: 1073741824"),
  );
  const [framed] = new StreamFramer().feed(huge);
  assertEquals(codeOf(framed), "sip/message-too-long");
  assert(framed?.type === "broken" && framed.head !== undefined);
  assertEquals(
    codeOf(new StreamFramer().feed(utf8("GET / HTTP/1.1\r\n\r\n"))[0]),
    "sip/bad-framing",
  );
});

Deno.test("StreamFramer says nothing more after it broke", () => {
  const framer = new StreamFramer();
  assertEquals(framer.feed(utf8("x\r\n\r\n")).length, 1);
  assertEquals(framer.feed(utf8(requestText("OPTIONS"))), []);
  assertEquals(framer.isInsideMessage, false);
});

Deno.test("StreamFramer knows whether a message is unfinished", () => {
  const framer = new StreamFramer();
  const bytes = utf8(requestText("INVITE", { body: "abc" }));
  framer.feed(bytes.subarray(0, -1));
  assertEquals(framer.isInsideMessage, true);
  assertEquals(framer.feed(bytes.subarray(-1)).length, 1);
});
