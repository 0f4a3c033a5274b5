import { assertEquals, assertThrows } from "@std/assert";
import { PeerError } from "../../../lib/base/errors.ts";
import {
  checkStatusCode,
  isSuccess,
  parseStatus,
  statusComment,
  writeStatus,
} from "../../../lib/msrp/status.ts";

Deno.test("parseStatus() and writeStatus() are each other's inverse", () => {
  for (const text of ["000 200", "000 200 OK", "123 999 any words"]) {
    assertEquals(writeStatus(parseStatus(text)), text);
  }
  assertEquals(assertThrows(() => parseStatus("200 OK"), PeerError).code, "msrp/bad-status");
});

Deno.test("writeStatus() and checkStatusCode() want three digits", () => {
  assertThrows(() => writeStatus({ namespace: "0", code: 200 }), RangeError);
  for (const bad of [0, 99, 1_000, 200.5, NaN]) {
    assertThrows(() => checkStatusCode(bad), RangeError);
  }
});

Deno.test("isSuccess() and statusComment() know the codes of RFC 4975 §10", () => {
  assertEquals([200, 299, 199, 300, 408].map(isSuccess), [true, true, false, false, false]);
  for (const code of [200, 400, 403, 408, 413, 415, 423, 481, 501, 506]) {
    assertEquals(statusComment(code) === "Failed", false);
  }
});

Deno.test("parseStatus() reads a comment with the line separators of Unicode, which end no line of MSRP", () => {
  const comment = "so\u2028and\u2029so";
  assertEquals(parseStatus(`000 200 ${comment}`), { namespace: "000", code: 200, comment });
});
