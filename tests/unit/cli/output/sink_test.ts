import { assertEquals, assertThrows } from "@std/assert";
import { CliError } from "../../../../cli/output/cli_error.ts";
import { fileSink, ReaderGone } from "../../../../cli/output/sink.ts";

function fake(write: (data: Uint8Array) => number): ReturnType<typeof fileSink> {
  return fileSink({ writeSync: write, isTerminal: () => true });
}

Deno.test("fileSink() writes everything, however little a write takes", () => {
  const written: number[] = [];
  fake((data) => (written.push(...data.subarray(0, 2)), Math.min(2, data.length))).write("hello");
  assertEquals(String.fromCharCode(...written), "hello");
});

Deno.test("fileSink() tells that the reader is gone, and other failures in words", () => {
  assertThrows(() =>
    fake(() => {
      throw new Deno.errors.BrokenPipe("gone");
    }).write("x"), ReaderGone);
  assertThrows(
    () =>
      fake(() => {
        throw new Error("No space left on device");
      }).write("x"),
    CliError,
    "cannot write the output: No space left on device",
  );
});

Deno.test("fileSink() waits for a pipe that is full for the moment", () => {
  let full = 3;
  const written: Uint8Array[] = [];
  fake((data) => {
    if (full-- > 0) throw new Deno.errors.WouldBlock("full");
    written.push(data.slice());
    return data.length;
  }).write(Uint8Array.of(1, 2));
  assertEquals(written, [Uint8Array.of(1, 2)]);
});
