import { assertEquals, assertThrows } from "@std/assert";
import { parseMsrpUri } from "../../../../lib/msrp/mod.ts";
import { PLAIN_RELAY, RELAY, RelayBench } from "../../../helpers/relay_core_bench.ts";

const ALICE = "msrps://alice.example:7777/alice123;tcp";

Deno.test("MsrpRelay needs URIs with ports", () => {
  assertThrows(() => new RelayBench({ authorities: [] }), RangeError);
  assertThrows(
    () => new RelayBench({ authorities: [parseMsrpUri("msrps://relay.example;tcp")] }),
    RangeError,
  );
});

Deno.test("MsrpRelay.accept() takes what URIs begin with from the listener", () => {
  const bench = new RelayBench({
    authorities: [RELAY, PLAIN_RELAY, "msrps://six.example:1;tcp"].map((it) => parseMsrpUri(it)),
  });
  const authority = parseMsrpUri("msrps://six.example:1;tcp");
  const six = bench.connect(ALICE, { isSecure: true, authority } as { isSecure: boolean });
  assertEquals(six.auth().startsWith("msrps://six.example:1/"), true);
  assertEquals(bench.connect(ALICE).auth().startsWith("msrps://relay.example:2855/"), true);
});

Deno.test("MsrpRelay ends a connection whose octets are no MSRP, and says why", () => {
  const bench = new RelayBench();
  const web = bench.connect();
  web.send("GET / HTTP/1.1\r\n");
  assertEquals(web.isClosed, true);
  const [event] = bench.takeEvents();
  assertEquals(event?.type === "connection-closed" && [event.reason, event.error?.code], [
    "fault",
    "msrp/bad-start-line",
  ]);
  // Nothing that comes later is of interest.
  assertEquals(bench.relay.receive(web.id, new Uint8Array(9), bench.now), []);
  assertEquals(bench.relay.handleWritable(web.id, bench.now), []);
  assertEquals(bench.relay.receiveEnd(web.id, bench.now), []);
});

Deno.test("MsrpRelay.handleTimeout() forgets requests that nobody answers", () => {
  const bench = new RelayBench();
  const alice = bench.connect(ALICE);
  const uri = alice.auth("alice", ["Expires: 3600"]);
  const bob = bench.connect("msrps://bob.example:1/b;tcp");
  bob.frame("NICKNAME", [uri, ALICE]);
  const late = alice.only();
  bench.advance(30_000);
  alice.answer(late, "200 OK");
  assertEquals(bob.frames(), []);
  bob.frame("NICKNAME", [uri, ALICE]);
  assertEquals(alice.starts(), ["NICKNAME"], "its identifier is free again");
});

Deno.test("MsrpRelay closes a connection whose answers nobody reads", () => {
  const bench = new RelayBench({ limits: { controlLength: 2_000, windowLength: 100 } });
  const alice = bench.connect(ALICE);
  const uri = alice.auth();
  alice.isTaking = false;
  for (let count = 0; count < 50 && !alice.isClosed; count++) alice.message([uri], "to nobody");
  assertEquals(alice.isClosed, true);
});
