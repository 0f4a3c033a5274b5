import { assertEquals, assertRejects } from "@std/assert";
import { SottoError } from "../../../lib/base/errors.ts";
import {
  anchorOf,
  anchorRefusal,
  type HostLookup,
  mustOfferAgain,
  patientLookup,
  withoutCema,
} from "../../../lib/session/media_anchor.ts";
import { SystemClock } from "../../../lib/session/clock.ts";
import {
  type MsrpMedia,
  msrpMediaOf,
  parseSessionDescription,
  type SessionDescription,
} from "../../../lib/sdp/mod.ts";

/** A name that is known, one that waits for ever, and addresses as they are. */
const lookUp: HostLookup = (host) => {
  if (host === "alice.example") return Promise.resolve(["192.0.2.1", "2001:db8::1"]);
  if (/^[\d.]+$|:/.test(host)) return Promise.resolve([host]);
  return Promise.reject(new SottoError("transport/name-not-found", host));
};

function description(
  address: string,
  port: number,
  path: string,
  attributes: readonly string[] = [],
): SessionDescription {
  const family = address.includes(":") ? "IP6" : "IP4";
  return parseSessionDescription(
    [
      "v=0",
      "o=- 1 1 IN IP4 192.0.2.9",
      "s=-",
      `c=IN ${family} ${address}`,
      "t=0 0",
      `m=message ${port} TCP/MSRP *`,
      `a=path:${path}`,
      "a=accept-types:*",
      ...attributes.map((it) => `a=${it}`),
    ].join("\r\n"),
  );
}

function medium(...parts: Parameters<typeof description>): MsrpMedia {
  const [media] = msrpMediaOf(description(...parts));
  if (media === undefined) throw new Error("expected a medium");
  return media;
}

const DIRECT = "msrp://192.0.2.1:4000/abc;tcp";
const NAMED = "msrp://alice.example:4000/abc;tcp";
const RELAYED = `msrp://198.51.100.1:2855/r;tcp ${DIRECT}`;

for (
  const [what, media, expected] of [
    ["the address of the path", medium("192.0.2.1", 4000, DIRECT), undefined],
    ["that of its last URI", medium("192.0.2.1", 4000, RELAYED), undefined],
    ["that of its first", medium("198.51.100.1", 2855, RELAYED), undefined],
    ["one of those that a name has", medium("192.0.2.1", 4000, NAMED), undefined],
    ["a name for it", medium("alice.example", 4000, DIRECT), undefined],
    [
      "an IPv6 address in another spelling",
      medium("2001:DB8:0:0::1", 4000, "msrp://[2001:db8::1]:4000/abc;tcp"),
      undefined,
    ],
    ["the port where nothing listens", medium("203.0.113.5", 9, DIRECT), undefined],
    ["no address", medium("0.0.0.0", 5000, DIRECT), undefined],
    ["both foreign", medium("203.0.113.5", 5000, DIRECT), [true, true]],
    ["a foreign address", medium("203.0.113.5", 4000, DIRECT), [true, false]],
    ["a foreign port", medium("192.0.2.1", 12345, DIRECT), [false, true]],
    ["host and port of two URIs", medium("192.0.2.1", 2855, RELAYED), [false, false]],
    [
      "not what a name means",
      medium("203.0.113.5", 5000, NAMED),
      [true, true],
    ],
    [
      "beside a name that nobody knows",
      medium("203.0.113.5", 5000, "msrp://nowhere.example:4000/abc;tcp"),
      [true, true],
    ],
  ] as const
) {
  Deno.test(`anchorOf() finds in c= and m=: ${what}`, async () => {
    const anchor = await anchorOf(media, lookUp);
    assertEquals(anchor && [anchor.isForeignHost, anchor.isForeignPort], expected?.slice());
  });
}

Deno.test("anchorRefusal() refuses what leads elsewhere with address and port, and does not say msrp-cema", () => {
  const media = medium("203.0.113.5", 5000, DIRECT);
  const both = { isForeignHost: true, isForeignPort: true };
  assertEquals(anchorRefusal(media, both)?.warningCode, 399);
  assertEquals(anchorRefusal(media, undefined), undefined);
  assertEquals(anchorRefusal(media, { ...both, isForeignHost: false }), undefined);
  assertEquals(anchorRefusal(media, { ...both, isForeignPort: false }), undefined);
  const cema = medium("203.0.113.5", 5000, DIRECT, ["msrp-cema"]);
  assertEquals(anchorRefusal(cema, both), undefined);
});

Deno.test("mustOfferAgain() knows who cannot reach a middlebox by c= and m=", () => {
  const [direct, relayed] = [medium("203.0.113.5", 1, DIRECT), medium("203.0.113.5", 1, RELAYED)];
  const answers = [direct, relayed].flatMap((media) =>
    (["active", "passive"] as const).map((role) => mustOfferAgain({ media, role }))
  );
  assertEquals(answers, [false, true, true, true]);
  const media = medium("203.0.113.5", 1, RELAYED, ["msrp-cema"]);
  assertEquals(mustOfferAgain({ media, role: "passive" }), false);
});

Deno.test("withoutCema() is the next edition, and all that is missing is the attribute", () => {
  const before = description("192.0.2.1", 4000, DIRECT, ["msrp-cema", "setup:actpass"]);
  const after = withoutCema(before);
  assertEquals(after.origin.sessionVersion, "2");
  assertEquals(after.media[0]?.attributes.map((it) => it.name), ["path", "accept-types", "setup"]);
  assertEquals(withoutCema(after), after, "nothing to leave out: nothing new to say");
});

Deno.test("patientLookup() asks nobody for an address, and ends with whoever asked", async () => {
  const closing = new AbortController();
  const ask = patientLookup(new SystemClock(), closing.signal);
  assertEquals(await ask("192.0.2.1"), ["192.0.2.1"]);
  closing.abort(new SottoError("session/ended", "over"));
  assertEquals((await assertRejects(() => ask("192.0.2.1"), SottoError)).code, "session/ended");
});
