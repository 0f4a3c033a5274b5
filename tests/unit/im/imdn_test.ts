import { assertEquals, assertThrows } from "@std/assert";
import { utf8 } from "../../../lib/base/bytes.ts";
import { PeerError } from "../../../lib/base/errors.ts";
import { TEXT_PLAIN } from "../../../lib/im/content_type.ts";
import { parseCpim } from "../../../lib/im/cpim_parser.ts";
import { writeCpim } from "../../../lib/im/cpim_writer.ts";
import {
  type Imdn,
  IMDN_NAMESPACE,
  imdnExtension,
  imdnRequestOf,
  parseImdn,
  writeImdn,
} from "../../../lib/im/imdn.ts";

function read(name: string): Uint8Array {
  return Deno.readFileSync(new URL(`../../../fixtures/im/${name}`, import.meta.url));
}

const REPORT: Imdn = {
  messageId: "34jk324j",
  dateTime: "2008-04-04T12:16:49-05:00",
  recipientUri: "im:bob@example.com",
  originalRecipientUri: "im:bob@example.com",
  notification: "delivery",
  status: "delivered",
};

Deno.test("imdnRequestOf() reads what the example of RFC 5438 asks for", () => {
  assertEquals(imdnRequestOf(parseCpim(read("rfc5438-section-7.cpim"))), {
    messageId: "34jk324j",
    requests: ["positive-delivery", "negative-delivery"],
  });
});

Deno.test("imdnRequestOf() goes by the namespace, not by the prefix", () => {
  const head = "NS: zz <urn:ietf:params:imdn>\r\n";
  const parse = (text: string): ReturnType<typeof imdnRequestOf> =>
    imdnRequestOf(parseCpim(utf8(`${text}\r\n\r\n`)));
  assertEquals(parse(`${head}zz.Message-ID: 1\r\nzz.Disposition-Notification: display,x\r\n`), {
    messageId: "1",
    requests: ["display"],
  });
  assertEquals(parse(`${head}zz.Message-ID: 1\r\n`), { messageId: "1", requests: [] });
  assertEquals(parse("imdn.Message-ID: 1\r\n"), undefined);
});

Deno.test("imdnExtension() is what imdnRequestOf() reads", () => {
  for (const requests of [[], ["display"], ["positive-delivery", "display"]] as const) {
    const written = writeCpim({
      from: { uri: "sip:a@b" },
      to: [],
      extensions: [imdnExtension({ messageId: "x1", requests })],
      contentType: TEXT_PLAIN,
      body: utf8("hi"),
    });
    assertEquals(imdnRequestOf(parseCpim(written)), { messageId: "x1", requests: [...requests] });
  }
});

Deno.test("parseImdn() reads the example of RFC 5438, and what writeImdn() writes", () => {
  assertEquals(parseImdn(read("rfc5438-delivery.xml")), REPORT);
  const others: Imdn[] = [
    REPORT,
    { messageId: "<&>", dateTime: "d", notification: "display", status: "displayed", subject: "s" },
    { messageId: "1", dateTime: "d", notification: "processing", status: "stored" },
  ];
  for (const it of others) assertEquals(parseImdn(writeImdn(it)), it);
});

Deno.test("parseImdn() refuses what is no report", () => {
  const bad = [
    "<imdn/>",
    `<x xmlns="${IMDN_NAMESPACE}"><message-id>1</message-id><datetime>d</datetime><delivery-notification><status><failed/></status></delivery-notification></x>`,
    `<imdn xmlns="${IMDN_NAMESPACE}"><message-id>1</message-id><datetime>d</datetime></imdn>`,
    `<imdn xmlns="${IMDN_NAMESPACE}"><datetime>d</datetime><delivery-notification><status><failed/></status></delivery-notification></imdn>`,
  ];
  for (const text of bad) {
    const error = assertThrows(() => parseImdn(utf8(text)), PeerError);
    assertEquals(error.code, "im/bad-imdn");
  }
});

Deno.test("writeImdn() refuses a status that is no name", () => {
  assertThrows(() => writeImdn({ ...REPORT, status: "delivered/><x" }), TypeError);
});
