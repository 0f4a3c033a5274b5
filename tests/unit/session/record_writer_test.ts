import { assertEquals } from "@std/assert";
import { RecordWriter } from "../../../lib/session/record_writer.ts";

Deno.test("RecordWriter.write() writes one thing after the other", async () => {
  const done: string[] = [];
  const writer = new RecordWriter(() => {});
  const slow = Promise.withResolvers<void>();
  writer.write(async () => {
    await slow.promise;
    done.push("first");
  });
  writer.write(() => Promise.resolve(void done.push("second")));
  let isWritten = false;
  const written = writer.written.then(() => isWritten = true);
  await Promise.resolve();
  assertEquals([done, isWritten], [[], false]);
  slow.resolve();
  await written;
  assertEquals(done, ["first", "second"]);
});

Deno.test("RecordWriter tells of a write that failed, and makes the next", async () => {
  const done: string[] = [];
  const failures: unknown[] = [];
  const writer = new RecordWriter((error) => failures.push(error));
  const full = new Error("no space left");
  writer.write(() => Promise.reject(full));
  writer.write(() => Promise.resolve(void done.push("second")));
  await writer.written;
  assertEquals([failures, done], [[full], ["second"]]);
});
