import { assertEquals, assertStringIncludes } from "@std/assert";
import { checkNetwork } from "../../../../cli/doctor/network_checks.ts";
import { parseTarget } from "../../../../cli/session/addresses.ts";
import { resolveAccess } from "../../../../cli/session/sip_access.ts";
import { readFlags, testContext } from "../../../helpers/session_flags.ts";
import { TemporaryFolder } from "../../../helpers/temporary_folder.ts";

Deno.test("checkNetwork() of a target asks its servers, says so, and registers nobody", async () => {
  await using folder = await TemporaryFolder.make();
  const context = testContext({ home: folder.file("home") });
  const access = await resolveAccess(context, readFlags("call"), { accounts: [] });
  const checks = await Array.fromAsync(checkNetwork(context, {
    access,
    // Port 9 of the loopback interface, where nobody discards anything any more.
    target: parseTarget("sip:bob@127.0.0.1:9;transport=tcp"),
    timeout: 5000,
    flags: { tlsInsecure: false },
  }));
  assertEquals(checks.map(({ name, status }) => [name, status]), [
    ["dns.decision", "ok"],
    ["dns.decision", "ok"],
    ["server.tcp", "failed"],
  ]);
  assertStringIncludes(context.stderr.text, "asking tcp 127.0.0.1:9\n");
  assertEquals(await folder.names(), []);
});
