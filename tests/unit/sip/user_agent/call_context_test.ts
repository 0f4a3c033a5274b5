/** Our Contact. */
import { assertEquals } from "@std/assert";
import { parseNameAddress } from "../../../../lib/sip/message/name_address.ts";
import { type CallContext, contactField } from "../../../../lib/sip/user_agent/call_context.ts";

const CONTEXT = {
  localAddress: (transport: string, host: string) => ({
    host: host === "::1" ? "::1" : "192.0.2.2",
    port: transport === "udp" ? 5070 : 5080,
  }),
} as unknown as CallContext;

function contact(options: Partial<Parameters<typeof contactField>[1]>): string {
  return contactField(CONTEXT, {
    transport: "udp",
    host: "192.0.2.1",
    local: parseNameAddress("<sip:bob@example.com>"),
    isSecure: false,
    parameters: [],
    ...options,
  }).value;
}

Deno.test("contactField() names the address that the peer can use, and the transport when it is not UDP", () => {
  assertEquals(contact({}), "<sip:bob@192.0.2.2:5070>");
  assertEquals(contact({ transport: "tcp" }), "<sip:bob@192.0.2.2:5080;transport=tcp>");
  assertEquals(contact({ host: "::1" }), "<sip:bob@[::1]:5070>");
  assertEquals(
    contact({ transport: "tls", isSecure: true }),
    "<sips:bob@192.0.2.2:5080;transport=tls>",
  );
});

Deno.test("contactField() puts parameters behind the brackets and does without a user", () => {
  const local = parseNameAddress("<tel:+1>");
  assertEquals(
    contact({ local, parameters: [{ name: "isfocus" }] }),
    "<sip:192.0.2.2:5070>;isfocus",
  );
});
