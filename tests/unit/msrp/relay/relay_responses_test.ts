import { assertEquals } from "@std/assert";
import { headerValue, writeMsrpPath } from "../../../../lib/msrp/mod.ts";
import { RelayBench, show } from "../../../helpers/relay_core_bench.ts";

const ALICE = "msrps://alice.example:7777/alice123;tcp";
const BOB = "msrps://bob.example:8145/foo;tcp";

Deno.test("receiveResponse() goes back over two URIs of ours at once", () => {
  const bench = new RelayBench();
  const alice = bench.connect(ALICE);
  const bob = bench.connect(BOB);
  const hers = alice.auth("alice");
  const his = bob.auth("bob");
  alice.frame("NICKNAME", [hers, his, BOB], { transactionId: "nick1234" });
  bob.answer(bob.only(), "200 OK", ["X-Kept: yes"]);
  const answer = alice.only();
  assertEquals(writeMsrpPath(answer.toPath), ALICE);
  assertEquals(writeMsrpPath(answer.fromPath), `${hers} ${his} ${BOB}`);
  assertEquals(headerValue(answer.headers, "X-Kept"), "yes");
});

Deno.test("receiveResponse() takes one response to a request, and none that is malformed", () => {
  const bench = new RelayBench();
  const alice = bench.connect(ALICE);
  const uri = alice.auth();
  const bob = bench.connect(BOB);
  bob.frame("NICKNAME", [uri, ALICE]);
  const got = alice.only();
  const { transactionId } = got.startLine;
  alice.send(`MSRP ${transactionId} 200 OK\r\nFrom-Path: ${ALICE}\r\n-------${transactionId}$\r\n`);
  alice.send(
    `MSRP ${transactionId} 99x\r\nTo-Path: ${uri} ${BOB}\r\nFrom-Path: ${ALICE}\r\n` +
      `-------${transactionId}$\r\n`,
  );
  alice.frame("000 Nothing", [uri, BOB], { transactionId });
  assertEquals(bob.frames(), []);
  alice.answer(got, "299 Fine");
  alice.answer(got, "200 OK");
  assertEquals(bob.frames().map(show), ["299 Fine"]);
});
