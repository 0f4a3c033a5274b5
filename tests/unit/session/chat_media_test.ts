import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { decodeUtf8Lossy, utf8 } from "../../../lib/base/bytes.ts";
import { SottoError } from "../../../lib/base/errors.ts";
import { ChatMedia, type MediaSettings } from "../../../lib/session/chat_media.ts";
import { SystemClock } from "../../../lib/session/clock.ts";
import { platformRandom } from "../../../lib/session/random.ts";
import { makeSelfSignedCertificate } from "../../../lib/transport/mod.ts";

const CERTIFICATE = await makeSelfSignedCertificate({ commonName: "test" });
const HOST = "127.0.0.1";

function media(settings: Partial<MediaSettings> = {}): ChatMedia {
  return new ChatMedia({
    transport: "tcp",
    setup: "actpass",
    certificate: CERTIFICATE,
    random: platformRandom,
    clock: new SystemClock(),
    ...settings,
  });
}

const lines = (sdp: Uint8Array): string[] => decodeUtf8Lossy(sdp).split("\r\n");

/** An offer of a peer that is not there, with further attributes. */
function peerOffer(...attributes: readonly string[]): Uint8Array {
  return utf8([
    "v=0",
    "o=- 1 1 IN IP4 192.0.2.1",
    "s=-",
    "c=IN IP4 192.0.2.1",
    "t=0 0",
    "m=message 2855 TCP/MSRP *",
    "a=path:msrp://192.0.2.1:2855/peer;tcp",
    ...attributes,
    "",
  ].join("\r\n"));
}

const NEVER = new AbortController().signal;

for (const transport of ["tls", "tcp"] as const) {
  for (const setup of ["active", "passive", "actpass"] as const) {
    Deno.test(`ChatMedia opens a session over ${transport} when ${setup} is offered`, async () => {
      await using offerer = media({ transport, setup });
      await using answerer = media({ transport: "tcp", setup: "actpass" });
      const outcome = await answerer.readOffer(await offerer.createOffer(HOST), HOST);
      assert(outcome.refusal === undefined);
      const theirs = offerer.readAnswer(outcome.answer);
      assertEquals([theirs?.role, outcome.remote?.role].toSorted(), ["active", "passive"]);
      if (setup !== "actpass") assertEquals(theirs?.role, setup);
      const options = { timeout: 10_000, signal: NEVER };
      const [one, other] = await Promise.all([
        offerer.open(theirs, options),
        answerer.open(outcome.remote, options),
      ]);
      assertEquals([offerer.isTls, answerer.isTls], Array(2).fill(transport === "tls"));
      assertEquals(offerer.remotePath, answerer.localPath);
      assertEquals(answerer.remotePath, offerer.localPath);
      await Promise.all([one.close(), other.close()]);
    });
  }
}

Deno.test("ChatMedia.createOffer() names our types, our path and, over TLS, our certificate", async () => {
  await using offerer = media({ transport: "tls" });
  const offer = lines(await offerer.createOffer(HOST));
  const line = (start: string): string => offer.find((it) => it.startsWith(start)) ?? "";
  assertStringIncludes(line("m=message"), "TCP/TLS/MSRP *");
  assertEquals(
    line("a=accept-types:"),
    "a=accept-types:message/cpim text/* application/im-iscomposing+xml",
  );
  assertEquals(line("a=path:"), `a=path:${offerer.localPath}`);
  assertEquals(line("a=setup:"), "a=setup:actpass");
  assert(/^a=fingerprint:sha-256 ([0-9A-F]{2}:){31}[0-9A-F]{2}$/i.test(line("a=fingerprint:")));
});

Deno.test("ChatMedia.readOffer() refuses with 488 and a warning that says why", async () => {
  await using answerer = media();
  const outcome = await answerer.readOffer(peerOffer(), HOST);
  assert(outcome.refusal !== undefined);
  assertEquals([outcome.refusal.status, outcome.refusal.headers[0]?.name], [488, "Warning"]);
  assertStringIncludes(outcome.refusal.headers[0]?.value ?? "", `"${outcome.refusal.text}"`);
});

