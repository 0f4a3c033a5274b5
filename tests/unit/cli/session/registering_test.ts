import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import {
  announceRegistration,
  beginRegistration,
  isOwn,
  registeredFields,
  untilRegistered,
} from "../../../../cli/session/registering.ts";
import { openEndpoint } from "../../../../cli/session/endpoint.ts";
import { resolveAccess } from "../../../../cli/session/sip_access.ts";
import { SottoError } from "../../../../lib/base/mod.ts";
import { SystemClock } from "../../../../lib/session/mod.ts";
import { type Binding, parseNameAddress, type RegistrationEvent } from "../../../../lib/sip/mod.ts";
import { bindUdp } from "../../../../lib/transport/mod.ts";
import { readFlags, testContext } from "../../../helpers/session_flags.ts";
import { TemporaryFolder } from "../../../helpers/temporary_folder.ts";

function binding(uri: string): Binding {
  return {
    address: parseNameAddress(`<${uri}>`),
    expires: 60,
    q: 1,
    instance: undefined,
    regId: undefined,
    publicGruu: undefined,
    temporaryGruu: undefined,
  };
}

const OURS = binding("sip:alice@192.0.2.1");
const REGISTERED: RegistrationEvent & { readonly type: "registered" } = {
  type: "registered",
  expires: 60,
  refreshAt: 50_000,
  own: OURS,
  bindings: [binding("sip:alice@192.0.2.9"), OURS],
  serviceRoute: [parseNameAddress("<sip:edge.example.com;lr>")],
  isOutbound: true,
  server: "Acme",
  destination: { transport: "udp", host: "192.0.2.5", port: 5060 },
  response: {
    kind: "response",
    status: 200,
    reason: "OK",
    headers: [],
    body: new Uint8Array(),
  },
};

Deno.test("registeredFields() says what the registrar said, and which contact is ours", () => {
  assertEquals(registeredFields(REGISTERED), {
    expires: 60,
    contacts: [
      { uri: "sip:alice@192.0.2.9", expires: 60, own: false, instance: undefined },
      { uri: "sip:alice@192.0.2.1", expires: 60, own: true, instance: undefined },
    ],
    outbound: true,
    server: "Acme",
    serviceRoute: ["sip:edge.example.com;lr"],
    registrar: "udp:192.0.2.5:5060",
  });
  assertEquals(isOwn({ ...REGISTERED, own: undefined }, OURS), false);
});

Deno.test("announceRegistration() has words for everything that happens", () => {
  const error = new SottoError("sip/timeout", "nobody answers");
  const events: RegistrationEvent[] = [
    { type: "registering" },
    REGISTERED,
    { type: "failed", error, retryAt: 1 },
    { type: "refused", error, response: undefined },
    { type: "unregistered", isConfirmed: true },
    { type: "unregistered", isConfirmed: false },
  ];
  const people = testContext();
  const script = testContext({ json: true });
  for (const event of events) {
    announceRegistration(event, "alice@example.com", people.printer);
    announceRegistration(event, "alice@example.com", script.printer);
  }
  const lines = people.stderr.text.trimEnd().split("\n");
  assertEquals(lines.length, events.length);
  for (const line of lines) assertStringIncludes(line, "alice@example.com");
  const objects = script.stdout.text.trimEnd().split("\n").map((it) => JSON.parse(it));
  assertEquals(objects.map((it) => [it.type, it.state, it.code]), [
    ["registration", "registering", undefined],
    ["registration", "registered", undefined],
    ["registration", "failed", "sip/timeout"],
    ["registration", "refused", "sip/timeout"],
    ["registration", "unregistered", undefined],
    ["registration", "unregistered", undefined],
  ]);
});

Deno.test("untilRegistered() waits no longer than it may, and says so", async () => {
  await using folder = await TemporaryFolder.make();
  await using silent = await bindUdp({ host: "127.0.0.1", port: 0 });
  const context = testContext({ home: folder.path });
  const proxy = `sip:127.0.0.1:${silent.local.port}`;
  const flags = readFlags("call", "--from", "alice@example.com", "--register", "--proxy", proxy);
  const access = await resolveAccess(context, flags, { accounts: [] });
  await using sip = await openEndpoint({
    access,
    listen: [],
    clock: new SystemClock(),
    certificate: { certPem: "", keyPem: "" },
    ca: undefined,
    tap: undefined,
    flags: { tlsInsecure: false },
  });
  const registration = await beginRegistration(context, sip, access, {
    expires: 60,
    isMainFlow: true,
  });
  const never = new AbortController().signal;
  const error = await assertRejects(() => untilRegistered(registration, 50, never), SottoError);
  assertEquals(error.code, "sip/timeout");
  const stop = AbortSignal.abort(new RangeError("stopped"));
  await assertRejects(() => untilRegistered(registration, 5_000, stop), RangeError, "stopped");
  // A device has one name, and keeps it.
  assertEquals((await folder.names()).includes("sip_instance"), true);
});
