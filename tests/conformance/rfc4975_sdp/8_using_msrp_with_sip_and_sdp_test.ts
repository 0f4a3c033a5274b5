/** What MSRP asks of offers and answers: RFC 4975 §8, RFC 6135, RFC 6714, RFC 5547, RFC 7701. */
import { assertEquals, assertThrows } from "@std/assert";
import { decodeUtf8 } from "../../../lib/base/bytes.ts";
import {
  acceptsType,
  acceptsWrapped,
  answerDirection,
  answerSetup,
  checkMsrpMedia,
  chooseMsrpMedia,
  connectingSide,
  createMsrpAnswer,
  createMsrpOffer,
  isSameEdition,
  msrpMediaOf,
  type MsrpOfferChoice,
  nextEdition,
  parseMsrpMedia,
  parseSessionDescription,
  preferredFingerprints,
  type SessionDescription,
  writeSessionDescription,
} from "../../../lib/sdp/mod.ts";

const ABILITIES = { transports: ["TCP/MSRP", "TCP/TLS/MSRP"], sendTypes: ["text/plain"] } as const;

const OFFER: MsrpOfferChoice = {
  sessionId: "1",
  sessionVersion: "1",
  media: {
    transport: "TCP/TLS/MSRP",
    path: ["msrps://alice.example.com:7394/2s93i93idj;tcp"],
    acceptTypes: ["message/cpim", "text/plain"],
  },
};
const ANSWER = {
  sessionId: "2",
  sessionVersion: "1",
  index: 0,
  media: { path: ["msrps://bob.example.com:8493/si438ds;tcp"], acceptTypes: ["text/plain"] },
} as const;

function fixture(name: string): SessionDescription {
  const url = new URL(`../../../fixtures/sdp/${name}.sdp`, import.meta.url);
  return parseSessionDescription(Deno.readFileSync(url));
}

function written(session: SessionDescription): string {
  return decodeUtf8(writeSessionDescription(session)) ?? "";
}

/** The RFC's offer with one line replaced. */
function changed(pattern: RegExp, by: string): SessionDescription {
  return parseSessionDescription(written(fixture("rfc4975-offer")).replace(pattern, by));
}

Deno.test("MSRP-090 the m= line says message, the transport, * and the port of our own URI", () => {
  assertEquals(written(createMsrpOffer(OFFER)).includes("m=message 7394 TCP/TLS/MSRP *\r\n"), true);
  const tcp = {
    ...OFFER.media,
    transport: "TCP/MSRP" as const,
    path: ["msrp://relay.example.org:2855/r;tcp", "msrp://alice.example.com:7395/x;tcp"],
  };
  const offer = createMsrpOffer({ ...OFFER, media: tcp });
  assertEquals(written(offer).includes("m=message 7395 TCP/MSRP *\r\n"), true);
});

Deno.test("MSRP-090 port 0 is a refusal", () => {
  const refused = changed(/m=message \d+/, "m=message 0");
  assertEquals(chooseMsrpMedia(refused, ABILITIES).refusal?.reason, "media-refused");
});

Deno.test("MSRP-091 the c= line has the host of our own URI, and the peer's is not where to connect", () => {
  const offer = createMsrpOffer(OFFER);
  assertEquals(offer.media[0]?.connections?.[0]?.address, "alice.example.com");
  const misleading = changed(/c=IN IP4 .*/, "c=IN IP4 203.0.113.99");
  const [media] = msrpMediaOf(misleading);
  assertEquals(media?.path, ["msrp://alice.example.com:7394/2s93i93idj;tcp"]);
  assertEquals(media === undefined ? "none" : checkMsrpMedia(media, ABILITIES), undefined);
});

Deno.test("MSRP-092 an offer without a=path or a=accept-types is refused", () => {
  const noPath = changed(/a=path.*\r\n/, "");
  assertEquals(chooseMsrpMedia(noPath, ABILITIES).refusal?.reason, "no-path");
  const noTypes = changed(/a=accept-types.*\r\n/, "");
  assertEquals(chooseMsrpMedia(noTypes, ABILITIES).refusal?.reason, "no-accept-types");
  assertThrows(
    () => createMsrpOffer({ ...OFFER, media: { ...OFFER.media, acceptTypes: [] } }),
    TypeError,
  );
  assertThrows(() => createMsrpOffer({ ...OFFER, media: { ...OFFER.media, path: [] } }), TypeError);
});

