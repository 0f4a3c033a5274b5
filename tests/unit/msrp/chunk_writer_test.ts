import { assert, assertEquals, assertThrows } from "@std/assert";
import { latin1 } from "../../../lib/base/ascii.ts";
import { utf8 } from "../../../lib/base/bytes.ts";
import type { Chunk } from "../../../lib/msrp/chunk.ts";
import {
  freshMessageId,
  freshTransactionId,
  writeChunk,
  writeEndLine,
} from "../../../lib/msrp/chunk_writer.ts";
import { parseMsrpUri } from "../../../lib/msrp/uri.ts";
import { seededRandom } from "../../helpers/seeded_random.ts";

const CHUNK: Chunk = {
  startLine: { kind: "request", transactionId: "a786hjs2", method: "SEND" },
  toPath: [parseMsrpUri("msrp://bob.example.com:8888/9di4eae923wzd;tcp")],
  fromPath: [parseMsrpUri("msrp://alice.example.com:7654/iau39soe2843z;tcp")],
  headers: [
    { name: "Message-ID", value: "87652491" },
    { name: "Byte-Range", value: "1-25/25" },
    { name: "Content-Type", value: "text/plain" },
  ],
  body: utf8("Hey Bob, are you there?"),
  continuation: "$",
};

Deno.test("writeChunk() writes the example of RFC 4975 §4 octet by octet", () => {
  assertEquals(
    latin1(writeChunk(CHUNK)),
    "MSRP a786hjs2 SEND\r\n" +
      "To-Path: msrp://bob.example.com:8888/9di4eae923wzd;tcp\r\n" +
      "From-Path: msrp://alice.example.com:7654/iau39soe2843z;tcp\r\n" +
      "Message-ID: 87652491\r\nByte-Range: 1-25/25\r\nContent-Type: text/plain\r\n\r\n" +
      "Hey Bob, are you there?\r\n-------a786hjs2$\r\n",
  );
  assertEquals(
    latin1(writeChunk({
      ...CHUNK,
      startLine: { kind: "response", transactionId: "a786hjs2", code: 200, comment: "OK" },
      headers: [],
      body: undefined,
    })),
    "MSRP a786hjs2 200 OK\r\nTo-Path: msrp://bob.example.com:8888/9di4eae923wzd;tcp\r\n" +
      "From-Path: msrp://alice.example.com:7654/iau39soe2843z;tcp\r\n-------a786hjs2$\r\n",
  );
});

Deno.test("writeChunk() refuses what would not be one frame", () => {
  const bad: Partial<Chunk>[] = [
    { startLine: { kind: "request", transactionId: "abc", method: "SEND" } },
    { startLine: { kind: "request", transactionId: "abcd", method: "send" } },
    { startLine: { kind: "request", transactionId: "abcd", method: "SEND\r\nX: y" } },
    { startLine: { kind: "response", transactionId: "abcd", code: 200, comment: "a\r\nb" } },
    { headers: [{ name: "X", value: "a\r\nb" }] },
    { headers: [{ name: "X:", value: "a" }] },
    { headers: [{ name: "", value: "a" }] },
    { toPath: [{ scheme: "msrp", host: "a b", transport: "tcp" }] },
  ];
  for (const part of bad) assertThrows(() => writeChunk({ ...CHUNK, ...part }), TypeError);
  const odd: Chunk = {
    ...CHUNK,
    startLine: { kind: "response", transactionId: "abcd", code: 20 },
  };
  assertThrows(() => writeChunk(odd), RangeError);
});

Deno.test("writeEndLine() begins with the CRLF that is not the body's", () => {
  assertEquals(latin1(writeEndLine("abcd", "+")), "\r\n-------abcd+\r\n");
});

Deno.test("freshTransactionId() and freshMessageId() are 16 hexadecimal digits", () => {
  for (const id of [freshTransactionId(seededRandom(1)), freshMessageId(seededRandom(2))]) {
    assert(/^[0-9a-f]{16}$/.test(id));
  }
});
