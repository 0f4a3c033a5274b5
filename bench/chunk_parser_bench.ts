/** What framing costs: small messages by the thousand, one large body, and their writing. */
import { concatBytes } from "../lib/base/bytes.ts";
import {
  ChunkParser,
  freshTransactionId,
  parseMsrpUri,
  writeChunk,
  writeChunkHead,
  writeEndLine,
} from "../lib/msrp/mod.ts";
import { indexOfEndLine } from "../lib/msrp/end_line.ts";
import { seededRandom } from "../tests/helpers/seeded_random.ts";

const random = seededRandom(1);
const head = {
  toPath: [parseMsrpUri("msrps://bob.example.com:8888/9di4eae923wzd;tcp")],
  fromPath: [parseMsrpUri("msrps://alice.example.com:7654/iau39soe2843z;tcp")],
};

function chunk(body: Uint8Array): Uint8Array<ArrayBuffer> {
  return writeChunk({
    ...head,
    startLine: { kind: "request", transactionId: freshTransactionId(random), method: "SEND" },
    headers: [
      { name: "Message-ID", value: "1234567890abcdef" },
      { name: "Byte-Range", value: `1-${body.length}/${body.length}` },
      { name: "Success-Report", value: "yes" },
      { name: "Content-Type", value: "message/cpim" },
    ],
    body,
    continuation: "$",
  });
}

const chat = new Uint8Array(120).fill(0x61);
const thousand = concatBytes(...Array.from({ length: 1_000 }, () => chunk(chat)));

const MEBIBYTES = 16;
const noise = new Uint8Array(MEBIBYTES * 2 ** 20);
for (let at = 0; at < noise.length; at += 4_096) noise.set(random(4_096), at);
const text = new Uint8Array(noise.length).map((_, at) =>
  at % 72 === 70 ? 13 : at % 72 === 71 ? 10 : 97
);
const hyphens = new Uint8Array(noise.length).fill(0x2d);

/** Feeds `stream` as a socket would: 64 KiB at a time. */
function feed(stream: Uint8Array): number {
  const parser = new ChunkParser();
  let octets = 0;
  for (let at = 0; at < stream.length; at += 65_536) {
    for (const event of parser.feed(stream.subarray(at, at + 65_536))) {
      if (event.type === "chunk-data") octets += event.bytes.length;
      if (event.type === "parse-error") throw event.error;
    }
  }
  return octets;
}

Deno.bench("parse 1000 chat messages", { group: "small" }, () => {
  if (feed(thousand) !== 1_000 * chat.length) throw new Error("a body is missing");
});
Deno.bench("write 1000 chat messages", { group: "small" }, () => {
  for (let count = 0; count < 1_000; count++) chunk(chat);
});

for (const [name, body] of [["noise", noise], ["lines", text], ["hyphens", hyphens]] as const) {
  const stream = concatBytes(
    writeChunkHead({
      ...head,
      startLine: { kind: "request", transactionId: "tid12345", method: "SEND" },
      headers: [{ name: "Content-Type", value: "application/octet-stream" }],
    }, true),
    body,
    writeEndLine("tid12345", "$"),
  );
  Deno.bench(`parse ${MEBIBYTES} MiB of ${name}`, { group: "large" }, () => {
    if (feed(stream) !== body.length) throw new Error("octets are missing");
  });
  const marker = new TextEncoder().encode("\r\n-------tid12345");
  Deno.bench(`look for the end-line in ${MEBIBYTES} MiB of ${name}`, { group: "search" }, () => {
    if (indexOfEndLine(body, marker) >= 0) throw new Error("found what is not there");
  });
}
