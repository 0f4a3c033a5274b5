import { assertEquals } from "@std/assert";
import { utf8 } from "../../../lib/base/mod.ts";
import { blinkHazards } from "../../../lib/storage/blink_hazards.ts";
import { parseTrustedPeers } from "../../../lib/storage/trusted_peers_file.ts";
import { readFixture } from "../../helpers/temporary_folder.ts";

const ROW = "bob@example.com\t4AF9F2B1 DB4EE051 B2C07452 6602C0BC 0BB2CE3C\tverified";

function hazards(text: string): [number, string][] {
  return blinkHazards(parseTrustedPeers(utf8(text))).map(({ line, message }) => [line, message]);
}

Deno.test("blinkHazards() has nothing against a file that Blink wrote", () => {
  assertEquals(blinkHazards(parseTrustedPeers(readFixture("storage/trusted_peers"))), []);
  assertEquals(hazards(""), []);
});

Deno.test("blinkHazards() names lines at which Blink stops", () => {
  assertEquals(hazards(`# note\n\n${ROW}\nnonsense\n`), [
    [1, "Blink 2013 would lose a comment and every line after it"],
    [2, "Blink 2013 would lose a blank line and every line after it"],
    [4, "Blink 2013 would lose a line without three columns and every line after it"],
  ]);
  assertEquals(hazards(`j\u00fcrgen@example.com\tx\t\n`)[0]?.[0], 1);
});

Deno.test("blinkHazards() names a missing last line end and unverified rows with CRLF", () => {
  assertEquals(hazards(ROW), [
    [1, "Blink 2013 would eat the last character: a line end is missing"],
  ]);
  const unverified = ROW.replace("verified", "");
  assertEquals(hazards(`${ROW}\r\n${unverified}\r\n`), [
    [2, "Blink 2013 would take the fingerprint for verified: the line ends with CRLF"],
  ]);
});

Deno.test("blinkHazards() names files beyond the read-ahead", () => {
  const many = `${ROW}\n`.repeat(120);
  assertEquals(hazards(many).length, 1);
  assertEquals(hazards(many)[0]?.[0], 120);
  assertEquals(hazards(`${ROW}\n`.repeat(100)), []);
});
