import { assertEquals, assertRejects } from "@std/assert";
import { concatBytes, equalBytes } from "../../../../lib/base/bytes.ts";
import { BadGzip, readTraceFile } from "../../../../cli/options/trace_file.ts";
import { CliError } from "../../../../cli/output/cli_error.ts";

async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function gzip(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const packed = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(packed).arrayBuffer());
}

async function readAll(path: string): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of readTraceFile(path, { follow: false })) pieces.push(piece);
  return concatBytes(...pieces);
}

Deno.test("readTraceFile() reads files whole, packed or not, and tells how far it is", async () => {
  await inFolder(async (folder) => {
    const bytes = new Uint8Array(3_000_000).map((_, at) => at * 7 % 251);
    const path = `${folder}/x`;
    await Deno.writeFile(path, bytes);
    assertEquals(equalBytes(await readAll(path), bytes), true);
    await Deno.writeFile(path, await gzip(bytes));
    assertEquals(equalBytes(await readAll(path), bytes), true);
    await Deno.writeFile(path, new Uint8Array());
    assertEquals(await readAll(path), new Uint8Array());
    await Deno.writeFile(path, bytes);
    const told: [number, number][] = [];
    const onProgress = (read: number, total: number) => told.push([read, total]);
    for await (const _ of readTraceFile(path, { follow: false, onProgress }));
    assertEquals(told.at(-1), [bytes.length, bytes.length]);
  });
});

Deno.test("readTraceFile() gives what came before damaged gzip, then throws", async () => {
  await inFolder(async (folder) => {
    const bytes = new Uint8Array(500_000).map((_, at) => at * at % 256);
    const packed = await gzip(bytes);
    await Deno.writeFile(`${folder}/x`, packed.subarray(0, packed.length / 2));
    let read = 0;
    await assertRejects(async () => {
      for await (const piece of readTraceFile(`${folder}/x`, { follow: false })) {
        read += piece.length;
      }
    }, BadGzip);
    assertEquals(read > 0 && read < bytes.length, true);
  });
});

Deno.test("readTraceFile() ends with 2 for a missing file and 8 for one it cannot read", async () => {
  const missing = await assertRejects(() => readAll("/no/such/file"), CliError);
  assertEquals(missing.status, 2);
  await inFolder(async (folder) => {
    const unreadable = await assertRejects(() => readAll(folder), CliError);
    assertEquals([unreadable.status, unreadable.code], [8, "trace/unreadable-input"]);
  });
});

Deno.test("readTraceFile() follows a file that grows until the signal", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/x`;
    await Deno.writeTextFile(path, "one ");
    const controller = new AbortController();
    const reading = readTraceFile(path, { follow: true, signal: controller.signal });
    const told = async () => new TextDecoder().decode((await reading.next()).value);
    assertEquals(await told(), "one ");
    const next = told();
    await Deno.writeTextFile(path, "two ", { append: true });
    assertEquals(await next, "two ");
    const last = reading.next();
    controller.abort();
    assertEquals((await last).done, true);
  });
});