Deno.test("ChatMedia.readAnswer() refuses an answer that it cannot use", async () => {
  await using offerer = media();
  assertThrows(() => offerer.readAnswer(peerOffer()), TypeError, "no offer");
  await offerer.createOffer(HOST);
  for (const answer of [undefined, peerOffer()]) {
    const error = assertThrows(() => offerer.readAnswer(answer), SottoError);
    assertEquals(error.code, "session/answer-unusable");
  }
});

Deno.test("ChatMedia.carriageOf() follows what the peer takes", async () => {
  for (
    const [attributes, type, carriage] of [
      [["a=accept-types:message/cpim text/plain"], "text/plain", "cpim"],
      [["a=accept-types:message/cpim", "a=accept-wrapped-types:*"], "image/png", "cpim"],
      [["a=accept-types:text/plain"], "text/plain; charset=utf-8", "plain"],
      [["a=accept-types:text/plain"], "image/png", "refused"],
      [["a=accept-types:text/plain", "a=sendonly"], "text/plain", "refused"],
    ] as const
  ) {
    await using answerer = media();
    assertEquals(answerer.carriageOf(type), "refused");
    const outcome = await answerer.readOffer(peerOffer(...attributes), HOST);
    assert(outcome.refusal === undefined, `${attributes}`);
    assertEquals(answerer.carriageOf(type), carriage, `${attributes} ${type}`);
    assertEquals(answerer.peerReceives, !attributes.some((it) => it === "a=sendonly"));
  }
});

Deno.test("ChatMedia.readReoffer() answers what changes nothing, and refuses to be moved", async () => {
  await using answerer = media();
  const offer = peerOffer("a=accept-types:text/plain");
  const outcome = await answerer.readOffer(offer, HOST);
  assert(outcome.refusal === undefined);
  const same = answerer.readReoffer(offer);
  assert("answer" in same);
  assertEquals(same.answer, outcome.answer);
  assertEquals(answerer.current, outcome.answer);
  const elsewhere = utf8(decodeUtf8Lossy(offer).replace("/peer;", "/other;"));
  const gone = utf8(decodeUtf8Lossy(offer).replace("m=message 2855", "m=message 0"));
  for (const moved of [elsewhere, gone]) {
    const refused = answerer.readReoffer(moved);
    assert("refusal" in refused);
    assertEquals(refused.refusal.status, 488);
  }
});

Deno.test("ChatMedia.open() takes no certificate that only a weak hash vouches for", async () => {
  await using answerer = media();
  const offer = utf8(
    decodeUtf8Lossy(
      peerOffer("a=accept-types:text/plain", `a=fingerprint:md5 ${"AB:".repeat(15)}AB`),
    )
      .replace("TCP/MSRP", "TCP/TLS/MSRP").replace("msrp://", "msrps://"),
  );
  const outcome = await answerer.readOffer(offer, HOST);
  assert(outcome.refusal === undefined);
  const error = await assertRejects(
    () => answerer.open(outcome.remote, { timeout: 1_000, signal: NEVER }),
    SottoError,
    "hashed with md5 alone",
  );
  assertEquals(error.code, "session/tls-fingerprint-mismatch");
});

Deno.test("ChatMedia closed while its socket is being opened leaves nothing that listens", async () => {
  for (const transport of ["tls", "tcp"] as const) {
    for (const side of ["offer", "answer"] as const) {
      const medium = media({ transport });
      const making = side === "offer"
        ? medium.createOffer(HOST)
        : medium.readOffer(peerOffer("a=accept-types:*", "a=setup:active"), HOST);
      await medium.close();
      const error = await assertRejects(() => making, SottoError);
      assertEquals(error.code, "session/ended");
      // What was prepared stays known, and is closed: nobody answers there.
      const [, port] = /127\.0\.0\.1:(\d+)/.exec(medium.localPath) ?? [];
      await assertRejects(() => Deno.connect({ hostname: HOST, port: Number(port) }));
    }
  }
});
