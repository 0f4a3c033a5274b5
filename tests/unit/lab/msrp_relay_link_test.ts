import { assertEquals } from "@std/assert";
import { RelayLink } from "../../../lib/lab/msrp_relay_link.ts";
import { memoryStreamPair } from "../../../lib/transport/mod.ts";
import { ManualClock, settle } from "../../helpers/manual_clock.ts";

Deno.test("RelayLink reads nothing while it is paused, and tells when all was taken", async () => {
  const [near, far] = memoryStreamPair({ capacity: 10 });
  const seen: string[] = [];
  const link = new RelayLink(near, {
    onOctets: (bytes) => {
      seen.push(`octets ${bytes.length}`);
      if (seen.length === 1) link.pause();
    },
    onWritable: () => seen.push("writable"),
    onEnd: () => seen.push("end"),
  }, { clock: new ManualClock() });
  const writer = far.writable.getWriter();
  await writer.write(new Uint8Array(3));
  await writer.write(new Uint8Array(4));
  await settle();
  assertEquals(seen, ["octets 3"]);
  link.resume();
  await settle();
  assertEquals(seen, ["octets 3", "octets 4"]);
  link.write(new Uint8Array(20));
  link.write(new Uint8Array(1));
  await settle();
  assertEquals(seen.length, 2, "the second waits until the first was read");
  const reader = far.readable.getReader();
  await reader.read();
  await settle();
  assertEquals(seen.at(-1), "writable");
  await far.close();
  await link.ended;
  assertEquals(seen.at(-1), "end");
  await link.close();
  await near.close();
});

Deno.test("RelayLink.close() waits for what was written, but not for ever", async () => {
  const clock = new ManualClock();
  const [near, far] = memoryStreamPair({ capacity: 10 });
  const seen: string[] = [];
  const link = new RelayLink(near, {
    onOctets: () => {},
    onWritable: () => {},
    onEnd: () => seen.push("end"),
  }, { clock });
  for (let count = 0; count < 3; count++) link.write(new Uint8Array(20));
  let isClosed = false;
  const closing = link.close().then(() => isClosed = true);
  await clock.advance(1_999);
  assertEquals(isClosed, false);
  await clock.advance(1);
  await closing;
  assertEquals(seen, [], "our own end is no news");
  await far.close();
});
