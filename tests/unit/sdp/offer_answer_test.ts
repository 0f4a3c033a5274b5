import { assertEquals, assertThrows } from "@std/assert";
import { decodeUtf8 } from "../../../lib/base/bytes.ts";
import type { Direction, Setup } from "../../../lib/sdp/attributes.ts";
import { parseMsrpMedia } from "../../../lib/sdp/msrp_media.ts";
import {
  answerDirection,
  answerSetup,
  canReceive,
  canSend,
  connectingSide,
  createMsrpAnswer,
  createMsrpOffer,
  isSameEdition,
  type MsrpOfferChoice,
  nextEdition,
  refuseEveryMedium,
} from "../../../lib/sdp/offer_answer.ts";
import { parseSessionDescription } from "../../../lib/sdp/sdp_parser.ts";
import { writeSessionDescription } from "../../../lib/sdp/sdp_writer.ts";

const OFFER: MsrpOfferChoice = {
  sessionId: "77",
  sessionVersion: "1",
  media: {
    transport: "TCP/MSRP",
    path: ["msrp://192.0.2.1:4242/abc;tcp"],
    acceptTypes: ["message/cpim", "text/plain"],
  },
};

const ANSWER = {
  sessionId: "88",
  sessionVersion: "1",
  index: 0,
  media: { path: ["msrp://192.0.2.2:5353/def;tcp"], acceptTypes: ["text/plain"] },
} as const;

Deno.test("createMsrpOffer() writes what RFC 4975 and RFC 6135 want of an offer", () => {
  assertEquals(
    decodeUtf8(writeSessionDescription(createMsrpOffer(OFFER))),
    [
      "v=0",
      "o=- 77 1 IN IP4 192.0.2.1",
      "s=-",
      "c=IN IP4 192.0.2.1",
      "t=0 0",
      "m=message 4242 TCP/MSRP *",
      "c=IN IP4 192.0.2.1",
      "a=path:msrp://192.0.2.1:4242/abc;tcp",
      "a=accept-types:message/cpim text/plain",
      "a=setup:actpass",
      "",
    ].join("\r\n"),
  );
});

Deno.test("createMsrpOffer() takes names and another address for o=, and refuses ids that are no digits", () => {
  const it = createMsrpOffer({ ...OFFER, address: "::1", username: "alice", sessionName: "sotto" });
  assertEquals([it.origin.username, it.origin.addressType, it.sessionName], [
    "alice",
    "IP6",
    "sotto",
  ]);
  assertThrows(() => createMsrpOffer({ ...OFFER, sessionId: "x" }), TypeError);
  assertThrows(() => createMsrpOffer({ ...OFFER, sessionVersion: "" }), TypeError);
});

Deno.test("createMsrpAnswer() keeps number and order of the media and refuses the others", () => {
  const offer = parseSessionDescription(
    "v=0\no=a 1 1 IN IP4 h\ns=-\nt=0 0\nm=audio 49170 RTP/AVP 0 8\nm=message 7 TCP/TLS/MSRP *\na=setup:actpass\nm=message 8 TCP/MSRP *\n",
  );
  const answer = createMsrpAnswer(offer, {
    ...ANSWER,
    index: 1,
    media: { path: ["msrps://192.0.2.2:5353/def;tcp"], acceptTypes: ["*"], setup: "active" },
  });
  assertEquals(answer.media.map((it) => [it.media, it.port, it.protocol, it.formats]), [
    ["audio", 0, "RTP/AVP", ["0", "8"]],
    ["message", 5353, "TCP/TLS/MSRP", ["*"]],
    ["message", 0, "TCP/MSRP", ["*"]],
  ]);
  assertEquals(parseMsrpMedia(answer, 1)?.setup, "active");
});

Deno.test("createMsrpAnswer() refuses to accept what is no MSRP medium or has port 0", () => {
  const offer = parseSessionDescription(
    "v=0\no=a 1 1 IN IP4 h\nm=audio 9 RTP/AVP 0\nm=message 0 TCP/MSRP *\n",
  );
  for (const index of [0, 1, 2]) {
    assertThrows(() => createMsrpAnswer(offer, { ...ANSWER, index }), RangeError);
  }
});

