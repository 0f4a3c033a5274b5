import { assertEquals, assertThrows } from "@std/assert";
import { decodeUtf8, SottoError, utf8 } from "../../../../lib/base/mod.ts";
import {
  exportBlinkTrust,
  exportLibotrTrust,
  importTrust,
} from "../../../../lib/storage/formats/trust_file.ts";
import { parseTrustedPeers, rowsOf } from "../../../../lib/storage/trusted_peers_file.ts";
import { readFixture } from "../../../helpers/temporary_folder.ts";

const A = "4af9f2b1db4ee051b2c074526602c0bc0bb2ce3c";
const B = "257920d7dfe968024dd69758df19928efc166490";
const GROUPS = "4AF9F2B1 DB4EE051 B2C07452 6602C0BC 0BB2CE3C";

Deno.test("importTrust() recognises Blink's file", () => {
  const { format, rows } = importTrust(readFixture("storage/trusted_peers"));
  assertEquals(format, "blink");
  assertEquals(rows[0], { peer: "bob@example.com", fingerprint: A, trust: "verified" });
  assertEquals(importTrust(utf8("# nothing yet\n")).rows, []);
});

Deno.test("importTrust() recognises libotr's file, where any trust counts", () => {
  const text = `bob@example.com\talice@example.com/Home\tprpl-jabber\t${A}\tverified\n` +
    `carol\talice\tprpl-irc\t${B}\t\ndave\talice\tprpl-irc\t${B}\tsmp\nbroken\tline\n`;
  assertEquals(importTrust(utf8(text)), {
    format: "libotr",
    rows: [
      { peer: "bob@example.com", fingerprint: A, trust: "verified" },
      { peer: "carol", fingerprint: B, trust: "unverified" },
      { peer: "dave", fingerprint: B, trust: "verified" },
    ],
    faults: [{
      line: 4,
      message: "expected user, account, protocol, fingerprint and trust, found 'broken\\tline'",
    }],
  });
});

Deno.test("importTrust() recognises sipsimple's pickles and our own JSON Lines", () => {
  const pickled = importTrust(readFixture("storage/otr.trusted.python3"));
  assertEquals([pickled.format, pickled.rows.length, pickled.rows[0]?.peer], [
    "sipsimple",
    2,
    undefined,
  ]);
  const json =
    `{"type":"peer","peer":"bob@example.com","fingerprint":"${A}","trust":"verified"}\n{}\n`;
  const { format, rows, faults } = importTrust(utf8(json));
  assertEquals([format, rows, faults.map(({ line }) => line)], [
    "json",
    [{ peer: "bob@example.com", fingerprint: A, trust: "verified" }],
    [2],
  ]);
});

Deno.test("importTrust() refuses files in no known format", () => {
  for (const text of ["hello\n", "{}\n", "a\tb\tc\n"]) {
    const error = assertThrows(() => importTrust(utf8(text)), SottoError);
    assertEquals(error.code, "storage/unknown-format");
  }
});

Deno.test("exportBlinkTrust() writes rows and nothing else, each once", () => {
  const rows = rowsOf(parseTrustedPeers(utf8(
    `# c\n\nbob@example.com\t${A}\t\nBob@EXAMPLE.com\t${A}\tsmp\nbob@example.com\t${A}\tverified`,
  )));
  assertEquals(
    decodeUtf8(exportBlinkTrust(rows)),
    `bob@example.com\t${GROUPS}\tverified\nBob@example.com\t${GROUPS}\tverified\n`,
  );
});

Deno.test("exportLibotrTrust() writes what importTrust() reads", () => {
  const rows = rowsOf(parseTrustedPeers(utf8(
    `bob@example.com\t${A}\tsmp\ncarol@example.com\t${B}\t\ndave@example.com\t${B}\tverified\n`,
  )));
  const file = exportLibotrTrust(rows, "alice@example.com", "prpl-jabber");
  assertEquals(
    decodeUtf8(file)?.split("\n")[0],
    `bob@example.com\talice@example.com\tprpl-jabber\t${A}\tsmp`,
  );
  assertEquals(importTrust(file).rows, [
    { peer: "bob@example.com", fingerprint: A, trust: "verified" },
    { peer: "carol@example.com", fingerprint: B, trust: "unverified" },
    { peer: "dave@example.com", fingerprint: B, trust: "verified" },
  ]);
  assertThrows(() => exportLibotrTrust(rows, "a\tb", "c"), RangeError);
});
