import { assertEquals, assertThrows } from "@std/assert";
import { latin1 } from "../../../lib/base/ascii.ts";
import { writeSendHead } from "../../../lib/msrp/send_head.ts";
import { parseMsrpUri } from "../../../lib/msrp/uri.ts";
import { OURS, THEIRS } from "../../helpers/msrp_peer.ts";

const SESSION = {
  id: "s",
  toPath: [parseMsrpUri(THEIRS)],
  fromPath: [parseMsrpUri(OURS)],
  chunkSize: 10,
  interruptible: true,
};
const MESSAGE = {
  messageId: "msg45678",
  contentType: "image/jpeg",
  body: { length: 30 },
  successReport: true,
  failureReport: "partial",
  headers: [{ name: "Content-Disposition", value: "attachment" }],
} as const;

Deno.test("writeSendHead() counts positions from 1 and puts Content-Type last", () => {
  const head = writeSendHead(SESSION, MESSAGE, { position: 10, length: 30 }, "tid12345", "*");
  assertEquals(latin1(head).split("\r\n").slice(3), [
    "Message-ID: msg45678",
    "Byte-Range: 11-*/30",
    "Success-Report: yes",
    "Failure-Report: partial",
    "Content-Disposition: attachment",
    "Content-Type: image/jpeg",
    "",
    "",
  ]);
});

Deno.test("writeSendHead() refuses a header field that would be two", () => {
  const message = { ...MESSAGE, headers: [{ name: "X", value: "a\r\nY: b" }] };
  const at = { position: 0, length: 30 };
  assertThrows(() => writeSendHead(SESSION, message, at, "tid12345", 10), TypeError);
});
