import { assertEquals } from "@std/assert";
import { RelayBench, type RelayPeer } from "../../../helpers/relay_core_bench.ts";

const ALICE = "msrps://alice.example:7777/alice123;tcp";

Deno.test("RelayLifecycle: one connection serves all messages to a next hop, and is found by its relay's name", () => {
  const bench = new RelayBench();
  const alice = bench.connect(ALICE);
  const uri = alice.auth();
  const to = "msrps://far.example:9000/x;tcp";
  alice.message([uri, to], "one");
  bench.connected(bench.opened[0] as RelayPeer, { isSecure: true, relayHosts: ["far.example"] });
  alice.message([uri, to.replace("/x", "/y")], "two");
  alice.message([uri, to.replace("9000", "9001")], "the same relay by its name");
  alice.message([uri, to.replace("far", "near")], "another");
  assertEquals(bench.opened.length, 2);
  assertEquals((bench.opened[0] as RelayPeer).starts(), ["SEND", "SEND", "SEND"]);
});

Deno.test("RelayLifecycle: without room for a next hop the sender is told", () => {
  const bench = new RelayBench({ limits: { connections: 1 } });
  const alice = bench.connect(ALICE);
  const uri = alice.auth();
  alice.message([uri, "msrps://far.example:9000/x;tcp"], "x");
  assertEquals(alice.starts(), ["408 Timeout"]);
  assertEquals(bench.opened, []);
});

Deno.test("RelayLifecycle.close(): what is paused for a reader that is gone is read again", () => {
  const bench = new RelayBench();
  const alice = bench.connect(ALICE);
  const uri = alice.auth();
  const bob = bench.connect("msrps://bob.example:1/b;tcp");
  alice.isTaking = false;
  for (let count = 0; !bob.isPaused && count < 100; count++) {
    bob.message([uri, ALICE], "x".repeat(10_000));
  }
  assertEquals(bob.isPaused, true);
  alice.end();
  assertEquals(bob.isPaused, false);
  assertEquals(bench.relay.shutDown(bench.now).filter((it) => it.type === "close").length, 1);
  assertEquals(bench.relay.deadline, undefined, "no timer is left behind");
});
