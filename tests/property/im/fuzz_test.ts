/** Whatever arrives: a value or a PeerError, never another exception, never unbounded work. */
import { assert } from "@std/assert";
import fc from "fast-check";
import { concatBytes, decodeUtf8Lossy, utf8 } from "../../../lib/base/bytes.ts";
import { PeerError } from "../../../lib/base/errors.ts";
import {
  decodeText,
  htmlToText,
  imdnRequestOf,
  parseContentType,
  parseCpim,
  parseImdn,
  parseIsComposing,
  unsupportedFeatures,
} from "../../../lib/im/mod.ts";

const FOLDER = new URL("../../../fixtures/im/", import.meta.url);
const CORPUS = [...Deno.readDirSync(FOLDER)].map(({ name }) =>
  Deno.readFileSync(new URL(name, FOLDER))
);
const WORDS = [
  "\r\n",
  "\n\n",
  ": ",
  "NS: <",
  ">",
  "<",
  "&",
  "\\",
  "\\u00",
  '"',
  ";",
  "<![CDATA[",
  "]]>",
  "<!--",
  "&#x",
  "xmlns:",
  "Content-Type:",
  "Require: ",
  "\0",
];

const damaged = fc.record({
  original: fc.constantFrom(...CORPUS),
  at: fc.nat(500),
  length: fc.nat(20),
  by: fc.oneof(fc.uint8Array({ maxLength: 20 }), fc.constantFrom(...WORDS).map(utf8)),
}).map(({ original, at, length, by }) =>
  concatBytes(original.subarray(0, at), by, original.subarray(at + length))
);

/** Runs `parse`; a PeerError is as good as a value. */
function tries(parse: () => void): void {
  try {
    parse();
  } catch (error) {
    assert(error instanceof PeerError, String(error));
  }
}

function survives(input: Uint8Array): void {
  const text = decodeUtf8Lossy(input);
  tries(() => {
    const message = parseCpim(input);
    unsupportedFeatures(message);
    imdnRequestOf(message);
    decodeText(message.contentType, message.body);
  });
  tries(() => void parseIsComposing(input));
  tries(() => void parseImdn(input));
  tries(() => void parseContentType(text));
  htmlToText(text);
}

Deno.test("the parsers of lib/im survive damaged documents", () => {
  fc.assert(fc.property(damaged, survives), { numRuns: 3000 });
});

Deno.test("the parsers of lib/im survive any octets", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), survives), { numRuns: 1000 });
});

Deno.test("the parsers of lib/im take no more than linear time for their largest inputs", () => {
  const start = performance.now();
  for (const word of [...WORDS, " ", "a", "From: ", "=", "<a ", "From: <a>\r\n"]) {
    survives(utf8(word.repeat(30_000 / word.length)));
    survives(utf8(`From: ${word.repeat(30_000 / word.length)}x\r\n\r\n`));
    survives(utf8(`NS: ${word.repeat(30_000 / word.length)}x\r\n\r\n`));
    survives(utf8(`<a ${word.repeat(15_000 / word.length)}`));
  }
  assert(performance.now() - start < 5000, "some input took quadratic time or worse");
});
