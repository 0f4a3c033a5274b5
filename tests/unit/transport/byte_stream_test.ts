import { assertEquals, assertRejects } from "@std/assert";
import { utf8 } from "../../../lib/base/bytes.ts";
import { SottoError } from "../../../lib/base/errors.ts";
import { byteStreamOver, type RawDuplex } from "../../../lib/transport/byte_stream.ts";

/** A socket that notes what it is asked. */
class NotingDuplex implements RawDuplex {
  readonly local = { host: "127.0.0.1", port: 1 };
  readonly remote = { host: "127.0.0.1", port: 2 };
  readonly asked: string[] = [];
  arriving: (Uint8Array | undefined | Error)[] = [];
  writeFailure: Error | undefined;

  read(): Promise<Uint8Array | undefined> {
    this.asked.push("read");
    const next = this.arriving.shift();
    return next instanceof Error ? Promise.reject(next) : Promise.resolve(next);
  }
  write(bytes: Uint8Array): Promise<void> {
    this.asked.push(`write ${bytes.length}`);
    return this.writeFailure === undefined ? Promise.resolve() : Promise.reject(this.writeFailure);
  }
  endWriting(): Promise<void> {
    this.asked.push("end");
    return Promise.resolve();
  }
  close(): Promise<void> {
    this.asked.push("close");
    return Promise.resolve();
  }
}

Deno.test("byteStreamOver() reads from the socket only when somebody reads from it", async () => {
  const raw = new NotingDuplex();
  raw.arriving = [utf8("a"), utf8("b"), undefined];
  const reader = byteStreamOver(raw).readable.getReader();
  await new Promise((resolve) => setImmediate(resolve));
  assertEquals(raw.asked, []);
  assertEquals((await reader.read()).value, utf8("a"));
  assertEquals(raw.asked, ["read"]);
  assertEquals((await reader.read()).value, utf8("b"));
  assertEquals((await reader.read()).done, true);
  assertEquals(raw.asked, ["read", "read", "read"]);
});

Deno.test("byteStreamOver() passes the socket's errors on unchanged", async () => {
  const raw = new NotingDuplex();
  const failure = new SottoError("transport/reset", "cut");
  raw.arriving = [failure];
  raw.writeFailure = failure;
  const stream = byteStreamOver(raw);
  assertEquals(await assertRejects(() => stream.readable.getReader().read()), failure);
  assertEquals(await assertRejects(() => stream.writable.getWriter().write(utf8("x"))), failure);
});

Deno.test("byteStreamOver() can be closed after its socket failed", async () => {
  const raw = new NotingDuplex();
  raw.arriving = [new SottoError("transport/reset", "cut")];
  const stream = byteStreamOver(raw);
  await assertRejects(() => stream.readable.getReader().read());
  await stream.close();
  assertEquals(raw.asked, ["read", "close"]);
});

Deno.test("byteStreamOver() writes in order, skips nothing to write, and ends once", async () => {
  const raw = new NotingDuplex();
  const stream = byteStreamOver(raw);
  const writer = stream.writable.getWriter();
  await Promise.all([
    writer.write(new Uint8Array(1)),
    writer.write(new Uint8Array(0)),
    writer.write(new Uint8Array(2)),
    writer.close(),
  ]);
  await stream.close();
  await stream.close();
  assertEquals(raw.asked, ["write 1", "write 2", "end", "close"]);
});

Deno.test("ByteStream.close() never rejects, ends reading, and makes writing fail as closed", async () => {
  const raw = new NotingDuplex();
  raw.close = () => Promise.reject(new Error("gone already"));
  const stream = byteStreamOver(raw);
  const writer = stream.writable.getWriter();
  await stream.close();
  assertEquals((await stream.readable.getReader().read()).done, true);
  const error = await assertRejects(() => writer.write(utf8("x")), SottoError);
  assertEquals(error.code, "transport/closed");
});

Deno.test("ByteStream is closed by await using, and by aborting its writable", async () => {
  const used = new NotingDuplex();
  {
    await using _stream = byteStreamOver(used);
  }
  assertEquals(used.asked, ["close"]);
  const aborted = new NotingDuplex();
  await byteStreamOver(aborted).writable.abort();
  assertEquals(aborted.asked, ["close"]);
});

Deno.test("ByteStream.readable may be cancelled while the other direction goes on", async () => {
  const raw = new NotingDuplex();
  const stream = byteStreamOver(raw);
  await stream.readable.cancel();
  await stream.writable.getWriter().write(utf8("x"));
  await stream.close();
  assertEquals(raw.asked, ["write 1", "close"]);
});
