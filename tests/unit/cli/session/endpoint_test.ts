import { assertEquals, assertMatch } from "@std/assert";
import { openEndpoint } from "../../../../cli/session/endpoint.ts";
import { resolveAccess } from "../../../../cli/session/sip_access.ts";
import { SystemClock } from "../../../../lib/session/mod.ts";
import { parseSipUri } from "../../../../lib/sip/mod.ts";
import { readFlags, testContext } from "../../../helpers/session_flags.ts";

Deno.test("openEndpoint() listens where it is told, and goes out through the proxy of the access", async () => {
  const flags = readFlags("call", "--proxy", "sip:127.0.0.1:5999;transport=tcp");
  const access = await resolveAccess(testContext(), flags, { accounts: [] });
  const parts = {
    access,
    listen: [{ host: "127.0.0.1", port: 0, transport: "udp" }],
    clock: new SystemClock(),
    certificate: { certPem: "", keyPem: "" },
    ca: undefined,
    tap: undefined,
    flags: { tlsInsecure: false },
  } as const;
  await using sip = await openEndpoint(parts);
  assertMatch(sip.uris[0] ?? "", /^sip:127\.0\.0\.1:\d+$/);
  const [to] = await sip.locate(parseSipUri("sip:bob@192.0.2.7"));
  assertEquals([to?.transport, to?.host, to?.port], ["tcp", "127.0.0.1", 5999]);
  await using direct = await openEndpoint({ ...parts, access: { ...access, proxy: undefined } });
  assertEquals((await direct.locate(parseSipUri("sip:bob@192.0.2.7")))[0]?.host, "192.0.2.7");
});
