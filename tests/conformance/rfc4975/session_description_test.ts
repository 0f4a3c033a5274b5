/** RFC 4975 §8, RFC 6135: what session descriptions say of MSRP (the words are lib/sdp's). */
import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  acceptsContentType,
  parseMsrpPath,
  parseMsrpUri,
  writeMsrpPath,
} from "../../../lib/msrp/mod.ts";
import {
  acceptsRoot,
  acceptsWrapped,
  answerSetup,
  checkMsrpMedia,
  connectingSide,
  createMsrpAnswer,
  createMsrpOffer,
  isSameEdition,
  type MsrpAbilities,
  type MsrpMedia,
  nextEdition,
  parseMsrpMedia,
  parseSessionDescription,
  type SessionDescription,
  writeSessionDescription,
} from "../../../lib/sdp/mod.ts";

const PATH = "msrp://alice.example.com:7394/2s93i9ek2a;tcp";

function offer(more: { path?: string[]; transport?: "TCP/MSRP" | "TCP/TLS/MSRP" } = {}): string {
  return new TextDecoder().decode(writeSessionDescription(createMsrpOffer({
    sessionId: "1",
    sessionVersion: "1",
    media: {
      transport: more.transport ?? "TCP/MSRP",
      path: more.path ?? [PATH],
      acceptTypes: ["message/cpim", "text/*"],
      acceptWrappedTypes: ["text/*"],
    },
  })));
}

function medium(text: string): MsrpMedia {
  const found = parseMsrpMedia(parseSessionDescription(text), 0);
  assert(found !== undefined);
  return found;
}

function description(text: string): SessionDescription {
  return parseSessionDescription(text);
}

const ABILITIES: MsrpAbilities = { transports: ["TCP/MSRP"], sendTypes: ["text/plain"] };

Deno.test("MSRP-090 the m-line names message, the transport, the port of our URI and *", () => {
  assert(offer().includes("m=message 7394 TCP/MSRP *\r\n"));
  assert(offer({ transport: "TCP/TLS/MSRP" }).includes("m=message 7394 TCP/TLS/MSRP *\r\n"));
  assert(!medium(offer()).isRefused);
  assert(medium(offer().replace("m=message 7394", "m=message 0")).isRefused);
});

Deno.test("MSRP-091 the c-line has the host of our URI, the path is what counts", () => {
  const relay = "msrp://relay.example.com:2855/hop;tcp";
  const text = offer({ path: [relay, PATH] });
  assert(text.includes("c=IN IP4 alice.example.com\r\n"));
  const moved = medium(text.replace("c=IN IP4 alice", "c=IN IP4 elsewhere"));
  const [first] = parseMsrpPath(moved.path.join(" "));
  assertEquals(first?.host, "relay.example.com", "where to connect");
});

Deno.test("MSRP-092 an offer without path or accept-types is refused", () => {
  assertEquals(checkMsrpMedia(medium(offer()), ABILITIES), undefined);
  for (const name of ["path", "accept-types"]) {
    const without = offer().replace(new RegExp(`a=${name}:.*\r\n`), "");
    assert(checkMsrpMedia(medium(without), ABILITIES) !== undefined, name);
  }
});

Deno.test("MSRP-093 the leftmost URI of a path is the next hop, the rightmost the peer", () => {
  const path = parseMsrpPath(
    medium(offer({ path: ["msrps://relay.example:2855;tcp", PATH] }))
      .path.join(" "),
  );
  assertEquals([path[0]?.host, path.at(-1)?.sessionId], ["relay.example", "2s93i9ek2a"]);
  assertEquals(writeMsrpPath(path), `msrps://relay.example:2855;tcp ${PATH}`);
});

Deno.test("MSRP-094 without a=setup the offerer connects", () => {
  assertEquals(answerSetup(undefined), "passive");
  assertEquals(connectingSide(undefined, undefined), "offerer");
  assertEquals(connectingSide("actpass", undefined), "offerer");
});

Deno.test("MSRP-097 an edition that changes nothing keeps its o-line, another counts on", () => {
  const first = description(offer());
  const same = nextEdition(first, description(offer()));
  assert(isSameEdition(first, same));
  const moved = nextEdition(first, description(offer({ path: [PATH.replace("2s93", "new1")] })));
  assertEquals(moved.origin.sessionVersion, "2");
  assert(!isSameEdition(first, moved));
});

Deno.test("MSRP-098 accept-types know * and type/*, not parameters; containers must be listed", () => {
  const accepts = (list: string[], type: string): boolean => acceptsContentType(list, type);
  assert(accepts(["*"], "image/png"));
  assert(accepts(["text/*"], "TEXT/Plain;charset=utf-8"));
  assert(accepts(["text/plain"], "text/plain; charset=utf-8"));
  assert(!accepts(["text/plain"], "text/html"));
  assert(!accepts(["text/*"], "textual/plain"));
  assert(!accepts(["text/*"], "nonsense"));
  const media = medium(offer());
  assert(acceptsRoot(media, "text/html") && acceptsWrapped(media, "message/cpim", "text/html"));
  assert(!acceptsWrapped(media, "multipart/related", "text/html"));
});

Deno.test("MSRP-099 an offer with no type that we know is refused", () => {
  const text = offer().replace("accept-types:message/cpim text/*", "accept-types:image/png");
  assert(checkMsrpMedia(medium(text), ABILITIES) !== undefined);
});

Deno.test("MSRP-100 an answer keeps to the direction of the offer", () => {
  for (
    const [offered, answered] of [
      ["sendonly", "recvonly"],
      ["recvonly", "sendonly"],
      ["inactive", "inactive"],
    ]
  ) {
    const text = `${offer()}a=${offered}\r\n`;
    const answer = createMsrpAnswer(description(text), {
      sessionId: "2",
      sessionVersion: "1",
      index: 0,
      media: { path: ["msrp://bob.example.com:9/1234;tcp"], acceptTypes: ["text/plain"] },
    });
    assertEquals(parseMsrpMedia(answer, 0)?.direction, answered);
  }
});

Deno.test("MSRP-150 setup is understood, holdconn is not offered, connection is not used", () => {
  for (const setup of ["active", "passive", "actpass"] as const) {
    assertEquals(medium(offer().replace("a=setup:actpass", `a=setup:${setup}`)).setup, setup);
  }
  assert(offer().includes("a=setup:actpass\r\n"));
  assert(!offer().includes("a=connection"));
  assertEquals(answerSetup("holdconn"), answerSetup(undefined), "as if it were not there");
});

Deno.test("MSRP-151 who answers actpass chooses", () => {
  assertEquals(answerSetup("actpass"), "passive");
  assertEquals(answerSetup("actpass", "active"), "active");
  assertEquals(answerSetup("passive"), "active");
  assertEquals(answerSetup("active", "active"), "passive");
  assertEquals(connectingSide("actpass", "active"), "answerer");
  assertEquals(connectingSide("actpass", "passive"), "offerer");
});

Deno.test("MSRP-152 a peer that says nothing about setup is treated by RFC 4975", () => {
  const silent = medium(offer().replace("a=setup:actpass\r\n", ""));
  assertEquals(silent.setup, undefined);
  assertEquals(connectingSide("actpass", silent.setup), "offerer");
  assertEquals(answerSetup(silent.setup, "active"), "passive");
});

Deno.test("a path of a description without a port is refused (RFC 4975 §8.2)", () => {
  assertThrows(() => offer({ path: ["msrp://alice.example.com/2s93i9ek2a;tcp"] }), TypeError);
  assertEquals(parseMsrpUri(PATH).port, 7394);
});
