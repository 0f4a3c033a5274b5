import { assertEquals, assertThrows } from "@std/assert";
import { CliError } from "../../../../cli/output/cli_error.ts";
import { relaySettings } from "../../../../cli/session/relay.ts";
import type { SipAccess } from "../../../../cli/session/sip_access.ts";
import { resolveAccess } from "../../../../cli/session/sip_access.ts";
import { readFlags, testContext } from "../../../helpers/session_flags.ts";

const TRUST = { ca: undefined, allowUntrusted: false };

async function access(...args: readonly string[]): Promise<SipAccess> {
  const flags = readFlags("call", "--from", "alice@example.com", ...args);
  return await resolveAccess(testContext(), flags, { accounts: [] });
}

Deno.test("relaySettings() reads hosts, ports and IPv6, in the order of the way out", async () => {
  const { relays, domain, credentials, ...rest } = relaySettings(
    await access("--relay", "r1.example.com [2001:db8::1]:2856 [::1]", "--password", "x"),
    { ca: "PEM", allowUntrusted: true },
  ) ?? {};
  assertEquals(relays, [
    { host: "r1.example.com" },
    { host: "2001:db8::1", port: 2856 },
    { host: "::1" },
  ]);
  assertEquals([domain, credentials?.username], ["example.com", "alice"]);
  assertEquals(rest, {
    insecure: false,
    allowUntrusted: true,
    ca: "PEM",
    digestMinimum: "md5",
    uriParameter: "auto",
  });
});

Deno.test("relaySettings() reads a WebSocket as MSRP URIs write it", async () => {
  const read = async (text: string) =>
    relaySettings(await access("--relay", text, "--password", "x"), TRUST)?.relays;
  assertEquals(await read("r.example.com;ws"), [{ host: "r.example.com", webSocket: {} }]);
  assertEquals(await read("[::1]:8443/msrp/in;ws r2.example.com"), [
    { host: "::1", port: 8443, webSocket: { path: "/msrp/in" } },
    { host: "r2.example.com" },
  ]);
});

Deno.test("relaySettings() leaves auto to the library, and none to nobody", async () => {
  const auto = relaySettings(await access("--relay", "auto", "--password", "x"), TRUST);
  assertEquals(auto?.relays, "auto");
  assertEquals(relaySettings(await access("--relay", "none"), TRUST), undefined);
  assertEquals(relaySettings(await access(), TRUST), undefined);
});

Deno.test("relaySettings() wants somebody to log in", async () => {
  const nobody = await access("--relay", "auto");
  const error = assertThrows(
    () => relaySettings(nobody, TRUST),
    CliError,
    "--relay: a relay wants",
  );
  assertEquals(error.status, 2);
});
