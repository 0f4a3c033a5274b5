import { assertEquals, assertRejects } from "@std/assert";
import { orAborted } from "../../../lib/session/or_aborted.ts";

Deno.test("orAborted() is its promise, or the signal's reason if that comes first", async () => {
  const stop = new AbortController();
  assertEquals(await orAborted(Promise.resolve(7), stop.signal), 7);
  await assertRejects(
    () => orAborted(Promise.reject(new Error("broken")), stop.signal),
    Error,
    "broken",
  );
  const never = Promise.withResolvers<number>();
  const waiting = assertRejects(() => orAborted(never.promise, stop.signal), Error, "enough");
  stop.abort(new Error("enough"));
  await waiting;
  never.reject(new Error("nobody hears of it"));
});
