import { assertEquals } from "@std/assert";
import { createProgress } from "../../../../cli/output/progress.ts";
import { MemorySink } from "../../../helpers/program.ts";

Deno.test("createProgress() shows one line that goes away", () => {
  const sink = new MemorySink(true);
  {
    using progress = createProgress(sink, "working", true);
    progress.update("1");
    progress.update("1");
  }
  assertEquals(sink.text, "\r\x1b[2Kworking\r\x1b[2Kworking 1\r\x1b[2K");
});

Deno.test("createProgress() shows nothing where nobody looks", () => {
  const sink = new MemorySink();
  createProgress(sink, "working", false).done();
  assertEquals(sink.text, "");
});
