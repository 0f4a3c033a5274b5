/** What is true of every file, whatever people and other programs leave in it. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { equalBytes, fromLatin1, SottoError } from "../../../lib/base/mod.ts";
import {
  appendRow,
  canonicalAor,
  type FileLine,
  importKeys,
  importTrust,
  makeRow,
  mergeTrust,
  parseConfig,
  parseSExpression,
  parseSipsimpleTrust,
  parseTrustedPeers,
  readPickle,
  rowsOf,
  skeletonOf,
  withTrust,
  writeSExpressionString,
  writeTrustedPeers,
} from "../../../lib/storage/mod.ts";

const fingerprint = fc.array(fc.nat(15), { minLength: 40, maxLength: 40 })
  .map((digits) => digits.map((digit) => digit.toString(16)).join(""));
const aor = fc.tuple(fc.stringMatching(/^[a-z0-9.]{1,8}$/), fc.stringMatching(/^[a-z]{1,6}$/))
  .map(([user, host]) => `${user}@${host}.example`);
const trust = fc.constantFrom("verified" as const, "unverified" as const);
const row = fc.tuple(aor, fingerprint, trust).map((it) => makeRow(...it));

/** Pieces of which such files are made, and any octets. */
const anything = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.constantFrom("\n", "\r\n", "\t", "# ", "bob@example.com", "verified", "smp", "\ufeff", "\0")
    .map((it) => new TextEncoder().encode(it)),
  row.map(({ bytes }) => bytes),
);
const file = fc.array(anything, { maxLength: 30 }).map((parts) => {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
});

Deno.test("a trusted_peers file of any octets is written back as it was", () => {
  fc.assert(fc.property(file, (bytes) => {
    assert(equalBytes(writeTrustedPeers(parseTrustedPeers(bytes)), bytes));
  }));
});

Deno.test("a change of one row leaves every other line of any file as it was", () => {
  fc.assert(fc.property(file, aor, fingerprint, trust, (bytes, name, digits, word) => {
    const before = parseTrustedPeers(bytes);
    const appended = writeTrustedPeers(appendRow(before, name, digits, word));
    assert(equalBytes(appended.subarray(0, bytes.length), bytes));
    const rows = rowsOf(parseTrustedPeers(appended));
    assertEquals(rows.length, rowsOf(before).length + 1);
    assertEquals(rows.at(-1), {
      aor: name,
      fingerprint: digits,
      trust: word,
      how: word === "verified" ? "manual" : "",
      line: parseTrustedPeers(appended).length,
    });
    const changed = before.map((line) => withTrust(line, word));
    const again = parseTrustedPeers(writeTrustedPeers(changed));
    assertEquals(again.length, before.length);
    for (const [at, line] of before.entries()) {
      if (line.row === undefined) assertEquals(again[at]?.bytes, line.bytes);
      else assertEquals(again[at]?.row?.trust, word);
    }
  }));
});

const rows = fc.uniqueArray(fc.tuple(fc.constantFrom("a@x.y", "b@x.y", "c@x.y"), trust), {
  selector: ([name]) => name,
}).map((list): FileLine[] => list.map(([name, word]) => makeRow(name, "a".repeat(40), word)));

function states(lines: readonly FileLine[]): Map<string, string> {
  return new Map(rowsOf(lines).map((it) => [it.aor, it.trust]));
}

Deno.test("a merge takes every change that only one side made, and reports all others", () => {
  fc.assert(fc.property(rows, rows, rows, (base, ours, theirs) => {
    const { lines, conflicts } = mergeTrust(base, ours, theirs);
    const [b, o, t, merged] = [base, ours, theirs, lines].map(states);
    for (const name of ["a@x.y", "b@x.y", "c@x.y"]) {
      const [before, here, there] = [b, o, t].map((it) => it?.get(name));
      const expected = there === before ? here : here === before ? there : here;
      assertEquals(merged?.get(name), expected, name);
      const contradicts = here !== before && there !== before && here !== there;
      assertEquals(conflicts.some((it) => it.aor === name), contradicts, name);
    }
  }));
});

Deno.test("the canonical spelling of an address is its own", () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.string({ unit: "binary" }), aor), (text) => {
    const canonical = canonicalAor(text);
    if (canonical === undefined) return;
    assertEquals(canonicalAor(canonical), canonical);
    assertEquals(canonicalAor(`sip:${canonical};transport=tcp`), canonical);
    assertEquals(typeof skeletonOf(canonical), "string");
  }));
});

Deno.test("strings of s-expressions come back", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
    assertEquals(
      parseSExpression(fromLatin1(writeSExpressionString(bytes))),
      new Uint8Array(bytes),
    );
  }));
});

/** Starts of each format, so that the fuzzers get past the first octets. */
const STARTS = [
  "",
  "(privkeys (account (name a) (private-key (dsa (p #",
  "-----BEGIN PRIVATE KEY-----\nMIIB",
  "\0\0\0\0\0\x80",
  "\x80\x04\x95\0\0\0\0\0\0\0\0\x8c\x1asipsimple.streams.msrp.chat\x8c\x11OTRTrustedPeerSet\x93",
  "csipsimple.streams.msrp.chat\nOTRTrustedPeerSet\n",
  '{"peer":',
  "a\tb\tc\taaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\t",
  "[otr]\npolicy = ",
];
const hostile = fc.tuple(fc.constantFrom(...STARTS), fc.uint8Array({ maxLength: 200 }))
  .map(([start, rest]) => Uint8Array.from([...fromLatin1(start), ...rest]));

Deno.test("readers of files give a value or a SottoError, whatever the octets", () => {
  const readers: ((bytes: Uint8Array) => unknown)[] = [
    importKeys,
    importTrust,
    parseSExpression,
    parseSipsimpleTrust,
    (bytes) => readPickle(bytes, { classes: new Set() }),
    (bytes) => parseConfig(new TextDecoder().decode(bytes), "config.toml"),
  ];
  fc.assert(
    fc.property(hostile, (bytes) => {
      for (const read of readers) {
        try {
          read(bytes);
        } catch (error) {
          if (!(error instanceof SottoError)) throw error;
        }
      }
    }),
    { numRuns: 1000 },
  );
});
