import { assertEquals, assertRejects } from "@std/assert";
import { SottoError } from "../../../../lib/base/errors.ts";
import {
  InProcessPeer,
  type PeerEvent,
  type PeerInit,
  type PeerOperation,
  Wire,
} from "../../../../lib/harness/mod.ts";
import { ManualClock } from "../../../helpers/manual_clock.ts";
import { testKey } from "../../../helpers/otr_pair.ts";
import { seededRandom } from "../../../helpers/seeded_random.ts";

const ALICE: PeerInit = { op: "init", name: "alice", versions: "23" };
const BOB: PeerInit = { op: "init", name: "bob", versions: "23" };

function peer(seed = 1, clock = new ManualClock()): InProcessPeer {
  return new InProcessPeer({
    identity: (name) => ({ key: testKey(name), instanceTag: 0x100 + seed }),
    random: seededRandom(seed),
    clock,
    engine: "sotto test",
  });
}

/** Alice and Bob, initialised. */
async function pair(init: Partial<PeerInit> = {}): Promise<Wire> {
  const wire = new Wire(peer(1), peer(2));
  await wire.perform("a", { ...ALICE, ...init });
  await wire.perform("b", { ...BOB, ...init });
  return wire;
}

/** Alice and Bob in private. */
async function privatePair(): Promise<Wire> {
  const wire = await pair();
  await wire.run("a", { op: "query" });
  return wire;
}

/** Events of both sides that one operation leads to. */
async function eventsAfter(
  wire: Wire,
  side: "a" | "b",
  operation: PeerOperation,
): Promise<{ a: PeerEvent[]; b: PeerEvent[] }> {
  const start = wire.record.length;
  await wire.run(side, operation);
  return { a: wire.events("a", start), b: wire.events("b", start) };
}

Deno.test("InProcessPeer answers init by who it is", async () => {
  assertEquals(await peer().perform(ALICE), [{
    ev: "ready",
    peer: "sotto test",
    fingerprint: testKey("alice").fingerprint,
    whitespace: true,
  }]);
});

Deno.test("InProcessPeer wants init first, and once", async () => {
  const one = peer();
  const early = await one.perform({ op: "query" });
  assertEquals(early, [{ ev: "error", error: "init must come first" }]);
  await one.perform(ALICE);
  assertEquals(await one.perform(ALICE), [{ ev: "error", error: "init came twice" }]);
});

for (const name of ["", "../up", "a/b", ".hidden", "x".repeat(65), 7 as unknown as string]) {
  Deno.test(`InProcessPeer refuses the name ${JSON.stringify(name).slice(0, 20)}`, async () => {
    const [answer] = await peer().perform({ ...ALICE, name });
    assertEquals(answer?.ev, "error");
  });
}

const IMPOSSIBLE: readonly Partial<PeerInit>[] = [
  { versions: "4" },
  { versions: "1" },
  { versions: "" },
  { fragment: 36 },
  { policy: ["telepathy" as "require"] },
];
for (const init of IMPOSSIBLE) {
  Deno.test(`InProcessPeer cannot do ${JSON.stringify(init)}, and says so`, async () => {
    const error = await assertRejects(() => peer().perform({ ...ALICE, ...init }), SottoError);
    assertEquals(error.code, "harness/unsupported");
  });
}

Deno.test("InProcessPeer reports both ends of a session", async () => {
  const wire = await pair();
  const { a, b } = await eventsAfter(wire, "a", { op: "query" });
  const [ofA] = a;
  const [ofB] = b;
  assertEquals(ofA, {
    ev: "state",
    state: "encrypted",
    version: 3,
    ssid: ofB?.ev === "state" ? ofB.ssid ?? "" : "",
    fingerprint: testKey("bob").fingerprint,
  });
  assertEquals(await wire.perform("a", { op: "state" }), [ofA]);
});

Deno.test("InProcessPeer reports texts with their encryption, and a warning", async () => {
  const wire = await privatePair();
  const { b } = await eventsAfter(wire, "a", { op: "send", text: "é 😀" });
  assertEquals(b, [{ ev: "plaintext", text: "é 😀", encrypted: true }]);
  assertEquals(await wire.perform("b", { op: "recv", msg: "in the clear" }), [
    { ev: "plaintext", text: "in the clear", encrypted: false, warning: "unencrypted" },
  ]);
});

