import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { CliError } from "../../../../cli/output/cli_error.ts";
import { TraceFile } from "../../../../cli/session/trace_file.ts";
import { utf8, type WireRecord } from "../../../../lib/base/mod.ts";
import { TraceInput } from "../../../../lib/trace/mod.ts";
import { modeOf, TemporaryFolder } from "../../../helpers/temporary_folder.ts";

const RECORD: WireRecord = {
  at: Date.UTC(2026, 1, 3),
  direction: "out",
  protocol: "msrp",
  transport: "tcp",
  local: { host: "127.0.0.1", port: 1000 },
  remote: { host: "127.0.0.1", port: 2000 },
  data: utf8("MSRP a786hjs2 200 OK\r\n-------a786hjs2$\r\n"),
};

Deno.test("TraceFile writes what msrp-dump reads, in the format that the name asks for", async () => {
  await using folder = await TemporaryFolder.make();
  for (const name of ["t.pcapng", "t.JSONL"]) {
    {
      using trace = TraceFile.open(folder.file(name), "sotto test");
      trace.tap(RECORD);
    }
    const input = new TraceInput();
    const arrivals = [...input.feed(await Deno.readFile(folder.file(name))), ...input.end()];
    const text = arrivals.map((it) => "data" in it ? new TextDecoder().decode(it.data) : "").join(
      "",
    );
    assertStringIncludes(text, "MSRP a786hjs2 200 OK", name);
    assertEquals(input.format, name === "t.pcapng" ? "pcapng" : "jsonl");
  }
});

Deno.test("TraceFile is private, also when the file was there before", async () => {
  await using folder = await TemporaryFolder.make();
  const path = folder.file("t.pcapng");
  await Deno.writeTextFile(path, "something longer than any header of a capture".repeat(100));
  await Deno.chmod(path, 0o644);
  TraceFile.open(path, "sotto test")[Symbol.dispose]();
  assertEquals(await modeOf(path), 0o600);
  assertEquals((await Deno.readTextFile(path)).includes("something longer"), false);
});

Deno.test("TraceFile says which file cannot be written", () => {
  const error = assertThrows(() => TraceFile.open("/nowhere/t.pcapng", "x"), CliError);
  assertStringIncludes(error.message, "--trace: /nowhere/t.pcapng cannot be written");
  assertEquals(error.status, 2);
});
