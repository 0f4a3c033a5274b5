import { assert, assertEquals } from "@std/assert";
import { type MsrpMedia, parseMsrpMedia } from "../../../lib/sdp/msrp_media.ts";
import { createMsrpAnswer } from "../../../lib/sdp/offer_answer.ts";
import {
  checkMsrpAnswer,
  checkMsrpMedia,
  chooseMsrpMedia,
  type MsrpAbilities,
} from "../../../lib/sdp/refusal.ts";
import { parseSessionDescription } from "../../../lib/sdp/sdp_parser.ts";
import type { SessionDescription } from "../../../lib/sdp/session_description.ts";

const HEAD = "v=0\no=a 1 1 IN IP4 h\ns=-\nc=IN IP4 h\nt=0 0\n";
const GOOD = "m=message 7 TCP/MSRP *\na=path:msrp://h:7/x;tcp\na=accept-types:text/plain\n";
const ABILITIES: MsrpAbilities = {
  transports: ["TCP/MSRP", "TCP/TLS/MSRP"],
  sendTypes: ["message/cpim", "text/plain"],
};

function media(text: string): MsrpMedia {
  const parsed = parseMsrpMedia(parseSessionDescription(HEAD + text), 0);
  if (parsed === undefined) throw new Error("expected an MSRP medium");
  return parsed;
}

Deno.test("checkMsrpMedia() accepts a good medium and names every fault of a bad one", () => {
  const cases: [string, string | undefined][] = [
    [GOOD, undefined],
    [GOOD.replace(" 7 ", " 0 "), "media-refused"],
    [GOOD.replace("MSRP *", "MSRP 98"), "bad-format-list"],
    [GOOD.replace("MSRP *", "MSRP * 98"), "bad-format-list"],
    [GOOD.replace(/a=path.*\n/, ""), "no-path"],
    [GOOD.replace("a=path:msrp:", "a=path:msrps:"), "path-scheme-mismatch"],
    [GOOD.replace("TCP/MSRP", "TCP/TLS/MSRP"), "path-scheme-mismatch"],
    [GOOD.replace(/a=accept-types.*\n/, ""), "no-accept-types"],
    [GOOD.replace("text/plain", "image/png"), "no-common-type"],
    [GOOD.replace("text/plain", "message/cpim"), undefined],
    [GOOD.replace("text/plain", "*"), undefined],
  ];
  for (const [text, reason] of cases) {
    assertEquals([text, checkMsrpMedia(media(text), ABILITIES)?.reason], [text, reason]);
  }
});

Deno.test("checkMsrpMedia() refuses a transport that we do not speak, with a warning for SIP", () => {
  const refusal = checkMsrpMedia(media(GOOD), { ...ABILITIES, transports: ["TCP/TLS/MSRP"] });
  assertEquals(refusal?.reason, "transport-not-acceptable");
  assertEquals(refusal?.warningCode, 302);
  assert(/^[ -~]+$/.test(refusal?.warningText ?? ""));
});

Deno.test("chooseMsrpMedia() takes the first good medium, or the first one's reason", () => {
  const bad = GOOD.replace("text/plain", "image/png");
  const offer = parseSessionDescription(`${HEAD}m=audio 9 RTP/AVP 0\n${bad}${GOOD}`);
  assertEquals(chooseMsrpMedia(offer, ABILITIES).media?.index, 2);
  const onlyBad = parseSessionDescription(`${HEAD}${bad}${GOOD.replace(/a=path.*\n/, "")}`);
  assertEquals(chooseMsrpMedia(onlyBad, ABILITIES).refusal?.reason, "no-common-type");
  const none = parseSessionDescription(`${HEAD}m=audio 9 RTP/AVP 0\n`);
  assertEquals(chooseMsrpMedia(none, ABILITIES).refusal?.reason, "no-msrp-media");
});

Deno.test("checkMsrpAnswer() accepts our own answer and refuses one that changed the media", () => {
  const offer = parseSessionDescription(`${HEAD}m=audio 9 RTP/AVP 0\n${GOOD}`);
  const answer = createMsrpAnswer(offer, {
    sessionId: "5",
    sessionVersion: "1",
    index: 1,
    media: { path: ["msrp://h:8/y;tcp"], acceptTypes: ["text/plain"] },
  });
  assertEquals(checkMsrpAnswer(offer, answer, 1, ABILITIES).media?.path, ["msrp://h:8/y;tcp"]);
  const reason = (changed: SessionDescription): string | undefined =>
    checkMsrpAnswer(offer, changed, 1, ABILITIES).refusal?.reason;
  const [audio, message] = answer.media;
  if (audio === undefined || message === undefined) throw new Error("expected two media");
  assertEquals(reason({ ...answer, media: [message] }), "media-count-changed");
  assertEquals(reason({ ...answer, media: [message, audio] }), "media-refused");
  assertEquals(reason({ ...answer, media: [audio, { ...message, port: 0 }] }), "media-refused");
  const otherTransport = { ...message, protocol: "TCP/TLS/MSRP" };
  assertEquals(reason({ ...answer, media: [audio, otherTransport] }), "transport-changed");
  const noPath = { ...message, attributes: message.attributes.filter((it) => it.name !== "path") };
  assertEquals(reason({ ...answer, media: [audio, noPath] }), "no-path");
});
