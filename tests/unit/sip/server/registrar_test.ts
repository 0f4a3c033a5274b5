/** The steps are in tests/conformance/rfc3261/registrar_test.ts; here is which flow is remembered. */
import { assertEquals } from "@std/assert";
import { parseSipMessage, type SipRequest } from "../../../../lib/sip/mod.ts";
import { utf8 } from "../../../../lib/base/bytes.ts";
import { LocationTable } from "../../../../lib/sip/server/location_table.ts";
import { Registrar } from "../../../../lib/sip/server/registrar.ts";
import { sipText } from "../../../helpers/scripted_sip.ts";

const TCP = {
  transport: "tcp",
  remote: { host: "203.0.113.1", port: 4444 },
  connection: 3,
} as const;
const UDP = {
  transport: "udp",
  remote: { host: "203.0.113.1", port: 4444 },
  connection: 1,
} as const;

function register(
  contact: string,
  vias: readonly string[],
  headers: readonly string[] = [],
): SipRequest {
  const message = parseSipMessage(
    utf8(sipText([
      "REGISTER sip:example.com SIP/2.0",
      ...vias.map((it) => `Via: ${it}`),
      "Max-Forwards: 70",
      "From: <sip:alice@example.com>;tag=1",
      "To: <sip:alice@example.com>",
      "Call-ID: 1",
      "CSeq: 1 REGISTER",
      `Contact: ${contact}`,
      ...headers,
    ])),
    { transport: "udp" },
  );
  if (message.kind !== "request") throw new TypeError("not a request");
  return message;
}

/** Whether the flow is remembered for this contact. */
function remembers(
  contact: string,
  vias: readonly string[],
  flow: typeof TCP | typeof UDP = UDP,
  headers: readonly string[] = [],
): boolean {
  const table = new LocationTable();
  const answer = new Registrar(table).register(register(contact, vias, headers), "alice", flow, 0);
  assertEquals(answer.status, 200);
  return table.bindings("alice", 0)[0]?.flow !== undefined;
}

Deno.test("Registrar remembers the flow of a contact that is its sender's own socket", () => {
  const udp = "SIP/2.0/UDP 10.0.0.1:5062;branch=z9hG4bK1;rport";
  assertEquals(remembers("<sip:alice@10.0.0.1:5062>", [udp]), true);
  assertEquals(remembers("<sip:alice@10.0.0.1:5062;transport=udp>", [udp]), true);
  const usual = "SIP/2.0/TCP 10.0.0.1;branch=z9hG4bK1";
  assertEquals(remembers("<sip:alice@10.0.0.1:5060;transport=tcp>", [usual], TCP), true);
});

Deno.test("Registrar reaches a contact that is somebody else by its URI", () => {
  const udp = "SIP/2.0/UDP 10.0.0.1:5062;branch=z9hG4bK1;rport";
  for (
    const contact of [
      "<sip:alice@10.0.0.1:5070>",
      "<sip:alice@10.0.0.2:5062>",
      "<sip:alice@10.0.0.1:5062;transport=tcp>",
      "<sip:alice@10.0.0.1:5062;maddr=10.0.0.9>",
      "<tel:+1555>",
    ]
  ) assertEquals(remembers(contact, [udp]), false, contact);
  // Another proxy is between: the flow is its own.
  const far = "SIP/2.0/UDP 10.0.0.9;branch=z9hG4bK0";
  assertEquals(remembers("<sip:alice@10.0.0.9>", [far, udp]), false);
});

Deno.test("Registrar remembers the flow of an outbound contact whatever its address", () => {
  const contact = '<sip:alice@10.9.9.9>;+sip.instance="<urn:uuid:1>";reg-id=1';
  const udp = "SIP/2.0/UDP 10.0.0.1:5062;branch=z9hG4bK1;rport";
  assertEquals(remembers(contact, [udp], UDP, ["Supported: outbound"]), true);
});
