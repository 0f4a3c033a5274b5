import { assertEquals, assertStringIncludes } from "@std/assert";
import { checkCall, stepChecks } from "../../../../cli/doctor/call_check.ts";
import { parseTarget } from "../../../../cli/session/addresses.ts";
import { resolveAccess } from "../../../../cli/session/sip_access.ts";
import { MsrpDiagnosis } from "../../../../lib/session/mod.ts";
import { readFlags, testContext } from "../../../helpers/session_flags.ts";
import { TemporaryFolder } from "../../../helpers/temporary_folder.ts";

Deno.test("stepChecks() names the side that owes, with the clause, and fails nothing behind it", () => {
  const nobody = new MsrpDiagnosis({ role: "passive", ourRelay: false, theirRelay: false });
  const checks = [...stepChecks(nobody.report())];
  assertEquals(checks.filter(({ status }) => status === "failed").map(({ name }) => name), [
    "msrp.connected",
  ]);
  assertStringIncludes(checks[0]?.detail ?? "", "the peer has not connected");
  assertStringIncludes(checks[0]?.hint ?? "", "peer owes it by RFC 6135 §4.2");
  assertEquals(new Set(checks.slice(1).map(({ status }) => status)), new Set(["skipped"]));
});

Deno.test("checkCall() of somebody who is not there says so, and has no steps to show", async () => {
  await using folder = await TemporaryFolder.make();
  const context = testContext({ home: folder.file("home") });
  const access = await resolveAccess(context, readFlags("call"), { accounts: [] });
  const target = parseTarget("sip:bob@127.0.0.1:9;transport=tcp");
  const request = { access, target, timeout: 5000, flags: { tlsInsecure: false } };
  const checks = await Array.fromAsync(checkCall(context, request, target));
  assertEquals(checks.map(({ name, status }) => [name, status]), [["call", "failed"]]);
  assertEquals(typeof checks[0]?.hint, "string");
});
