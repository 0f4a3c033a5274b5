import { assertEquals, assertRejects } from "@std/assert";
import { SottoError } from "../../../lib/base/errors.ts";
import { isAddress, refusesToResolve, resolveHost } from "../../../lib/transport/dns.ts";
import { DnsServer } from "../../helpers/dns_server.ts";

Deno.test("resolveHost() answers addresses with themselves and localhost with loopback", async () => {
  assertEquals(await resolveHost("192.0.2.7"), ["192.0.2.7"]);
  assertEquals(await resolveHost("[2001:db8::7]"), ["2001:db8::7"]);
  assertEquals(await resolveHost("localhost"), ["127.0.0.1", "::1"]);
  assertEquals(await resolveHost("Phone.LocalHost."), ["127.0.0.1", "::1"]);
});

Deno.test("resolveHost() refuses .invalid and the empty name without asking anybody", async () => {
  for (const name of ["nobody.invalid", "INVALID", "nobody.invalid.", ""]) {
    const error = await assertRejects(() => resolveHost(name), SottoError);
    assertEquals(error.code, "transport/name-not-found");
  }
  assertEquals(refusesToResolve("valid.example.org"), false);
  assertEquals(refusesToResolve("notinvalid"), false);
});

Deno.test("resolveHost() escapes the name it complains about", async () => {
  const error = await assertRejects(() => resolveHost("\u001b[2J.invalid"), SottoError);
  assertEquals(error.message.includes("\u001b"), false);
});

Deno.test("resolveHost() rejects with the signal's own reason", async () => {
  const reason = new Error("enough");
  const signal = AbortSignal.abort(reason);
  assertEquals(await assertRejects(() => resolveHost("example.org", { signal })), reason);
});

Deno.test("resolveHost() answers every address of both families, IPv4 first", async () => {
  await using dns = await DnsServer.start({
    "both.example": { A: ["192.0.2.1", "192.0.2.2"], AAAA: ["2001:db8::1"] },
    "six.example": { AAAA: ["2001:db8::2"] },
  });
  const { nameServer } = dns;
  const both = await resolveHost("Both.example", { nameServer });
  assertEquals(both.slice(0, 2).toSorted(), ["192.0.2.1", "192.0.2.2"]);
  assertEquals(both.slice(2), ["2001:db8::1"]);
  assertEquals(await resolveHost("six.example.", { nameServer }), ["2001:db8::2"]);
});

Deno.test("resolveHost() tells a name without addresses from a server without answers", async () => {
  await using dns = await DnsServer.start({ "bare.example": {}, "silent.example": "silence" });
  const { nameServer } = dns;
  for (
    const [name, code] of [
      ["bare.example", "transport/name-not-found"],
      ["absent.example", "transport/name-not-found"],
      ["silent.example", "transport/name-server"],
    ] as const
  ) {
    const failing = () => resolveHost(name, { nameServer, timeout: 200 });
    assertEquals([name, (await assertRejects(failing, SottoError)).code], [name, code]);
  }
});

Deno.test("isAddress() tells addresses from names", () => {
  for (const it of ["192.0.2.1", "0.0.0.0", "::1", "2001:db8::1", "fe80::1%eth0"]) {
    assertEquals([it, isAddress(it)], [it, true]);
  }
  for (const it of ["example.org", "256.0.0.1", "1.2.3", "1.2.3.4.5", ":", "g::1", "a:b", ""]) {
    assertEquals([it, isAddress(it)], [it, false]);
  }
});
