import { assertEquals, assertThrows } from "@std/assert";
import {
  acceptsRoot,
  acceptsWrapped,
  connectionTo,
  describeMsrpMedia,
  type MsrpMedia,
  type MsrpMediaChoice,
  msrpMediaOf,
  ownAddress,
  parseMsrpMedia,
} from "../../../lib/sdp/msrp_media.ts";
import { parseSessionDescription } from "../../../lib/sdp/sdp_parser.ts";

function fixture(name: string): MsrpMedia[] {
  const url = new URL(`../../../fixtures/sdp/${name}.sdp`, import.meta.url);
  return msrpMediaOf(parseSessionDescription(Deno.readFileSync(url)));
}

function only(media: readonly MsrpMedia[]): MsrpMedia {
  const [first] = media;
  if (first === undefined || media.length > 1) throw new Error("expected one MSRP medium");
  return first;
}

const CHOICE: MsrpMediaChoice = {
  transport: "TCP/TLS/MSRP",
  path: ["msrps://192.0.2.1:4242/abc;tcp"],
  acceptTypes: ["message/cpim", "text/*"],
};

Deno.test("parseMsrpMedia() reads Blink's offer through a relay", () => {
  const it = only(fixture("blink-relay-offer"));
  assertEquals([it.index, it.port, it.isRefused, it.transport], [0, 2855, false, "TCP/TLS/MSRP"]);
  assertEquals(it.path, [
    "msrps://relay.example.com:2855/1ab2c3d4e5f6;tcp",
    "msrps://192.0.2.10:2855/0f1e2d3c4b5a69788796;tcp",
  ]);
  assertEquals(it.acceptTypes, [
    "message/cpim",
    "text/*",
    "image/*",
    "application/im-iscomposing+xml",
  ]);
  assertEquals(it.acceptWrappedTypes?.at(-1), "application/blink-logging-status");
  assertEquals([it.setup, it.direction, it.connection?.address], [
    "actpass",
    "sendrecv",
    "192.0.2.10",
  ]);
  assertEquals([it.chatroom, it.hasCema, it.fileSelector], [undefined, false, undefined]);
  assertEquals(it.attributes.at(-1), { name: "blink-features", value: "history-control icon" });
});

Deno.test("parseMsrpMedia() knows a room, a file and a refused medium when it sees them", () => {
  const room = only(fixture("room-answer"));
  assertEquals([room.index, room.chatroom?.slice(0, 2)], [1, ["nickname", "private-messages"]]);
  const file = only(fixture("file-offer"));
  assertEquals(file.direction, "sendonly");
  assertEquals(file.fileSelector?.startsWith('name:"My cool picture.jpg"'), true);
  const refused = parseSessionDescription(
    "v=0\no=a 1 1 IN IP4 h\nm=message 0 TCP/MSRP *\na=msrp-cema\n",
  );
  assertEquals(parseMsrpMedia(refused, 0)?.isRefused, true);
  assertEquals(parseMsrpMedia(refused, 0)?.hasCema, true);
});

Deno.test("parseMsrpMedia() is undefined for media that are not MSRP over TCP or TLS", () => {
  const session = parseSessionDescription(
    "v=0\no=a 1 1 IN IP4 h\nm=audio 9 RTP/AVP 0\nm=message 9 TCP/WSS/MSRP *\nm=audio 9 TCP/MSRP *\nm=MESSAGE 9 tcp/msrp *\n",
  );
  assertEquals([0, 1, 2, 4].map((it) => parseMsrpMedia(session, it)), Array(4).fill(undefined));
  assertEquals(parseMsrpMedia(session, 3)?.transport, "TCP/MSRP");
});

Deno.test("parseMsrpMedia() leaves out what is missing or makes no sense", () => {
  const session = parseSessionDescription(
    "v=0\no=a 1 1 IN IP4 h\nm=message 9 TCP/MSRP *\na=max-size:lots\na=setup:later\n",
  );
  const it = parseMsrpMedia(session, 0);
  assertEquals(
    [it?.path, it?.acceptTypes, it?.maxSize, it?.setup, it?.fingerprint, it?.connection],
    [
      [],
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
    ],
  );
});