Deno.test("MSRP-092 URIs of the path must have ports", () => {
  const media = { ...OFFER.media, path: ["msrps://alice.example.com/x;tcp"] };
  assertThrows(() => createMsrpOffer({ ...OFFER, media }), TypeError);
});

Deno.test("MSRP-093 a path of several URIs stays in order: nearest hop first, the peer itself last", () => {
  const [media] = msrpMediaOf(fixture("blink-relay-offer"));
  assertEquals(media?.path.at(0), "msrps://relay.example.com:2855/1ab2c3d4e5f6;tcp");
  assertEquals(media?.path.at(-1), "msrps://192.0.2.10:2855/0f1e2d3c4b5a69788796;tcp");
});

Deno.test("MSRP-094 without a=setup the party that made the offer connects", () => {
  const [theirs] = msrpMediaOf(fixture("rfc4975-offer"));
  assertEquals(theirs?.setup, undefined);
  assertEquals(answerSetup(theirs?.setup, "active"), "passive");
  assertEquals(connectingSide("actpass", undefined), "offerer");
  assertEquals(connectingSide(undefined, undefined), "offerer");
});

Deno.test("MSRP-097 an updated offer that changes nothing keeps the o= line, another counts up", () => {
  const first = createMsrpOffer(OFFER);
  assertEquals(written(nextEdition(first, createMsrpOffer(OFFER))), written(first));
  const media = { ...OFFER.media, path: ["msrps://alice.example.com:7400/other;tcp"] };
  const second = nextEdition(first, createMsrpOffer({ ...OFFER, media }));
  assertEquals(second.origin, { ...first.origin, sessionVersion: "2" });
  assertEquals(isSameEdition(first, second), false);
});

Deno.test("MSRP-097 the answer to an updated offer carries a path, the same or another", () => {
  const offer = createMsrpOffer(OFFER);
  const again = { ...ANSWER.media, path: ["msrps://bob.example.com:9000/new;tcp"] };
  const answers = [
    createMsrpAnswer(offer, ANSWER),
    createMsrpAnswer(offer, { ...ANSWER, media: again }),
  ];
  assertEquals(answers.map((it) => parseMsrpMedia(it, 0)?.path), [
    ["msrps://bob.example.com:8493/si438ds;tcp"],
    ["msrps://bob.example.com:9000/new;tcp"],
  ]);
});

Deno.test("MSRP-098 * and type/* match, and parameters do not count", () => {
  assertEquals(acceptsType(["*"], "image/png"), true);
  assertEquals(acceptsType(["text/*"], "text/html"), true);
  assertEquals(acceptsType(["text/*"], "image/png"), false);
  assertEquals(acceptsType(["text/plain;format=flowed"], "text/plain"), true);
  assertEquals(acceptsType(["text/plain"], "text/plain; charset=utf-8"), true);
});

Deno.test("MSRP-098 a container must be listed by its name", () => {
  const [room] = msrpMediaOf(fixture("room-answer"));
  if (room === undefined) throw new Error("expected a medium");
  assertEquals(acceptsWrapped(room, "message/cpim", "text/plain"), true);
  assertEquals(
    acceptsWrapped({ ...room, acceptTypes: ["*"] }, "message/cpim", "text/plain"),
    false,
  );
});

Deno.test("MSRP-099 an offer of types that we do not know at all is refused", () => {
  const foreign = changed(/a=accept-types.*/, "a=accept-types:application/x-fax image/*");
  const { refusal } = chooseMsrpMedia(foreign, ABILITIES);
  assertEquals([refusal?.reason, refusal?.warningCode], ["no-common-type", 305]);
});

Deno.test("MSRP-100 directions are read, answered, and never widened", () => {
  const [file] = msrpMediaOf(fixture("file-offer"));
  assertEquals(file?.direction, "sendonly");
  const offer = changed(/a=accept-types/, "a=sendonly\r\na=accept-types");
  const answer = createMsrpAnswer(offer, {
    ...ANSWER,
    media: { ...ANSWER.media, path: ["msrp://bob.example.com:8493/s;tcp"] },
  });
  assertEquals(parseMsrpMedia(answer, 0)?.direction, "recvonly");
  assertEquals(answerDirection("inactive", "sendrecv"), "inactive");
});

