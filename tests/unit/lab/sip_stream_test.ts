import { assertEquals, assertRejects } from "@std/assert";
import { ascii } from "../../../lib/base/ascii.ts";
import { SottoError } from "../../../lib/base/errors.ts";
import { SipStream } from "../../../lib/lab/sip_stream.ts";
import { memoryStreamPair } from "../../../lib/transport/mod.ts";

Deno.test("SipStream reads until the peer's end, and writes in order", async () => {
  const [ours, theirs] = memoryStreamPair();
  const stream = new SipStream(ours, "tcp", 3, 0);
  assertEquals(stream.flow, { transport: "tcp", remote: ours.remote, connection: 3 });
  const heard: string[] = [];
  const reading = stream.read((data) => heard.push(new TextDecoder().decode(data)));
  const writer = theirs.writable.getWriter();
  await writer.write(ascii("one"));
  await writer.close();
  await reading;
  assertEquals(heard.join(""), "one");
  const said = new Response(theirs.readable).text();
  await Promise.all([stream.send(ascii("a")), stream.send(ascii("b"))]);
  await stream.finish(new Promise(() => {}));
  assertEquals(await said, "ab");
  const error = await assertRejects(() => stream.send(ascii("c")), SottoError);
  assertEquals(error.code, "transport/closed");
  await theirs.close();
});

Deno.test("SipStream gives up on a peer that does not read", async () => {
  const [ours, theirs] = memoryStreamPair();
  const stream = new SipStream(ours, "tcp", 3, 0);
  const piece = new Uint8Array(256 * 1024);
  const pending = [stream.send(piece), stream.send(piece)].map((it) => it.catch(() => {}));
  const error = await assertRejects(() => stream.send(piece), SottoError);
  assertEquals([error.code, stream.isClosed], ["transport/reset", true]);
  await theirs.close();
  await Promise.all(pending);
});

Deno.test("SipStream.finish() does not wait for ever", async () => {
  const [ours, theirs] = memoryStreamPair();
  const stream = new SipStream(ours, "tcp", 3, 0);
  const stuck = stream.send(new Uint8Array(400_000)).catch(() => {});
  await stream.finish(Promise.resolve());
  assertEquals(stream.isClosed, true);
  await theirs.close();
  await stuck;
});
