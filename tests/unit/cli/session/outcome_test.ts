import { assertEquals, assertThrows } from "@std/assert";
import { exitStatusOf } from "../../../../cli/output/exit_code.ts";
import { throwUnlessDone } from "../../../../cli/session/outcome.ts";
import { SottoError } from "../../../../lib/base/mod.ts";
import type { ConversationFailure } from "../../../../lib/harness/mod.ts";

Deno.test("throwUnlessDone() gives every failure the status that the contract promises", () => {
  const statuses: Record<ConversationFailure["kind"], number> = {
    "expectation": 1,
    "file": 1,
    "delivery-answered": 1,
    "smp-mismatch": 1,
    "nickname-refused": 1,
    "delivery-lost": 3,
    "ended": 3,
    "smp-cheated": 4,
    "smp-refused": 4,
    "delivery-silent": 6,
    "smp-timeout": 6,
    "refused": 7,
  };
  for (const [kind, status] of Object.entries(statuses)) {
    const failure = { kind, place: "--send", message: "x" } as ConversationFailure;
    const error = assertThrows(() => throwUnlessDone({ outcome: "failed", failure }));
    assertEquals([exitStatusOf(error), error.message], [status, "--send: x"], kind);
  }
});

Deno.test("throwUnlessDone() says 5 when it was trust that forbade sending", () => {
  const failure: ConversationFailure = { kind: "refused", place: "--send", message: "x" };
  const refused = { outcome: "failed", failure } as const;
  const error = assertThrows(() => throwUnlessDone(refused, "session/untrusted"));
  assertEquals(exitStatusOf(error), 5);
  assertEquals(
    exitStatusOf(assertThrows(() => throwUnlessDone(refused, "session/unencrypted"))),
    7,
  );
});

Deno.test("throwUnlessDone() passes errors on, with a hint where there is one", () => {
  const refused = new SottoError("transport/refused", "nobody");
  const error = assertThrows(() => throwUnlessDone({ outcome: "error", error: refused }));
  assertEquals(
    [exitStatusOf(error), (error as { hint?: string }).hint],
    [3, "nobody listens there: check host, port and --transport"],
  );
  const other = new SottoError("session/failed", "x");
  assertEquals(assertThrows(() => throwUnlessDone({ outcome: "error", error: other })), other);
});

Deno.test("throwUnlessDone() returns when all is well", () => {
  throwUnlessDone({ outcome: "done" });
  throwUnlessDone({ outcome: "done" }, "session/untrusted");
});
