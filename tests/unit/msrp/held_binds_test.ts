import { assertEquals } from "@std/assert";
import { PeerError } from "../../../lib/base/errors.ts";
import { parseMsrpPath } from "../../../lib/msrp/mod.ts";
import { HeldBinds } from "../../../lib/msrp/held_binds.ts";
import type { ChunkHead } from "../../../lib/msrp/chunk.ts";

const TO = "msrps://127.0.0.1:2855/ours1234;tcp";
const FROM = "msrps://127.0.0.1:2855/theirs12;tcp";

function head(method: string, to: string, more: Partial<ChunkHead> = {}): ChunkHead {
  return {
    startLine: { kind: "request", transactionId: "tid12345", method },
    toPath: parseMsrpPath(to),
    fromPath: parseMsrpPath(FROM),
    headers: [],
    ...more,
  };
}

Deno.test("HeldBinds.hold() keeps one SEND for each session that is awaited", () => {
  const held = new HeldBinds();
  const bind = head("SEND", TO);
  assertEquals(held.hold(bind, (id) => id === "ours1234"), true);
  assertEquals(held.hold(bind, () => true), false, "a second one");
  assertEquals(held.take("ours1234"), bind);
  assertEquals(held.take("ours1234"), undefined);
  assertEquals(held.hold(bind, () => true), true, "again, once the first was taken");
});

Deno.test("HeldBinds.hold() keeps nothing that is no bind of ours", () => {
  const held = new HeldBinds();
  const error = new PeerError("msrp/bad-header", "RFC 4975 §9", "expected a header field");
  for (
    const it of [
      head("REPORT", TO),
      head("NICKNAME", TO),
      head("SEND", `${TO} ${FROM}`),
      head("SEND", "msrps://127.0.0.1:2855;tcp"),
      head("SEND", TO, { problem: error }),
      head("SEND", TO, { startLine: { kind: "response", transactionId: "tid12345", code: 200 } }),
    ]
  ) assertEquals(held.hold(it, () => true), false);
  assertEquals(held.hold(head("SEND", TO), () => false), false);
});

Deno.test("HeldBinds.keep() drops what nobody awaits any more", () => {
  const held = new HeldBinds();
  held.hold(head("SEND", TO), () => true);
  held.hold(head("SEND", FROM), () => true);
  held.keep((id) => id === "theirs12");
  assertEquals([held.take("ours1234"), held.take("theirs12") !== undefined], [undefined, true]);
});
