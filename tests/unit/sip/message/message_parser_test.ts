/** Octets → verdicts: the limits and corners that no clause of the checklist names. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { concatBytes, utf8 } from "../../../../lib/base/bytes.ts";
import { PeerError } from "../../../../lib/base/errors.ts";
import {
  contentLength,
  judgeSipMessage,
  type MessageLimits,
  parseSipMessage,
} from "../../../../lib/sip/message/message_parser.ts";
import { requestText } from "../../../helpers/scripted_sip.ts";

function verdict(text: string | Uint8Array, limits: MessageLimits = {}): string {
  const bytes = typeof text === "string" ? utf8(text) : text;
  const judged = judgeSipMessage(bytes, { transport: "udp", limits });
  return judged.verdict === "answer" ? String(judged.status) : judged.verdict;
}

Deno.test("judgeSipMessage() limits the head, the number of header fields and the body", () => {
  const text = requestText("OPTIONS");
  const head = text.length - 4;
  assertEquals(verdict(text, { head }), "valid");
  assertEquals(verdict(text, { head: head - 1 }), "drop");
  assertEquals(verdict(text, { headerFields: 8 }), "valid");
  assertEquals(verdict(text, { headerFields: 7 }), "513");
  const long = requestText("INVITE", { body: "x".repeat(11) });
  assertEquals(verdict(long, { body: 11 }), "valid");
  assertEquals(verdict(long, { body: 10 }), "413");
});

Deno.test("judgeSipMessage() drops what is no SIP at all", () => {
  for (
    const text of ["", "\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", "\u0000\u0001\u0000\u0000", "SIP"]
  ) {
    assertEquals(verdict(text), "drop", text);
  }
});

Deno.test("judgeSipMessage() wants UTF-8, line ends of two octets, and names before colons", () => {
  const text = requestText("OPTIONS", { headers: ["X-A: b"] });
  assertEquals(verdict(text.replace("X-A: b", "X-A: é")), "valid");
  const latin = Uint8Array.from(text.replace("X-A: b", "X-A: é"), (it) => it.charCodeAt(0));
  assertEquals(verdict(latin), "400");
  assertEquals(verdict(text.replace("X-A: b", "X-A: b\nX-B: c")), "400");
  assertEquals(verdict(text.replace("X-A: b", "X-A: b\rX-B: c")), "400");
  assertEquals(verdict(text.replace("X-A: b", "no colon here")), "400");
  assertEquals(verdict(text.replace("X-A: b", ": b")), "400");
  assertEquals(verdict(text.replace("\r\n\r\n", "\r\n")), "400");
});

Deno.test("judgeSipMessage() hands over what it could read of a request that it refuses", () => {
  const judged = judgeSipMessage(utf8(requestText("OPTIONS").replace("CSeq: 1", "CSeq: x")), {
    transport: "udp",
  });
  assert(judged.verdict === "answer");
  assertEquals(judged.request.method, "OPTIONS");
  assertEquals(judged.error.rule, "RFC 3261 §8.1.1.5");
});

Deno.test("parseSipMessage() throws where the verdict is not valid", () => {
  assertThrows(() => parseSipMessage(utf8("x"), { transport: "udp" }), PeerError);
  const bytes = utf8(requestText("OPTIONS"));
  const message = parseSipMessage(concatBytes(bytes, utf8("noise")), { transport: "udp" });
  assertEquals(message.body.length, 0);
  assertEquals(contentLength(message), 0);
});

Deno.test("judgeSipMessage() keeps its own copy of the body", () => {
  const bytes = utf8(requestText("INVITE", { body: "abc" }));
  const message = parseSipMessage(bytes, { transport: "udp" });
  bytes.fill(0);
  assertEquals(message.body, utf8("abc"));
});
