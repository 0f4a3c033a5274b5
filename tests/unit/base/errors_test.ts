import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import { PeerError, SottoError } from "../../../lib/base/errors.ts";

Deno.test("SottoError carries its code and its cause", () => {
  const cause = new TypeError("closed");
  const error = new SottoError("transport/reset", "the connection was reset", { cause });
  assertEquals([error.name, error.code, error.message], [
    "SottoError",
    "transport/reset",
    "the connection was reset",
  ]);
  assertEquals(error.cause, cause);
});

Deno.test("PeerError is a SottoError that names the rule and, where known, the place", () => {
  const error = new PeerError("msrp/bad-start-line", "RFC 4975 §9", "expected a start line", {
    offset: 12,
  });
  assertInstanceOf(error, SottoError);
  assertEquals([error.name, error.rule, error.offset], ["PeerError", "RFC 4975 §9", 12]);
  assert(new PeerError("msrp/bad-uri", "RFC 4975 §6", "x").offset === undefined);
});
