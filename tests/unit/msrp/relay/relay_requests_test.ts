import { assertEquals } from "@std/assert";
import { RelayBench } from "../../../helpers/relay_core_bench.ts";

const ALICE = "msrps://alice.example:7777/alice123;tcp";

Deno.test("RelayRequests: by configuration a next hop may not be called", () => {
  const bench = new RelayBench({ mayConnect: ({ host }) => host !== "10.0.0.1" });
  const alice = bench.connect(ALICE);
  const uri = alice.auth();
  alice.message([uri, "msrps://10.0.0.1:22/x;tcp"], "x");
  assertEquals(alice.starts(), ["403 Forbidden"]);
  assertEquals(bench.opened, []);
  assertEquals(
    bench.takeEvents().filter((it) => it.type === "request-refused").map((it) => it.code),
    [403],
  );
});

Deno.test("RelayRequests: peers that are remembered are bounded, the oldest goes", () => {
  const bench = new RelayBench({ limits: { peersPerSession: 2 } });
  const alice = bench.connect(ALICE);
  const uri = alice.auth();
  const peers = [1, 2, 3].map((it) => bench.connect(`msrps://peer${it}.example:1/p;tcp`));
  for (const it of peers) it.message([uri, ALICE], "hello");
  for (const it of peers) it.frames();
  for (const it of peers) alice.message([uri, it.uri], "and you");
  assertEquals(peers.map((it) => it.starts().length), [0, 1, 1]);
  assertEquals(bench.opened.map((it) => it.uri), ["msrps://peer1.example:1/p;tcp"]);
});

Deno.test("RelayRequests: refusals after the probation do not cut a client off", () => {
  const bench = new RelayBench();
  const alice = bench.connect(ALICE);
  const uri = alice.auth();
  for (let count = 0; count < 20; count++) alice.message([uri], "to nobody");
  assertEquals(alice.isClosed, false);
});
