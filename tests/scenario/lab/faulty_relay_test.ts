/** Two who chat through the relay under each fault, on real sockets: what arrives is whole, what does not is reported. */
import { assert, assertEquals } from "@std/assert";
import { latin1 } from "../../../lib/base/ascii.ts";
import { faultyNetwork, parseFault } from "../../../lib/lab/mod.ts";
import { SystemClock } from "../../../lib/session/mod.ts";
import {
  eventually,
  isRequest,
  isResponse,
  LivePeer,
  openRelay,
} from "../../helpers/live_relay.ts";
import { ManualClock } from "../../helpers/manual_clock.ts";
import { seededRandom } from "../../helpers/seeded_random.ts";

for (const text of ["split", "split=700", "delay=20ms", "delay=5ms,split=3000,close-after=500"]) {
  for (const [transport, host] of [["tls", "127.0.0.1"], ["tcp", "::1"]] as const) {
    Deno.test(`under ${text} a chat over ${transport} to ${host} goes on`, async () => {
      const { msrp } = faultyNetwork(parseFault(text), {
        clock: new SystemClock(),
        random: seededRandom(7),
      });
      await using relay = await openRelay({
        listen: [{ host, port: 0, transport }],
        allowsInsecure: true,
        faults: msrp,
      });
      const uri = relay.uris[0] ?? "";
      await using alice = await LivePeer.connect(uri, "alice", host);
      await using bob = await LivePeer.connect(uri, "bob", host);
      const hers = await alice.auth();
      const his = await bob.auth("bob", "builder");
      for (const body of ["short", "x".repeat(6_000), "-------tid12345$\r\n and more"]) {
        await alice.message([hers, his, bob.uri], body, { transactionId: "other123" });
        await alice.until(isResponse(200));
        let got = "";
        for (let flag = "+"; flag === "+";) {
          const part = await bob.until(isRequest("SEND"));
          await bob.answer(part);
          got += latin1(part.body ?? new Uint8Array());
          flag = part.continuation;
        }
        assertEquals(got, body);
      }
    });
  }
}

Deno.test("under close-after the connection is cut, and the sender hears of what was lost", async () => {
  const { msrp } = faultyNetwork(parseFault("close-after=6"), {
    clock: new SystemClock(),
    random: seededRandom(7),
  });
  await using relay = await openRelay({ faults: msrp, allowsInsecure: true });
  const plain = relay.uris[1] ?? "";
  await using alice = await LivePeer.connect(plain, "alice");
  const uri = await alice.auth();
  // Four frames so far. What the peer sends is the fifth, and its answer would be the sixth.
  await using bob = await LivePeer.connect(plain, "bob");
  await bob.message([uri, alice.uri], "one");
  await bob.until(isResponse(200));
  await alice.until(isRequest("SEND"));
  await bob.message([uri, alice.uri], "two");
  const report = await bob.until(isRequest("REPORT"));
  assert(report.headers.some((it) => it.value === "000 408 Timeout"));
  await alice.until(isRequest("SEND"));
  assertEquals(await alice.next(), undefined);
  assertEquals(relay.sessionCount, 0);
});

Deno.test("under drop a lost answer is reported as 408 after 30 seconds", async () => {
  const clock = new ManualClock();
  let isLosing = false;
  let rolls = 0;
  // The dice of a network that loses half: all ones keep a frame, all zeros lose it.
  const { msrp } = faultyNetwork(parseFault("drop=50%"), {
    clock,
    random: (length) => {
      rolls++;
      return new Uint8Array(length).fill(isLosing ? 0 : 255);
    },
  });
  await using relay = await openRelay({ clock, allowsInsecure: true, faults: msrp });
  const plain = relay.uris[1] ?? "";
  await using alice = await LivePeer.connect(plain, "alice");
  const uri = await alice.auth();
  await using bob = await LivePeer.connect(plain, "bob");
  await bob.message([uri, alice.uri], "hello");
  await bob.until(isResponse(200));
  const got = await alice.until(isRequest("SEND"));
  isLosing = true;
  const before = rolls;
  await alice.answer(got);
  await eventually(() => rolls > before, "the answer comes to the relay, and is lost there");
  isLosing = false;
  await clock.advance(30_000);
  const report = await bob.until(isRequest("REPORT"));
  assert(report.headers.some((it) => it.value === "000 408 Timeout"));
});
