import { assertEquals } from "@std/assert";
import { createProgress } from "../../../../cli/output/progress.ts";
import { MemorySink } from "../../../helpers/program.ts";

Deno.test("createProgress() shows one line, not too often, that goes away", () => {
  const sink = new MemorySink(true);
  let now = 0;
  {
    using progress = createProgress(sink, "working", { shown: true, now: () => now });
    now = 99;
    progress.update("1");
    now = 100;
    progress.update("2");
  }
  assertEquals(sink.text, "\r\x1b[2Kworking\r\x1b[2Kworking 2\r\x1b[2K");
});

Deno.test("createProgress() shows nothing where nobody looks", () => {
  const sink = new MemorySink();
  createProgress(sink, "working", { shown: false, now: () => 0 }).done();
  assertEquals(sink.text, "");
});
