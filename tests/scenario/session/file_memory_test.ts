/** A file of any size needs no more memory than a small one, on either side. */
import { assert, assertEquals } from "@std/assert";
import { SessionPair } from "../../helpers/chat_session_setup.ts";
import { PatternFile, PatternReception } from "../../helpers/pattern_file.ts";

const MIB = 2 ** 20;

/** Moves a file and says how much memory the process had at most meanwhile. */
async function peakOf(size: number): Promise<number> {
  const reception = new PatternReception();
  const file = new PatternFile("a", size);
  await using both = await SessionPair.open(
    { encryption: "off", media: { files: { outgoing: [file] }, filesOnly: true } },
    { encryption: "off", media: { files: { outgoing: [], reception } } },
  );
  await both.settled();
  let peak = 0;
  const watching = setInterval(() => peak = Math.max(peak, Deno.memoryUsage().rss), 20);
  try {
    assertEquals(await both.alice.session.sendFile(0), { status: "delivered" });
  } finally {
    clearInterval(watching);
  }
  assertEquals(reception.sinks[0]?.written, size);
  return peak;
}

Deno.test("256 MiB through one process, both sides in it, need little more memory than 4 MiB", async () => {
  await peakOf(32 * MIB); // Until then the engine warms up.
  const small = await peakOf(4 * MIB);
  const large = await peakOf(256 * MIB);
  const growth = (large - small) / MIB;
  // The collector is lazy, and a megabyte waits here and there; keeping the octets costs 256 or more.
  assert(growth < 128, `${growth.toFixed(0)} MiB more for a file that is 252 MiB larger`);
});
