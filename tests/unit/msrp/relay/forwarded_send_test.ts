import { assertEquals } from "@std/assert";
import { headerValue, parseByteRange, parseMsrpPath } from "../../../../lib/msrp/mod.ts";
import { ForwardedSend } from "../../../../lib/msrp/relay/forwarded_send.ts";

function send(range?: string, hasBody = true): ForwardedSend {
  return new ForwardedSend({
    head: {
      startLine: { kind: "request", transactionId: "theirs12", method: "SEND" },
      toPath: parseMsrpPath("msrps://a.example:1/a;tcp"),
      fromPath: parseMsrpPath("msrps://b.example:1/b;tcp"),
      headers: [
        { name: "Message-ID", value: "m1234567" },
        ...(range === undefined ? [] : [{ name: "byte-range", value: range }]),
        { name: "Content-Type", value: "text/plain" },
      ],
    },
    hasBody,
    returnPath: { source: 1, toPath: [], fromPath: [] },
    messageId: "m1234567",
    failureReport: "yes",
    byteRange: range === undefined ? undefined : parseByteRange(range),
  });
}

const bytes = (length: number): Uint8Array => new Uint8Array(length).fill(0x78);

Deno.test("ForwardedSend begins with 2048 octets, or when nothing more comes", () => {
  const it = send();
  it.add(bytes(2_047));
  assertEquals(it.mayBegin, false);
  it.add(bytes(1));
  assertEquals(it.mayBegin, true);
  const short = send();
  short.end = "$";
  assertEquals([short.mayBegin, short.isSpent], [true, true]);
});

Deno.test("ForwardedSend.take() and putBack() keep count of the position", () => {
  const it = send("11-*/100");
  it.add(bytes(10));
  it.add(bytes(5));
  assertEquals(it.take(4).length, 4);
  assertEquals([it.position, it.buffered], [15, 11]);
  const rest = it.take(100);
  assertEquals([rest.length, it.position, it.buffered], [6, 21, 5]);
  it.putBack(rest.subarray(2));
  assertEquals([it.position, it.buffered, it.take(100).length], [17, 9, 4]);
  assertEquals(it.take(100).length, 5);
  assertEquals([it.take(100).length, it.isSpent], [0, false]);
});

Deno.test("ForwardedSend.chunkHead() has the range of the next chunk in the old place", () => {
  const range = (it: ForwardedSend): string | undefined =>
    headerValue(it.chunkHead("ours1234").headers, "Byte-Range");
  const it = send("11-*/100");
  it.add(bytes(10));
  assertEquals(it.chunkHead("ours1234").headers.map(({ name }) => name), [
    "Message-ID",
    "byte-range",
    "Content-Type",
  ]);
  assertEquals(range(it), "11-*/100");
  it.end = "+";
  assertEquals(range(it), "11-20/100");
  const unknown = send();
  unknown.add(bytes(3));
  unknown.end = "$";
  assertEquals(range(unknown), "1-3/*");
  assertEquals(range(send("1-0/0", false)), "1-0/0");
  assertEquals(range(send(undefined, false)), undefined);
  assertEquals(it.chunkHead("ours1234").startLine.transactionId, "ours1234");
});

Deno.test("ForwardedSend.refuse() throws away what waits and wants no more", () => {
  const it = send();
  it.add(bytes(10));
  assertEquals(it.refuse(), 10);
  assertEquals([it.isRefused, it.end, it.isSpent, it.buffered], [true, "#", true, 0]);
});