Deno.test("MSRP-101 the fingerprint of our certificate is offered, the peer's is found at either level", () => {
  const fingerprints = [{ hash: "sha-256", value: "0a".repeat(32) }];
  const offer = createMsrpOffer({ ...OFFER, media: { ...OFFER.media, fingerprints } });
  const line = `a=fingerprint:sha-256 ${"0A:".repeat(31)}0A\r\n`;
  assertEquals(written(offer).includes(line), true);
  assertEquals(parseMsrpMedia(offer, 0)?.fingerprint, fingerprints[0]);
  const above = parseSessionDescription(
    written(createMsrpOffer(OFFER)).replace("m=message", `${line}m=message`),
  );
  assertEquals(parseMsrpMedia(above, 0)?.fingerprints, fingerprints);
  assertEquals(preferredFingerprints([{ hash: "md5", value: "00" }]), []);
});

Deno.test("MSRP-150 a=setup: three values understood, holdconn ignored and not offered, always written", () => {
  assertEquals(answerSetup("holdconn"), answerSetup(undefined));
  const offered = written(createMsrpOffer(OFFER));
  assertEquals(offered.includes("a=setup:actpass\r\n"), true);
  assertEquals(
    written(createMsrpAnswer(fixture("direct-offer"), {
      ...ANSWER,
      media: { ...ANSWER.media, path: ["msrp://bob.example.com:8493/s;tcp"] },
    })).includes("a=setup:passive\r\n"),
    true,
  );
});

Deno.test("MSRP-150 a=connection is neither written nor obeyed", () => {
  assertEquals(written(createMsrpOffer(OFFER)).includes("a=connection"), false);
  const asked = changed(/a=accept-types/, "a=connection:existing\r\na=accept-types");
  assertEquals(chooseMsrpMedia(asked, ABILITIES).refusal, undefined);
});

Deno.test("MSRP-151 who answers actpass chooses, and the active side connects", () => {
  assertEquals(answerSetup("actpass", "active"), "active");
  assertEquals(answerSetup("actpass", "passive"), "passive");
  assertEquals(connectingSide("actpass", "active"), "answerer");
  assertEquals(connectingSide("actpass", "passive"), "offerer");
});

Deno.test("MSRP-152 a peer without a=setup gets the direction of RFC 4975", () => {
  const answer = fixture("rfc4975-answer");
  assertEquals(connectingSide("actpass", parseMsrpMedia(answer, 0)?.setup), "offerer");
});

Deno.test("MSRP-153 a=msrp-cema is recognised", () => {
  const offer = changed(/a=accept-types/, "a=msrp-cema\r\na=accept-types");
  assertEquals(msrpMediaOf(offer)[0]?.hasCema, true);
  assertEquals(msrpMediaOf(fixture("rfc4975-offer"))[0]?.hasCema, false);
});

Deno.test("MSRP-178 whether a peer wants to hear of typing is asked of its lists, wrapped or not", () => {
  const composing = "application/im-iscomposing+xml";
  const [blink] = msrpMediaOf(fixture("blink-relay-offer"));
  const [plain] = msrpMediaOf(fixture("rfc4975-offer"));
  if (blink === undefined || plain === undefined) throw new Error("expected media");
  assertEquals(acceptsType(blink.acceptTypes ?? [], composing), true);
  assertEquals(acceptsWrapped(blink, "message/cpim", composing), true);
  assertEquals(acceptsType(plain.acceptTypes ?? [], composing), false);
  assertEquals(acceptsWrapped(plain, "message/cpim", composing), false);
});

Deno.test("MSRP-179 a=chatroom tells a room and what it can do", () => {
  const [room] = msrpMediaOf(fixture("room-answer"));
  assertEquals(room?.chatroom?.slice(0, 2), ["nickname", "private-messages"]);
  assertEquals(msrpMediaOf(fixture("direct-offer"))[0]?.chatroom, undefined);
});

Deno.test("MSRP-185 a file transfer that we do not take is refused by port 0", () => {
  const offer = fixture("file-offer");
  const [file] = msrpMediaOf(offer);
  assertEquals(file?.fileSelector === undefined, false);
  assertEquals(chooseMsrpMedia(offer, ABILITIES).refusal?.reason, "file-not-taken");
});
