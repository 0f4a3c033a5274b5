import { assertEquals, assertRejects } from "@std/assert";
import { utf8 } from "../../../lib/base/bytes.ts";
import { SottoError } from "../../../lib/base/errors.ts";
import { platformRandom } from "../../../lib/session/random.ts";
import { outboundRoutes, SipLocator } from "../../../lib/session/sip_locator.ts";
import { parseSipUri, writeNameAddress } from "../../../lib/sip/mod.ts";
import { DnsServer, type NameTable } from "../../helpers/dns_server.ts";
import { showPlace } from "../../helpers/locating.ts";
import { ManualClock } from "../../helpers/manual_clock.ts";

const TABLE: NameTable = {
  "_sip._udp.example.com": {
    SRV: [
      { priority: 1, weight: 0, port: 5070, target: "a.example.com" },
      { priority: 2, weight: 0, port: 5080, target: "a.example.com" },
    ],
  },
  "a.example.com": { A: ["192.0.2.1"] },
  "example.com": { A: ["192.0.2.9"] },
};
const URI = parseSipUri("sip:bob@example.com;transport=udp");

async function open(table: NameTable = TABLE) {
  const dns = await DnsServer.start(table);
  const clock = new ManualClock();
  const { nameServer } = dns;
  const locator = new SipLocator({ clock, random: platformRandom, dns: { nameServer } });
  return { dns, clock, locator, [Symbol.asyncDispose]: () => dns[Symbol.asyncDispose]() };
}

Deno.test("SipLocator.locate() remembers an answer for half a minute, whoever is called", async () => {
  await using it = await open();
  await it.locator.locate(URI);
  const asked = it.dns.asked.length;
  await it.clock.advance(29_999);
  await it.locator.locate(parseSipUri("sip:carol@example.com;transport=udp"));
  assertEquals(it.dns.asked.length, asked);
  await it.clock.advance(1);
  await it.locator.locate(URI);
  assertEquals(it.dns.asked.length, 2 * asked);
});

Deno.test("SipLocator.locate() puts servers that failed last", async () => {
  await using it = await open();
  const [first] = await it.locator.locate(URI);
  if (first === undefined) throw new Error("expected a destination");
  assertEquals(showPlace(first), "udp 192.0.2.1:5070");
  it.locator.health.markFailed(first, it.clock.now());
  const again = await it.locator.locate(URI);
  assertEquals(again.map(showPlace), ["udp 192.0.2.1:5080", "udp 192.0.2.1:5070"]);
});

Deno.test("SipLocator.locate() throws what is wrong, and remembers no failure", async () => {
  await using it = await open();
  const uri = parseSipUri("sip:late.example:5060");
  const error = await assertRejects(() => it.locator.locate(uri), SottoError);
  assertEquals(error.code, "transport/name-not-found");
  it.dns.change({ "late.example": { A: ["192.0.2.5"] } });
  assertEquals((await it.locator.locate(uri)).map(showPlace), ["udp 192.0.2.5:5060"]);
});

Deno.test("SipLocator.resolve() keeps the transport, and asks for SRV records only without a port", async () => {
  await using it = await open();
  const to = { transport: "udp", host: "example.com", port: 5060 } as const;
  const places = await it.locator.resolve(to);
  assertEquals(places.map(showPlace), ["udp 192.0.2.9:5060"]);
  const implied = await it.locator.resolve({ ...to, portIsImplied: true });
  assertEquals(implied.map(showPlace), ["udp 192.0.2.1:5070", "udp 192.0.2.1:5080"]);
  assertEquals(implied[0]?.domain, "example.com");
  assertEquals(it.locator.addressOf("example.com"), "192.0.2.1");
  const literal = { transport: "tls", host: "2001:db8::1", port: 1 } as const;
  assertEquals(it.locator.resolve(literal), [literal]);
  assertEquals(it.locator.addressOf("2001:db8::1"), "2001:db8::1");
});

Deno.test("SipLocator.alternatives() follows the Via of a response, and nothing else", async () => {
  await using it = await open();
  const response = [
    "SIP/2.0 200 OK",
    "Via: SIP/2.0/UDP example.com;branch=z9hG4bKa",
    "From: <sip:a@b>;tag=1",
    "To: <sip:c@d>;tag=2",
    "Call-ID: x",
    "CSeq: 1 BYE",
    "Content-Length: 0",
    "\r\n",
  ].join("\r\n");
  const places = await it.locator.alternatives(utf8(response));
  assertEquals(places.map(showPlace), ["udp 192.0.2.1:5070", "udp 192.0.2.1:5080"]);
  assertEquals(await it.locator.alternatives(utf8("INVITE sip:a@b SIP/2.0\r\n\r\n")), []);
  assertEquals(await it.locator.alternatives(utf8("\u0000")), []);
});

Deno.test("outboundRoutes() makes the proxy a loose route", () => {
  const written = (text: string) => outboundRoutes(parseSipUri(text)).map(writeNameAddress);
  assertEquals(outboundRoutes(undefined), []);
  assertEquals(written("sip:p.example:5070;transport=tls"), [
    "<sip:p.example:5070;transport=tls;lr>",
  ]);
  assertEquals(written("sip:p.example;lr"), ["<sip:p.example;lr>"]);
});
