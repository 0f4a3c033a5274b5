import { assertEquals, assertThrows } from "@std/assert";
import { frame } from "../../../helpers/msrp_peer.ts";
import { RelayBench } from "../../../helpers/relay_bench.ts";

Deno.test("RelayAuthorizations.begin() takes each name once, and so many at a time", () => {
  const bench = new RelayBench({ limits: { authorizations: 2 } }).ask();
  assertThrows(() => bench.ask(), RangeError, "begun already");
  bench.ask({ id: "b" });
  assertThrows(() => bench.ask({ id: "c" }), RangeError, "too many");
  bench.core.forgetAuthorization("b");
  bench.ask({ id: "c" });
});

Deno.test("RelayAuthorizations run side by side on one connection", () => {
  const bench = new RelayBench().ask({ id: "a" }).ask({ id: "b" });
  const [a, b] = bench.frames();
  bench.request = b;
  bench.challenge("", "nonce-b");
  const again = bench.asked();
  bench.grant("msrps://intra.example.com:9000/pathofb1;tcp");
  bench.request = a;
  bench.reply("403 No");
  assertEquals(bench.relayEvents().map((it) => [it.authorization, it.type]), [
    ["b", "relay-granted"],
    ["a", "relay-refused"],
  ]);
  assertEquals(again.chunk.startLine.transactionId === a?.startLine.transactionId, false);
});

Deno.test("RelayAuthorizations.forget() ends refreshes, and late answers mean nothing", () => {
  const bench = new RelayBench().granted();
  bench.core.forgetAuthorization("a");
  assertEquals(bench.core.deadline, undefined);
  bench.wait(10_000_000);
  assertEquals(bench.frames(), []);
  const late = new RelayBench().ask();
  late.asked();
  late.core.forgetAuthorization("a");
  late.challenge();
  assertEquals([late.frames(), late.relayEvents()], [[], []]);
});

Deno.test("RelayAuthorizations.expire() gives a relay thirty seconds for its challenge", () => {
  const bench = new RelayBench().ask();
  bench.asked();
  assertEquals(bench.core.deadline, bench.now + 30_000);
  bench.wait(30_000);
  const [refused] = bench.relayEvents();
  assertEquals(refused?.type === "relay-refused" && [refused.cause, refused.credentials], [
    "no-answer",
    "none",
  ]);
});

Deno.test("an answer to AUTH that cannot be read is the relay's fault", () => {
  const bench = new RelayBench().ask();
  const { chunk } = bench.asked();
  bench.receive(frame("2oo OK", { transactionId: chunk.startLine.transactionId }));
  const [refused] = bench.relayEvents();
  assertEquals(refused?.type === "relay-refused" && refused.cause, "fault");
});
