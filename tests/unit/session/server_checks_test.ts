import { assertEquals, assertStringIncludes } from "@std/assert";
import { type Check, SottoError } from "../../../lib/base/mod.ts";
import { SystemClock } from "../../../lib/session/clock.ts";
import { checkServers, failedCheck } from "../../../lib/session/server_checks.ts";
import { parseSipUri } from "../../../lib/sip/mod.ts";
import { bindUdp, type DatagramSocket } from "../../../lib/transport/mod.ts";
import { seededRandom } from "../../helpers/seeded_random.ts";

async function check(uri: string, contacts: string[] = [], timeout = 20_000): Promise<Check[]> {
  return await Array.fromAsync(checkServers({
    hop: parseSipUri(uri),
    target: parseSipUri("sip:bob@example.com"),
    clock: new SystemClock(),
    random: seededRandom(1),
    userAgent: "sotto/test",
    timeout,
    onContact: (it) => contacts.push(it),
  }));
}

async function answerOne(server: DatagramSocket, status: string, ...more: string[]): Promise<void> {
  for await (const { data, from } of server) {
    const fields = new TextDecoder().decode(data).split("\r\n")
      .filter((it) => /^(Via|From|To|Call-ID|CSeq):/.test(it));
    const lines = [`SIP/2.0 ${status}`, ...fields, ...more, "Content-Length: 0", "", ""];
    await server.send(new TextEncoder().encode(lines.join("\r\n")), from);
    return;
  }
}

Deno.test("checkServers() shows the way of RFC 3263 and what the server answers", async () => {
  await using server = await bindUdp({ host: "127.0.0.1", port: 0 });
  const answering = answerOne(
    server,
    "404 Nobody",
    "Server: Acme",
    "Date: Sat, 13 Nov 2010 23:29:00 GMT",
  );
  const contacts: string[] = [];
  const checks = await check(`sip:127.0.0.1:${server.local.port}`, contacts);
  await answering;
  assertEquals(checks.map(({ name, status, isOptional }) => [name, status, isOptional]), [
    ["dns.decision", "ok", undefined],
    ["dns.decision", "ok", undefined],
    ["server.udp", "ok", undefined],
    ["clock.server", "failed", true],
  ]);
  assertStringIncludes(checks[0]?.detail ?? "", "(RFC 3263 §4.1)");
  assertStringIncludes(checks[2]?.detail ?? "", "answers 404 Nobody, Acme");
  assertEquals(contacts.at(-1), `udp 127.0.0.1:${server.local.port}`);
});

Deno.test("checkServers() takes 503 for no answer, and silence for none", async () => {
  await using server = await bindUdp({ host: "127.0.0.1", port: 0 });
  const uri = `sip:127.0.0.1:${server.local.port}`;
  const silent = await check(uri, [], 50);
  assertEquals(silent.at(-1)?.status, "failed");
  assertStringIncludes(silent.at(-1)?.hint ?? "", "silence");
  await using busy = await bindUdp({ host: "127.0.0.1", port: 0 });
  const answering = answerOne(busy, "503 Overloaded");
  const overloaded = (await check(`sip:127.0.0.1:${busy.local.port}`))
    .find(({ name }) => name === "server.udp");
  await answering;
  // The only server there is: what is wrong with it is wrong with everything.
  assertEquals([overloaded?.status, overloaded?.isOptional], ["failed", undefined]);
  assertStringIncludes(overloaded?.detail ?? "", "503 Overloaded");
});

Deno.test("checkServers() ends where the name leads nowhere", async () => {
  const checks = await check("sip:nowhere.invalid");
  const last = checks.at(-1);
  assertEquals([last?.name, last?.status], ["dns", "failed"]);
  assertEquals(typeof last?.hint, "string");
});

Deno.test("failedCheck() has something to do for every error", () => {
  for (const code of ["transport/refused", "transport/closed"] as const) {
    const failed = failedCheck("x", "tcp h:1", new SottoError(code, "why"));
    assertEquals([failed.status, failed.detail, typeof failed.hint], [
      "failed",
      "tcp h:1: why",
      "string",
    ]);
  }
});