Deno.test("InProcessPeer asks, answers and reports SMP", async () => {
  const wire = await privatePair();
  const asked = await eventsAfter(wire, "a", { op: "smp_start", secret: "ß", question: "où?" });
  assertEquals(asked.b, [{ ev: "smp", what: "asked", question: "où?" }]);
  const answered = await eventsAfter(wire, "b", { op: "smp_answer", secret: "ß" });
  assertEquals(answered.a, [{ ev: "smp", what: "success" }]);
  assertEquals(answered.b, [{ ev: "smp", what: "success" }]);
  const without = await eventsAfter(wire, "b", { op: "smp_start", secret: "x" });
  assertEquals(without.a, [{ ev: "smp", what: "asked", question: null }]);
  const aborted = await eventsAfter(wire, "a", { op: "smp_abort" });
  assertEquals(aborted.b, [{ ev: "smp", what: "aborted" }]);
});

Deno.test("InProcessPeer reports the end once on each side", async () => {
  const wire = await privatePair();
  const { a, b } = await eventsAfter(wire, "a", { op: "end" });
  assertEquals(a, [{ ev: "state", state: "plaintext" }]);
  assertEquals(b, [{ ev: "state", state: "finished" }]);
  const refused = await eventsAfter(wire, "b", { op: "send", text: "late" });
  assertEquals(refused.b.map((it) => it.ev), ["error"]);
  assertEquals(refused.a, []);
});

Deno.test("InProcessPeer reports an error message of the other side", async () => {
  const wire = await pair();
  assertEquals(await wire.perform("a", { op: "recv", msg: "?OTR Error: no idea" }), [
    { ev: "received_error", text: "no idea" },
  ]);
});

Deno.test("InProcessPeer follows `error-start`", async () => {
  const wire = await pair({ policy: ["error-start"] });
  const events = await wire.perform("a", { op: "recv", msg: "?OTR Error: no idea" });
  assertEquals(events.map((it) => it.ev).sort(), ["inject", "received_error"]);
});

Deno.test("InProcessPeer follows `no-whitespace-start` and `whitespace`", async () => {
  const wire = await pair({ policy: ["no-whitespace-start"], whitespace: true });
  await wire.run("a", { op: "send", text: "hello" });
  assertEquals(wire.messages().length, 1);
  assertEquals(wire.events("b").at(-1), { ev: "plaintext", text: "hello", encrypted: false });
  const willing = await pair({ whitespace: true });
  await willing.run("a", { op: "send", text: "hello" });
  assertEquals(willing.events("a").at(-1)?.ev, "state");
});

Deno.test("InProcessPeer follows `require`: the text waits for encryption", async () => {
  const wire = await pair({ policy: ["require"] });
  await wire.run("a", { op: "send", text: "only in private" });
  assertEquals(wire.messages().some((it) => it.message.includes("only in private")), false);
  const [heard] = wire.events("b").filter((it) => it.ev === "plaintext");
  assertEquals(heard?.ev === "plaintext" && heard.encrypted, true);
});

Deno.test("InProcessPeer answers what cannot be done now by an error", async () => {
  const wire = await pair();
  for (const op of ["smp_start", "smp_answer"] as const) {
    const [answer] = await wire.perform("a", { op, secret: "s" });
    assertEquals(answer?.ev, "error");
  }
  const unknown = { op: "dance" } as unknown as PeerOperation;
  assertEquals(await wire.perform("a", unknown), [{ ev: "error", error: "unknown operation" }]);
  const shapeless = { op: "send", text: 7 } as unknown as PeerOperation;
  assertEquals((await wire.perform("a", shapeless)).map((it) => it.ev), ["error"]);
});

Deno.test("InProcessPeer looks at the clock before each operation", async () => {
  const clock = new ManualClock();
  const one = peer(1, clock);
  await one.perform(ALICE);
  await one.perform({ op: "recv", msg: "?OTRv3?" });
  const deadline = one.conversation?.deadline ?? 0;
  await clock.advance(deadline - clock.now() + 1);
  await one.perform({ op: "state" });
  assertEquals(one.conversation?.deadline, undefined);
});
