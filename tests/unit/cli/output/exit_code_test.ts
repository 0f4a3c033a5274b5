import { assertEquals } from "@std/assert";
import { EXIT, exitStatusOf } from "../../../../cli/output/exit_code.ts";
import { CliError, unsupportedError, usageError } from "../../../../cli/output/cli_error.ts";
import { PeerError, SottoError } from "../../../../lib/base/mod.ts";

Deno.test("EXIT is what scripts rely on", () => {
  assertEquals(EXIT, {
    ok: 0,
    failed: 1,
    usage: 2,
    network: 3,
    peer: 4,
    untrusted: 5,
    timeout: 6,
    unencrypted: 7,
    damaged: 8,
    unsupported: 127,
    interrupted: 130,
    terminated: 143,
  });
});

Deno.test("exitStatusOf() maps errors by what they say, by code, and by room", () => {
  const statuses: [unknown, number][] = [
    [usageError("x"), 2],
    [unsupportedError("x"), 127],
    [new CliError("cli/conversation", 7, "x"), 7],
    [new SottoError("transport/refused", "x"), 3],
    [new SottoError("transport/timeout", "x"), 6],
    [new SottoError("storage/unreadable-key", "x"), 8],
    [new SottoError("storage/lock-timeout", "x"), 6],
    [new SottoError("trace/unknown-format", "x"), 8],
    [new SottoError("session/untrusted", "x"), 5],
    [new PeerError("msrp/bad-start-line", "RFC 4975 §9", "x"), 4],
    [new SottoError("msrp/out-of-order", "x"), 1],
    [new TypeError("x"), 1],
    ["thrown text", 1],
  ];
  for (const [error, status] of statuses) assertEquals(exitStatusOf(error), status, String(error));
});
