import { assertEquals, assertRejects } from "@std/assert";
import { SottoError } from "../../../lib/base/errors.ts";
import {
  otherSide,
  type Peer,
  type PeerEvent,
  type PeerOperation,
  Wire,
} from "../../../lib/harness/mod.ts";

/** A peer that answers as the test says, and remembers what it was told. */
class ScriptedPeer implements Peer {
  readonly label = "scripted";
  readonly told: PeerOperation[] = [];
  readonly #answer: (operation: PeerOperation) => PeerEvent[];

  constructor(answer: (operation: PeerOperation) => PeerEvent[]) {
    this.#answer = answer;
  }

  perform(operation: PeerOperation): Promise<PeerEvent[]> {
    this.told.push(operation);
    return Promise.resolve(this.#answer(operation));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** Shows what arrives, and says what it is told to say. */
function talker(): ScriptedPeer {
  return new ScriptedPeer((operation) => {
    if (operation.op === "send") return [{ ev: "inject", msg: operation.text }];
    if (operation.op === "recv") {
      return [{ ev: "plaintext", text: operation.msg, encrypted: false }];
    }
    return [];
  });
}

Deno.test("Wire.settle() carries messages in order, each to the other side", async () => {
  const a = talker();
  const b = talker();
  const wire = new Wire(a, b);
  await wire.perform("a", { op: "send", text: "1" });
  await wire.perform("b", { op: "send", text: "2" });
  await wire.perform("a", { op: "send", text: "3" });
  assertEquals(wire.pending, 3);
  await wire.settle();
  assertEquals(wire.pending, 0);
  assertEquals(b.told.slice(1), [{ op: "recv", msg: "1" }, { op: "recv", msg: "3" }]);
  assertEquals(a.told.slice(2), [{ op: "recv", msg: "2" }]);
  assertEquals(wire.messages(), [
    { from: "a", message: "1" },
    { from: "b", message: "2" },
    { from: "a", message: "3" },
  ]);
});

Deno.test("Wire.run() returns what happened on both sides, events() those of one", async () => {
  const wire = new Wire(talker(), talker());
  await wire.run("a", { op: "send", text: "earlier" });
  const start = wire.record.length;
  const heard: PeerEvent = { ev: "plaintext", text: "hello", encrypted: false };
  assertEquals(await wire.run("b", { op: "send", text: "hello" }), [
    { type: "operation", side: "b", operation: { op: "send", text: "hello" } },
    { type: "message", from: "b", message: "hello" },
    { type: "event", side: "a", event: heard },
  ]);
  assertEquals(wire.events("a", start), [heard]);
  assertEquals(wire.events("b", start), []);
});

Deno.test("Wire.settle() lets `disturb` lose, change and repeat messages", async () => {
  const b = talker();
  const wire = new Wire(talker(), b, {
    disturb: (message) => message === "lost" ? [] : [message.toUpperCase(), message],
  });
  await wire.perform("a", { op: "send", text: "lost" });
  await wire.perform("a", { op: "send", text: "kept" });
  await wire.settle();
  assertEquals(b.told, [{ op: "recv", msg: "KEPT" }, { op: "recv", msg: "kept" }]);
});

Deno.test("Wire.settle() calls peers that never come to rest a loop", async () => {
  const parrot = (): ScriptedPeer => new ScriptedPeer(() => [{ ev: "inject", msg: "again" }]);
  const wire = new Wire(parrot(), parrot(), { mostMessages: 20 });
  await wire.perform("a", { op: "query" });
  const error = await assertRejects(() => wire.settle(), SottoError);
  assertEquals(error.code, "harness/message-loop");
});

Deno.test("otherSide() is the far end", () => {
  assertEquals([otherSide("a"), otherSide("b")], ["b", "a"]);
});
