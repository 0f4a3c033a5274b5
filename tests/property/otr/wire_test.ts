/** What is true of every message: it survives being written and read, and nothing read throws. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  type EncodedMessage,
  type OtrMessage,
  parseOtrMessage,
  readPlaintext,
  writeFragments,
  writeOtrMessage,
  writePlaintext,
} from "../../../lib/otr/mod.ts";

const octets = (maxLength = 200): fc.Arbitrary<Uint8Array> => fc.uint8Array({ maxLength });
const fixed = (length: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: length, maxLength: length });
const int = fc.integer({ min: 0, max: 0xffffffff });

const header = fc.oneof(
  fc.constant({ version: 2 as const, senderTag: 0, receiverTag: 0 }),
  fc.record({ version: fc.constant(3 as const), senderTag: int, receiverTag: int }),
);

const body = fc.oneof(
  fc.record({
    type: fc.constant("dh-commit" as const),
    encryptedGx: octets(),
    hashedGx: octets(40),
  }),
  fc.record({ type: fc.constant("dh-key" as const), gy: octets() }),
  fc.record({
    type: fc.constant("reveal-signature" as const),
    revealedKey: octets(20),
    encryptedSignature: octets(),
    mac: fixed(20),
  }),
  fc.record({
    type: fc.constant("signature" as const),
    encryptedSignature: octets(),
    mac: fixed(20),
  }),
  fc.record({
    type: fc.constant("data" as const),
    flags: fc.integer({ min: 0, max: 255 }),
    senderKeyId: int,
    recipientKeyId: int,
    nextDh: octets(),
    counter: fixed(8),
    encryptedMessage: octets(),
    mac: fixed(20),
    oldMacKeys: octets(),
  }),
);

/** Text that cannot be taken for a mark of OTR's. */
const prose = fc.string({ unit: "binary", maxLength: 30 }).filter((it) => !/[?\t]/.test(it));

const encoded: fc.Arbitrary<EncodedMessage & { prefix: string; suffix: string }> = fc
  .tuple(header, body, prose, prose)
  .map(([head, fields, prefix, suffix]) => ({ ...head, ...fields, prefix, suffix }));

Deno.test("parseOtrMessage() reads every binary message as it was written", () => {
  fc.assert(
    fc.property(encoded, (message) => {
      assertEquals(parseOtrMessage(writeOtrMessage(message)), message);
    }),
    { numRuns: 500 },
  );
});

Deno.test("parseOtrMessage() reads fragments whose pieces join to the message", () => {
  const fragmented = fc.tuple(encoded, fc.integer({ min: 37, max: 400 }), header);
  fc.assert(
    fc.property(fragmented, ([message, limit, head]) => {
      const whole = writeOtrMessage({ ...message, prefix: "", suffix: "" });
      const fragments = writeFragments(whole, head, limit);
      assert(fragments.every((it) => it.length <= limit));
      const read = fragments.map((it) => parseOtrMessage(it));
      if (fragments.length === 1) return assertEquals(fragments, [whole]);
      assertEquals(
        read.map((it) => it.type === "fragment" ? [it.k, it.n, it.version] : it.type),
        read.map((_, at) => [at + 1, read.length, head.version]),
      );
      assertEquals(read.map((it) => it.type === "fragment" ? it.piece : "").join(""), whole);
      assertEquals(read.map(writeOtrMessage), fragments);
    }),
    { numRuns: 300 },
  );
});

Deno.test("readPlaintext() reads text and records as they were written", () => {
  const content = fc.uint8Array({ min: 1, max: 255, maxLength: 100 });
  const tlvs = fc.array(
    fc.record({ type: fc.integer({ min: 0, max: 0xffff }), value: octets(300) }, {
      noNullPrototype: true,
    }),
    { maxLength: 10 },
  );
  fc.assert(
    fc.property(content, tlvs, (text, records) => {
      const read = readPlaintext(writePlaintext(text, records), 10);
      assertEquals(Array.from(read.content), Array.from(text));
      assertEquals(read.tlvs, records);
      assertEquals(read.ignored, undefined);
    }),
  );
});

/** Strings made of what OTR looks for, in any order, and of anything else. */
const suspicious = fc.array(
  fc.oneof(
    fc.constantFrom(
      "?OTR",
      "?OTR:",
      "?OTR?",
      "?OTRv",
      "?OTR|",
      "?OTR,",
      "?OTR Error:",
      "?",
      ":",
      ".",
      ",",
      "|",
      "=",
      "AAMC",
      "AAID",
      "AAMD",
      "00001",
      "65536",
      "ffffffff",
      "\t  \t\t\t\t \t \t \t  ",
      " \t  \t\t\t\t \t \t \t  ",
      "  \t\t  \t\t",
      "\u0000",
    ),
    fc.base64String({ maxLength: 60 }),
    fc.string({ unit: "binary", maxLength: 8 }),
    fc.nat().map(String),
  ),
  { maxLength: 20 },
).map((it) => it.join(""));

Deno.test("parseOtrMessage() never throws, and writing what it read does not either", () => {
  fc.assert(
    fc.property(suspicious, (text) => {
      const message: OtrMessage = parseOtrMessage(text);
      const written = writeOtrMessage(message);
      // Base64 may be spelled in several ways; everything else comes back as it was.
      if (!text.includes("?OTR:")) assertEquals(written, text);
      if (message.type === "malformed") assertEquals(message.error.name, "PeerError");
    }),
    { numRuns: 5000 },
  );
});

Deno.test("parseOtrMessage() reads what it wrote a second time to the same value", () => {
  fc.assert(
    fc.property(suspicious, (text) => {
      const once = parseOtrMessage(text);
      if (once.type !== "malformed") assertEquals(parseOtrMessage(writeOtrMessage(once)), once);
    }),
    { numRuns: 3000 },
  );
});
