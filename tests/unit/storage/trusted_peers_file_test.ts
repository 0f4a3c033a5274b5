import { assertEquals, assertStringIncludes } from "@std/assert";
import { concatBytes, decodeUtf8Lossy, utf8 } from "../../../lib/base/mod.ts";
import {
  appendRow,
  endingOf,
  faultsOf,
  isWritableUid,
  makeRow,
  parseTrustedPeers,
  rowsOf,
  withTrust,
  writeTrustedPeers,
} from "../../../lib/storage/trusted_peers_file.ts";
import { readFixture } from "../../helpers/temporary_folder.ts";

const DIGITS = "4af9f2b1db4ee051b2c074526602c0bc0bb2ce3c";
const GROUPS = "4AF9F2B1 DB4EE051 B2C07452 6602C0BC 0BB2CE3C";

function text(lines: ReturnType<typeof parseTrustedPeers>): string {
  return decodeUtf8Lossy(writeTrustedPeers(lines));
}

Deno.test("parseTrustedPeers() reads both kinds of Blink's rows", () => {
  const rows = rowsOf(parseTrustedPeers(readFixture("storage/trusted_peers")));
  const fingerprint = DIGITS;
  assertEquals(rows, [
    { aor: "bob@example.com", fingerprint, trust: "verified", how: "manual", line: 1 },
    { aor: "f2a1c7d08e3b4a5f@192.0.2.10", fingerprint, trust: "verified", how: "smp", line: 2 },
    { aor: "c0ffee00c0ffee00@192.0.2.10", fingerprint, trust: "unverified", how: "", line: 3 },
  ]);
});

Deno.test("parseTrustedPeers() keeps every octet of a worn file", () => {
  const worn = readFixture("storage/worn_trusted_peers");
  assertEquals(writeTrustedPeers(parseTrustedPeers(worn)), worn);
});

Deno.test("parseTrustedPeers() uses what can be used of a worn file, and names the rest", () => {
  const lines = parseTrustedPeers(readFixture("storage/worn_trusted_peers"));
  assertEquals(rowsOf(lines).map(({ aor, trust, line }) => [line, aor, trust]), [
    [3, "bob@example.com", "verified"],
    [4, "Carol@example.com", "verified"],
    [6, "dave@example.com", "unverified"],
    [7, "f2a1c7d08e3b4a5f@192.0.2.10", "verified"],
    [9, "frank@example.com", "unverified"],
    [10, "grace@example.com", "unverified"],
    [16, "kena@example.com", "verified"],
    [17, "laura@example.com", "verified"],
  ]);
  assertEquals(faultsOf(lines), [
    {
      line: 8,
      message: "expected a fingerprint of 40 hexadecimal digits, found 'not a fingerprint'",
    },
    {
      line: 9,
      message:
        "expected 'verified', 'smp' or nothing as trust, found 'verfied': read as not verified",
    },
    { line: 10, message: "the third column (trust) is missing: read as not verified" },
    {
      line: 11,
      message: "expected address, fingerprint and trust with tabs between, found no tab",
    },
    {
      line: 12,
      message: "expected address, fingerprint and trust with tabs between, found 4 columns",
    },
    { line: 13, message: "expected UTF-8, found other octets" },
    { line: 14, message: "expected text, found \\x00" },
  ]);
});

Deno.test("parseTrustedPeers() passes over a byte order mark", () => {
  const bytes = utf8(`\ufeffbob@example.com\t${DIGITS}\tverified\n`);
  const lines = parseTrustedPeers(bytes);
  assertEquals(rowsOf(lines)[0]?.aor, "bob@example.com");
  assertEquals(writeTrustedPeers(lines), bytes);
});

Deno.test("parseTrustedPeers() escapes what it quotes", () => {
  const [fault] = faultsOf(parseTrustedPeers(utf8("bob@example.com\t\u202eevil\tverified\n")));
  assertStringIncludes(fault?.message ?? "", "'\\u202eevil'");
});

Deno.test("appendRow() writes our spelling with the file's line ends", () => {
  assertEquals(
    text(appendRow([], "bob@example.com", DIGITS, "verified")),
    `bob@example.com\t${GROUPS}\tverified\n`,
  );
  assertEquals(
    text(appendRow(parseTrustedPeers(utf8("# a\r\n")), "b@c", DIGITS, "unverified")),
    `# a\r\nb@c\t${GROUPS}\t\r\n`,
  );
});

Deno.test("appendRow() lets a missing last line end stay missing", () => {
  const before = parseTrustedPeers(utf8("# a\n# b"));
  const after = text(appendRow(before, "b@c", DIGITS, "verified"));
  assertEquals(after, `# a\n# b\nb@c\t${GROUPS}\tverified`);
});

Deno.test("withTrust() changes the word and the spelling, not the address nor the line end", () => {
  const [line] = parseTrustedPeers(utf8(`Bob@Example.com\t${DIGITS}\tsmp\r\n`));
  if (line === undefined) throw new Error("a line is missing");
  assertEquals(text([withTrust(line, "unverified")]), `Bob@Example.com\t${GROUPS}\t\r\n`);
  assertEquals(text([withTrust(line, "verified")]), `Bob@Example.com\t${GROUPS}\tverified\r\n`);
  const [comment] = parseTrustedPeers(utf8("# note\n"));
  if (comment === undefined) throw new Error("a line is missing");
  assertEquals(withTrust(comment, "verified"), comment);
});

Deno.test("makeRow() makes a row that is read back", () => {
  const line = makeRow("bob@example.com", DIGITS, "verified");
  assertEquals(line.row, {
    uid: "bob@example.com",
    aor: "bob@example.com",
    fingerprint: DIGITS,
    trust: "verified",
    how: "manual",
  });
  assertEquals(line.fault, undefined);
});

Deno.test("isWritableUid() refuses what would not come back", () => {
  for (const uid of ["", "#bob", "a\tb", "a\nb", " a", "a\u0000"]) {
    assertEquals(isWritableUid(uid), false, uid);
  }
  assertEquals(isWritableUid("bob@example.com"), true);
});

Deno.test("endingOf() knows the three endings", () => {
  assertEquals([utf8("a\n"), utf8("a\r\n"), utf8("a\r"), concatBytes()].map(endingOf), [
    "\n",
    "\r\n",
    "",
    "",
  ]);
});