Deno.test("refuseEveryMedium() refuses every medium", () => {
  const offer = createMsrpOffer(OFFER);
  const answer = refuseEveryMedium(offer, {
    sessionId: "9",
    sessionVersion: "1",
    address: "192.0.2.9",
  });
  assertEquals(answer.media, [{
    media: "message",
    port: 0,
    protocol: "TCP/MSRP",
    formats: ["*"],
    attributes: [],
  }]);
});

/** RFC 6135 §4.2 and RFC 4975 §8.5, written by hand: offered, our wish, what we answer. */
const SETUP_TABLE: [Setup | undefined, "active" | "passive", "active" | "passive"][] = [
  ["actpass", "active", "active"],
  ["actpass", "passive", "passive"],
  ["active", "active", "passive"],
  ["active", "passive", "passive"],
  ["passive", "active", "active"],
  ["passive", "passive", "active"],
  ["holdconn", "active", "passive"],
  ["holdconn", "passive", "passive"],
  [undefined, "active", "passive"],
  [undefined, "passive", "passive"],
];

Deno.test("answerSetup() follows the table for every offer and wish", () => {
  for (const [offered, wish, answered] of SETUP_TABLE) {
    assertEquals([offered, wish, answerSetup(offered, wish)], [offered, wish, answered]);
  }
  assertEquals(answerSetup("actpass"), "passive");
});

/** Who connects: rows offered, columns answered active, passive, actpass, holdconn, nothing. */
const CONNECTING_TABLE: Record<string, string> = {
  active: "OOOOO",
  passive: "AOOOO",
  actpass: "AOOOO",
  holdconn: "OOOOO",
  none: "OOOOO",
};

Deno.test("connectingSide() follows the table for every offer and answer", () => {
  const values = ["active", "passive", "actpass", "holdconn", undefined] as const;
  for (const offered of values) {
    const row = values.map((it) => connectingSide(offered, it) === "offerer" ? "O" : "A").join("");
    assertEquals([offered, row], [offered, CONNECTING_TABLE[offered ?? "none"]]);
  }
});

/** RFC 3264 §6.1: rows offered, columns wished sendrecv, sendonly, recvonly, inactive. */
const DIRECTION_TABLE: Record<Direction, Direction[]> = {
  sendrecv: ["sendrecv", "sendonly", "recvonly", "inactive"],
  sendonly: ["recvonly", "inactive", "recvonly", "inactive"],
  recvonly: ["sendonly", "sendonly", "inactive", "inactive"],
  inactive: ["inactive", "inactive", "inactive", "inactive"],
};

Deno.test("answerDirection() follows the table for every offer and wish", () => {
  const values = ["sendrecv", "sendonly", "recvonly", "inactive"] as const;
  for (const offered of values) {
    assertEquals(values.map((wish) => answerDirection(offered, wish)), DIRECTION_TABLE[offered]);
  }
  assertEquals(answerDirection("sendonly"), "recvonly");
});

Deno.test("canSend() and canReceive() read a direction from its owner's side", () => {
  const values = ["sendrecv", "sendonly", "recvonly", "inactive"] as const;
  assertEquals(values.map(canSend), [true, true, false, false]);
  assertEquals(values.map(canReceive), [true, false, true, false]);
});

Deno.test("nextEdition() keeps o= when nothing changed and counts up when something did", () => {
  const first = createMsrpOffer({ ...OFFER, sessionVersion: "9007199254740993" });
  const same = nextEdition(
    first,
    createMsrpOffer({ ...OFFER, sessionId: "5", sessionVersion: "3" }),
  );
  assertEquals(same, first);
  assertEquals(isSameEdition(first, same), true);
  const media = { ...OFFER.media, direction: "inactive" as const };
  const changed = nextEdition(first, createMsrpOffer({ ...OFFER, media }));
  assertEquals(changed.origin, { ...first.origin, sessionVersion: "9007199254740994" });
  assertEquals(isSameEdition(first, changed), false);
});
