import { assertEquals, assertStringIncludes } from "@std/assert";
import { utf8 } from "../../../lib/base/bytes.ts";
import { IMDN_TYPE } from "../../../lib/im/mod.ts";
import type { Carriage } from "../../../lib/session/message_wrapping.ts";
import { SideTalk } from "../../../lib/session/side_talk.ts";

const NOTIFICATION = {
  content: { contentType: IMDN_TYPE, body: utf8("<imdn/>") },
  to: "sip:Carol@Example.org",
};

function talk(carriage: Carriage, isFocus = false) {
  const sent: { type: string; body: string; to: string | undefined }[] = [];
  const it = new SideTalk({
    peer: "bob@example.net",
    media: { carriageOf: () => carriage },
    isFocus: () => isFocus,
    send: ({ contentType, body }, to) =>
      sent.push({ type: contentType, body: new TextDecoder().decode(body), to }),
  });
  return { it, sent };
}

Deno.test("SideTalk.composing() says it to peers that list the type, and to no other (RFC 3994 §3)", () => {
  for (const carriage of ["plain", "cpim", "refused"] as const) {
    const { it, sent } = talk(carriage);
    it.composing("active", 90);
    assertEquals(sent.length, carriage === "refused" ? 0 : 1, carriage);
    for (const { type, body, to } of sent) {
      assertEquals([type, to], ["application/im-iscomposing+xml", undefined]);
      assertStringIncludes(body, "<state>active</state>");
      assertStringIncludes(body, "<refresh>90</refresh>");
    }
  }
});

Deno.test("SideTalk.notify() tells who asked, in a CPIM or not at all (RFC 5438 §7.2.1)", () => {
  for (const carriage of ["plain", "cpim", "refused"] as const) {
    const { it, sent } = talk(carriage);
    it.notify(NOTIFICATION);
    it.notify(undefined);
    assertEquals(
      sent,
      carriage === "cpim" ? [{ type: IMDN_TYPE, body: "<imdn/>", to: "Carol@example.org" }] : [],
    );
  }
});

Deno.test("SideTalk.notify() tells the peer where nobody is named, and a conference nothing", () => {
  const one = talk("cpim");
  one.it.notify({ ...NOTIFICATION, to: undefined });
  assertEquals(one.sent.map((it) => it.to), ["bob@example.net"]);
  const room = talk("cpim", true);
  room.it.notify(NOTIFICATION);
  assertEquals(room.sent, []);
});
