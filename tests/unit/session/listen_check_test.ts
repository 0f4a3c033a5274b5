import { assertEquals, assertStringIncludes } from "@std/assert";
import { checkListening } from "../../../lib/session/listen_check.ts";
import { bindUdp, listenTcp } from "../../../lib/transport/mod.ts";

Deno.test("checkListening() tells ports that are free from those that are taken", async () => {
  const host = "127.0.0.1";
  await using udp = await bindUdp({ host, port: 0 });
  await using tcp = await listenTcp({ host, port: 0 });
  const checks = await checkListening([
    { host, port: udp.local.port, transport: "udp" },
    { host, port: tcp.local.port, transport: "tcp" },
    { host, port: 0, transport: "udp" },
    { host, port: 0, transport: "tls" },
  ]);
  assertEquals(checks.map(({ name, status, isOptional }) => [name, status, isOptional]), [
    ["listen.udp", "failed", true],
    ["listen.tcp", "failed", true],
    ["listen.udp", "ok", undefined],
    ["listen.tls", "ok", undefined],
  ]);
  for (const { hint } of checks.slice(0, 2)) assertStringIncludes(hint ?? "", "another program");
});

Deno.test("checkListening() tells of an address that is none of ours", async () => {
  // RFC 5737: nobody has it.
  const [check] = await checkListening([{ host: "203.0.113.1", port: 0, transport: "tcp" }]);
  assertEquals(check?.status, "failed");
  assertStringIncludes(check?.hint ?? "", "an address of this machine");
});

Deno.test("checkListening() frees what it bound", async () => {
  const host = "127.0.0.1";
  let port: number;
  {
    await using free = await listenTcp({ host, port: 0 });
    port = free.local.port;
  }
  for (const transport of ["udp", "tcp", "udp", "tcp"] as const) {
    const [check] = await checkListening([{ host, port, transport }]);
    assertEquals(check?.status, "ok");
  }
});
