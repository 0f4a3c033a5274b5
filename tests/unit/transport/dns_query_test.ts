import { assertEquals, assertRejects } from "@std/assert";
import { SottoError } from "../../../lib/base/errors.ts";
import { askDns } from "../../../lib/transport/dns_query.ts";
import { DnsServer } from "../../helpers/dns_server.ts";

Deno.test("askDns() gives the signal's own reason, before and while it waits", async () => {
  await using dns = await DnsServer.start({ "silent.example": "silence" });
  const { nameServer } = dns;
  const reason = new Error("enough");
  const early = askDns("silent.example", "A", { nameServer, signal: AbortSignal.abort(reason) });
  assertEquals(await assertRejects(() => early), reason);
  const stop = new AbortController();
  const late = askDns("silent.example", "A", { nameServer, signal: stop.signal });
  stop.abort(reason);
  assertEquals(await assertRejects(() => late), reason);
});

Deno.test("askDns() takes no garbage for an answer", async () => {
  await using dns = await DnsServer.start({ "garbage.example": "garbage" });
  const { nameServer } = dns;
  const error = await assertRejects(
    () => askDns("garbage.example.", "A", { nameServer, timeout: 300 }),
    SottoError,
  );
  assertEquals(error.code, "transport/name-server");
});

Deno.test("askDns() says of names that cannot be that no host has them", async () => {
  await using dns = await DnsServer.start({});
  const { nameServer } = dns;
  for (const name of [`${"x".repeat(64)}.example`, "a..b", "-x.example", "a b.example"]) {
    const error = await assertRejects(() => askDns(name, "A", { nameServer }), SottoError);
    assertEquals([name, error.code], [name, "transport/name-not-found"]);
  }
  assertEquals(dns.asked, []);
});

Deno.test("askDns() asks a name server at an IPv6 address", async () => {
  await using dns = await DnsServer.start({ "six.example": { AAAA: ["2001:db8::7"] } }, "::1");
  const { host, port } = dns.nameServer;
  const nameServer = { host: `[${host}]`, port };
  assertEquals(await askDns("six.example.", "AAAA", { nameServer }), ["2001:db8::7"]);
});
