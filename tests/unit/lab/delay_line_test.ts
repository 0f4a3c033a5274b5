import { assertEquals } from "@std/assert";
import { DelayLine } from "../../../lib/lab/delay_line.ts";
import { ManualClock, settle } from "../../helpers/manual_clock.ts";

Deno.test("DelayLine: all of it is under way together, and comes out in order", async () => {
  const clock = new ManualClock();
  const line = new DelayLine<string>({ clock, milliseconds: 200, limit: 100 });
  const out: string[] = [];
  const taking = (async () => {
    for (;;) {
      const item = await line.take();
      if (item === undefined) break;
      out.push(`${clock.now()} ${item}`);
    }
  })();
  await line.put("a", 1);
  await line.put("b", 1);
  await clock.advance(50);
  await line.put("c", 1);
  line.end();
  await clock.advance(149);
  assertEquals(out, []);
  await clock.advance(500);
  await taking;
  assertEquals(out, ["200 a", "200 b", "250 c"]);
});

Deno.test("DelayLine: what is too much waits outside", async () => {
  const clock = new ManualClock();
  const line = new DelayLine<string>({ clock, milliseconds: 10, limit: 5 });
  await line.put("first", 6);
  let isIn = false;
  const putting = line.put("second", 1).then(() => isIn = true);
  await settle();
  assertEquals(isIn, false);
  const taken = line.take();
  await clock.advance(10);
  assertEquals(await taken, "first");
  await putting;
  assertEquals(isIn, true);
});