Deno.test("parseMsrpMedia() takes fingerprint, setup and direction of the session where the medium is silent", () => {
  const session = parseSessionDescription(
    "v=0\no=a 1 1 IN IP4 h\na=fingerprint:sha-256 AA:BB\na=setup:active\na=inactive\nm=message 9 TCP/TLS/MSRP *\na=max-size:4096\n",
  );
  const it = parseMsrpMedia(session, 0);
  assertEquals(it?.fingerprint, { hash: "sha-256", value: "aabb" });
  assertEquals([it?.setup, it?.direction, it?.maxSize], ["active", "inactive", 4096]);
});

Deno.test("acceptsRoot() and acceptsWrapped() keep the two lists apart", () => {
  const blink = only(fixture("blink-relay-offer"));
  const room = only(fixture("room-answer"));
  assertEquals(acceptsRoot(blink, "text/html"), true);
  assertEquals(acceptsRoot(blink, "application/blink-icon"), false);
  assertEquals(acceptsWrapped(blink, "message/cpim", "application/blink-icon"), true);
  assertEquals(acceptsWrapped(blink, "message/cpim", "text/plain"), true);
  assertEquals(acceptsWrapped(blink, "message/cpim", "video/mp4"), false);
  assertEquals(acceptsRoot(room, "text/plain"), false);
  assertEquals(acceptsWrapped(room, "message/cpim", "text/plain"), true);
  // "*" as a root does not stand for a container.
  const star: MsrpMedia = { ...blink, acceptTypes: ["*"] };
  assertEquals(acceptsWrapped(star, "message/cpim", "text/plain"), false);
});

Deno.test("describeMsrpMedia() copies port and host of our own URI, the last of the path", () => {
  const it = describeMsrpMedia({
    ...CHOICE,
    path: ["msrps://relay.example.org:2855/r;tcp", "msrps://alice@[2001:db8::1]:4242/abc;tcp"],
  });
  assertEquals([it.port, it.formats, it.connections], [4242, ["*"], [
    { networkType: "IN", addressType: "IP6", address: "2001:db8::1" },
  ]]);
});

Deno.test("describeMsrpMedia() writes Blink's order of attributes, and only what was chosen", () => {
  assertEquals(describeMsrpMedia(CHOICE).attributes, [
    { name: "path", value: "msrps://192.0.2.1:4242/abc;tcp" },
    { name: "accept-types", value: "message/cpim text/*" },
  ]);
  assertEquals(
    describeMsrpMedia({
      ...CHOICE,
      acceptWrappedTypes: ["*"],
      maxSize: 1000,
      setup: "passive",
      fingerprints: [{ hash: "sha-256", value: "aa" }],
      direction: "recvonly",
      attributes: [{ name: "x" }],
    }).attributes.map((it) => it.name),
    [
      "path",
      "recvonly",
      "accept-types",
      "accept-wrapped-types",
      "max-size",
      "setup",
      "fingerprint",
      "x",
    ],
  );
});

Deno.test("describeMsrpMedia() refuses a path without our URI or its port, and no types", () => {
  for (
    const path of [[], ["msrps://192.0.2.1/abc;tcp"], ["sip:bob@h:5060"], ["msrp://h:0/x;tcp"]]
  ) {
    assertThrows(() => describeMsrpMedia({ ...CHOICE, path }), TypeError);
  }
  assertThrows(() => describeMsrpMedia({ ...CHOICE, acceptTypes: [] }), TypeError);
});

Deno.test("ownAddress() and connectionTo() know names, IPv4 and IPv6", () => {
  assertEquals(ownAddress(["msrp://host.example:1/x;tcp"]), { host: "host.example", port: 1 });
  assertEquals(ownAddress(["MSRPS://[::1]:65535;tcp"]), { host: "::1", port: 65535 });
  assertThrows(() => ownAddress(["msrp://h:65536/x;tcp"]), TypeError);
  assertEquals(connectionTo("::1").addressType, "IP6");
  assertEquals(connectionTo("host.example").addressType, "IP4");
});
