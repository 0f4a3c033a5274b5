import { assertEquals, assertRejects } from "@std/assert";
import { SottoError } from "../../../lib/base/errors.ts";
import { resolveNaptr, resolveSrv } from "../../../lib/transport/dns_records.ts";
import { DnsServer } from "../../helpers/dns_server.ts";

const SERVERS = [
  { priority: 10, weight: 0, port: 5061, target: "a.example.com" },
  { priority: 20, weight: 65535, port: 65535, target: "b.example.com" },
];
const NOT_AVAILABLE = { priority: 0, weight: 0, port: 0, target: "." };
const RULE = {
  order: 50,
  preference: 65535,
  flags: "s",
  services: "SIPS+D2T",
  regexp: "",
  replacement: "_sips._tcp.example.com",
};

Deno.test("resolveSrv() answers what the server has, dots at the end of names aside", async () => {
  await using dns = await DnsServer.start({
    "_msrps._tcp.example.com": { SRV: SERVERS },
    "_sip._udp.example.com": { SRV: [NOT_AVAILABLE] },
  });
  const { nameServer } = dns;
  assertEquals(await resolveSrv("_msrps._tcp.example.com", { nameServer }), SERVERS);
  assertEquals(await resolveSrv("_msrps._tcp.Example.com.", { nameServer }), SERVERS);
  assertEquals(await resolveSrv("_sip._udp.example.com", { nameServer }), [NOT_AVAILABLE]);
  assertEquals(dns.asked.length, 3);
});

Deno.test("resolveNaptr() answers what the server has", async () => {
  const pattern = { ...RULE, flags: "u", regexp: "!^.*$!sip:info@example.com!", replacement: "." };
  await using dns = await DnsServer.start({ "example.com": { NAPTR: [RULE, pattern] } });
  const found = await resolveNaptr("example.com", { nameServer: dns.nameServer });
  assertEquals(found.toSorted((a, b) => a.flags < b.flags ? -1 : 1), [RULE, pattern]);
});

Deno.test("resolveSrv() and resolveNaptr() answer nothing where there is nothing", async () => {
  await using dns = await DnsServer.start({ "bare.example": {}, "broken.example": "servfail" });
  const { nameServer } = dns;
  for (const name of ["bare.example", "absent.example", "broken.example"]) {
    assertEquals([name, await resolveSrv(name, { nameServer })], [name, []]);
    assertEquals([name, await resolveNaptr(name, { nameServer })], [name, []]);
  }
});

Deno.test("resolveSrv() looks at no more records than it was told to", async () => {
  const many = Array.from({ length: 20 }, (_, at) => ({
    priority: at,
    weight: 0,
    port: 5060,
    target: `s${at}.example.com`,
  }));
  await using dns = await DnsServer.start({ "_sip._udp.example.com": { SRV: many } });
  const { nameServer } = dns;
  const found = await resolveSrv("_sip._udp.example.com", { nameServer, recordLimit: 5 });
  assertEquals(found.length, 5);
});

Deno.test("resolveSrv() says that the name server is silent", async () => {
  await using dns = await DnsServer.start({ "silent.example": "silence" });
  const { nameServer } = dns;
  const error = await assertRejects(
    () => resolveSrv("silent.example", { nameServer, timeout: 200 }),
    SottoError,
  );
  assertEquals(error.code, "transport/name-server");
  assertEquals(
    error.message,
    `cannot look up SRV of silent.example.: the name server 127.0.0.1:${nameServer.port} does not answer`,
  );
});
