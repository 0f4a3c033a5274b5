/** RFC 3263 §5: where a response goes when the way of its request is gone (SIP-075). */
import { assertEquals } from "@std/assert";
import { locateSender, parseVias } from "../../../lib/sip/mod.ts";
import { type Located, locateIn, type Zone } from "../../helpers/locating.ts";
import { seededRandom } from "../../helpers/seeded_random.ts";

function locate(text: string, zone: Zone): Located {
  const [via] = parseVias(text);
  if (via === undefined) throw new Error("expected a Via");
  return locateIn(zone, locateSender(via, { random: seededRandom(1) }));
}

const ZONE: Zone = {
  srv: {
    "_sip._udp.p.example": ["2 0 5064 b.example", "1 0 5062 a.example"],
    "_sips._tcp.p.example": ["1 0 5061 a.example"],
  },
  address: {
    "a.example": ["192.0.2.1", "2001:db8::1"],
    "b.example": ["192.0.2.2"],
    "p.example": ["192.0.2.3"],
  },
};

Deno.test("SIP-075 §5 a numeric sent-by is used as it is, with its port or the default one", () => {
  for (
    const [via, place] of [
      ["SIP/2.0/UDP 192.0.2.7;branch=z9hG4bKa", "udp 192.0.2.7:5060"],
      ["SIP/2.0/TCP 192.0.2.7:5080;branch=z9hG4bKa", "tcp 192.0.2.7:5080"],
      ["SIP/2.0/TLS [2001:db8::7];branch=z9hG4bKa", "tls [2001:db8::7]:5061"],
    ] as const
  ) {
    const { asked, places } = locate(via, ZONE);
    assertEquals([via, asked, places], [via, [], [place]]);
  }
});

Deno.test("SIP-075 §5 a name with a port means its addresses, one after the other", () => {
  const { asked, places } = locate("SIP/2.0/TCP a.example:5070;branch=z9hG4bKa", ZONE);
  assertEquals(asked, ["address a.example"]);
  assertEquals(places, ["tcp 192.0.2.1:5070", "tcp [2001:db8::1]:5070"]);
});

Deno.test("SIP-075 §5 a name without port means SRV records: _sips for TLS, _sip otherwise", () => {
  const plain = locate("SIP/2.0/UDP p.example;branch=z9hG4bKa", ZONE);
  assertEquals(plain.asked[0], "SRV _sip._udp.p.example");
  assertEquals(plain.places, [
    "udp 192.0.2.1:5062",
    "udp [2001:db8::1]:5062",
    "udp 192.0.2.2:5064",
  ]);
  const secure = locate("SIP/2.0/TLS p.example;branch=z9hG4bKa", ZONE);
  assertEquals(secure.asked[0], "SRV _sips._tcp.p.example");
  assertEquals(secure.places, ["tls 192.0.2.1:5061", "tls [2001:db8::1]:5061"]);
  assertEquals(secure.destinations[0]?.domain, "p.example");
});

Deno.test("SIP-075 §5 without SRV records it is the host itself; an unknown transport is nobody", () => {
  assertEquals(locate("SIP/2.0/TCP p.example;branch=z9hG4bKa", ZONE).places, [
    "tcp 192.0.2.3:5060",
  ]);
  const { error } = locate("SIP/2.0/SCTP p.example;branch=z9hG4bKa", ZONE);
  assertEquals(error?.code, "sip/unsupported-uri");
});
