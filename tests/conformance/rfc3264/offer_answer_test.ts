/** The offer/answer model as far as descriptions decide it: RFC 3264. */
import { assertEquals } from "@std/assert";
import { decodeUtf8 } from "../../../lib/base/bytes.ts";
import {
  checkMsrpAnswer,
  createMsrpAnswer,
  createMsrpOffer,
  nextEdition,
  parseMsrpMedia,
  parseSessionDescription,
  writeSessionDescription,
} from "../../../lib/sdp/mod.ts";

const MIXED = parseSessionDescription(
  [
    "v=0",
    "o=a 1 1 IN IP4 192.0.2.1",
    "s=-",
    "c=IN IP4 192.0.2.1",
    "t=0 0",
    "m=audio 49170 RTP/AVP 0",
    "a=rtpmap:0 PCMU/8000",
    "m=message 7394 TCP/MSRP *",
    "a=accept-types:text/plain",
    "a=path:msrp://192.0.2.1:7394/x;tcp",
    "m=video 51372 RTP/AVP 31",
    "",
  ].join("\r\n"),
);
const ANSWER = {
  sessionId: "2",
  sessionVersion: "1",
  index: 1,
  media: { path: ["msrp://192.0.2.2:8493/y;tcp"], acceptTypes: ["text/plain"] },
} as const;
const ABILITIES = { transports: ["TCP/MSRP"], sendTypes: ["text/plain"] } as const;

Deno.test("SIP-040 an offer in an INVITE is answered by a description that the offerer can use", () => {
  const answer = parseSessionDescription(writeSessionDescription(createMsrpAnswer(MIXED, ANSWER)));
  assertEquals(checkMsrpAnswer(MIXED, answer, 1, ABILITIES).media?.path, [
    "msrp://192.0.2.2:8493/y;tcp",
  ]);
});

Deno.test("SIP-041 a refused medium keeps its place with port 0, and media never get fewer", () => {
  const answer = createMsrpAnswer(MIXED, ANSWER);
  assertEquals(answer.media.map((it) => [it.media, it.port, it.protocol]), [
    ["audio", 0, "RTP/AVP"],
    ["message", 8493, "TCP/MSRP"],
    ["video", 0, "RTP/AVP"],
  ]);
  const short = { ...answer, media: answer.media.slice(0, 2) };
  assertEquals(checkMsrpAnswer(MIXED, short, 1, ABILITIES).refusal?.reason, "media-count-changed");
});

Deno.test("RFC 3264 §6.1 the answer to sendonly is recvonly, to inactive inactive", () => {
  for (const [offered, answered] of [["sendonly", "recvonly"], ["inactive", "inactive"]] as const) {
    const offer = createMsrpOffer({
      sessionId: "1",
      sessionVersion: "1",
      media: {
        transport: "TCP/MSRP",
        path: ["msrp://192.0.2.1:7394/x;tcp"],
        acceptTypes: ["text/plain"],
        direction: offered,
      },
    });
    const answer = createMsrpAnswer(offer, { ...ANSWER, index: 0 });
    assertEquals(parseMsrpMedia(answer, 0)?.direction, answered);
  }
});

Deno.test("RFC 3264 §8 a changed description counts its version up by one, and by no more", () => {
  const first = createMsrpAnswer(MIXED, ANSWER);
  const hold = nextEdition(first, {
    ...createMsrpAnswer(MIXED, ANSWER),
    attributes: [{ name: "inactive" }],
  });
  const resumed = nextEdition(hold, createMsrpAnswer(MIXED, ANSWER));
  assertEquals([first, hold, resumed].map((it) => it.origin.sessionVersion), ["1", "2", "3"]);
  assertEquals(resumed.origin.sessionId, first.origin.sessionId);
});

Deno.test("RFC 3264 §5.1 the version survives beyond what a double can count", () => {
  const origin = { ...MIXED.origin, sessionVersion: "18446744073709551615" };
  const next = nextEdition({ ...MIXED, origin }, { ...MIXED, information: "changed" });
  assertEquals(
    decodeUtf8(writeSessionDescription(next))?.includes(" 18446744073709551616 IN "),
    true,
  );
});
