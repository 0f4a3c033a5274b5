/** The CSeq header field. */
import { assertEquals, assertThrows } from "@std/assert";
import { PeerError } from "../../../../lib/base/errors.ts";
import { parseCSeq, writeCSeq } from "../../../../lib/sip/message/cseq.ts";

Deno.test("parseCSeq() reads number and method, whatever the blanks and leading zeros", () => {
  assertEquals(parseCSeq("0009 \t INVITE"), { number: 9, method: "INVITE" });
  assertEquals(parseCSeq("0 !x*"), { number: 0, method: "!x*" });
});

Deno.test("parseCSeq() refuses 2^31, signs, and what is missing", () => {
  for (const bad of ["2147483648 BYE", "-1 BYE", "1", "BYE", "1 BYE x", "", "1e3 BYE"]) {
    assertThrows(() => parseCSeq(bad), PeerError);
  }
});

Deno.test("writeCSeq() is the inverse of parseCSeq()", () => {
  assertEquals(parseCSeq(writeCSeq({ number: 2 ** 31 - 1, method: "BYE" })), {
    number: 2 ** 31 - 1,
    method: "BYE",
  });
});
