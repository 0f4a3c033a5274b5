import { assertEquals, assertThrows } from "@std/assert";
import { decodeUtf8, utf8 } from "../../../lib/base/bytes.ts";
import { TEXT_PLAIN } from "../../../lib/im/content_type.ts";
import { parseCpim } from "../../../lib/im/cpim_parser.ts";
import { type CpimContent, writeAddress, writeCpim } from "../../../lib/im/cpim_writer.ts";

const CONTENT: CpimContent = {
  from: { name: "Alice", uri: "sip:alice@example.com" },
  to: [{ uri: "sip:bob@example.net" }],
  dateTime: "2026-02-03T10:11:12.131415+01:00",
  contentType: { ...TEXT_PLAIN, parameters: [{ name: "charset", value: "utf-8" }] },
  body: utf8("?OTRv23?"),
};

Deno.test("writeCpim() writes headers, an empty line, the MIME part, CRLF throughout, and the body as it is", () => {
  assertEquals(
    decodeUtf8(writeCpim(CONTENT)),
    "From: Alice <sip:alice@example.com>\r\n" +
      "To: <sip:bob@example.net>\r\n" +
      "DateTime: 2026-02-03T10:11:12.131415+01:00\r\n" +
      "\r\n" +
      "Content-Type: text/plain;charset=utf-8\r\n" +
      "\r\n" +
      "?OTRv23?",
  );
});

Deno.test("writeCpim() writes copies, subjects, extensions and further MIME headers", () => {
  const bytes = writeCpim({
    ...CONTENT,
    cc: [{ uri: "sip:carol@example.org" }],
    subjects: [{ text: "one\ntwo" }, { text: "deux", language: "fr" }],
    extensions: [{ prefix: "x", namespace: "urn:x", headers: [["Flag", "a\\b"]] }],
    contentHeaders: [["Content-ID", "<1@x>"]],
  });
  const read = parseCpim(bytes);
  assertEquals(read.cc, [{ uri: "sip:carol@example.org" }]);
  assertEquals(read.subjects, [{ text: "one\ntwo" }, { text: "deux", language: "fr" }]);
  assertEquals(read.headers.at(-1)?.value, "a\\b");
  assertEquals(read.headers.at(-1)?.namespace, "urn:x");
  assertEquals(read.contentHeaders.at(-1), ["Content-ID", "<1@x>"]);
  assertEquals(read.body, CONTENT.body);
});

Deno.test("writeAddress() quotes a name unless it consists of tokens", () => {
  const cases: [string | undefined, string][] = [
    [undefined, "<sip:a@b>"],
    ["", "<sip:a@b>"],
    ["Alice", "Alice <sip:a@b>"],
    ["Alice B. Müller", "Alice B. Müller <sip:a@b>"],
    ["Alice  two blanks", '"Alice  two blanks" <sip:a@b>'],
    ["Bob (work)", '"Bob (work)" <sip:a@b>'],
    ['The "Boss"', '"The \\"Boss\\"" <sip:a@b>'],
    ["a <b>", '"a <b>" <sip:a@b>'],
    ["line\r\nFrom: evil", '"line\\r\\nFrom: evil" <sip:a@b>'],
  ];
  for (const [name, written] of cases) {
    const address = { ...(name === undefined ? {} : { name }), uri: "sip:a@b" };
    assertEquals(writeAddress(address), written);
    const read = parseCpim(utf8(`From: ${written}\r\n\r\n\r\n`)).from;
    assertEquals(read?.name ?? "", name ?? "");
  }
});

Deno.test("writeCpim() refuses what could not be read back", () => {
  const bad: Partial<CpimContent>[] = [
    { dateTime: "yesterday" },
    { dateTime: "2026-02-03 10:11:12Z" },
    { from: { uri: "sip:a@b>\r\nTo: <sip:evil@x" } },
    { subjects: [{ text: "x", language: "e n" }] },
    { extensions: [{ prefix: "a.b", namespace: "urn:x", headers: [] }] },
    { extensions: [{ prefix: "a", namespace: "urn:x>", headers: [] }] },
    { contentHeaders: [["A", "b\r\nC: d"]] },
    { contentHeaders: [["A:", "b"]] },
  ];
  for (const change of bad) assertThrows(() => writeCpim({ ...CONTENT, ...change }), TypeError);
});
