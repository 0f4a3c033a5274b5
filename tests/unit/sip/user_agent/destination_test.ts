/** Next hops and ways back. */
import { assertEquals } from "@std/assert";
import { parseSipUri } from "../../../../lib/sip/message/uri.ts";
import { parseVias, writeVia } from "../../../../lib/sip/message/via.ts";
import { annotateVia, destinationOf, wayBack } from "../../../../lib/sip/user_agent/destination.ts";

function destination(uri: string, transport?: "udp" | "tcp" | "tls"): string {
  const to = destinationOf(parseSipUri(uri), transport);
  return `${to.transport} ${to.host} ${to.port}${to.isFixed ? " fixed" : ""}`;
}

Deno.test("destinationOf() follows scheme, transport, port and maddr", () => {
  assertEquals(destination("sip:a@b.example"), "udp b.example 5060");
  assertEquals(destination("sip:a@b.example;transport=TCP"), "tcp b.example 5060 fixed");
  assertEquals(destination("sip:a@b.example:7;transport=tls"), "tls b.example 7 fixed");
  assertEquals(destination("sips:a@b.example"), "tls b.example 5061");
  assertEquals(destination("sips:a@b.example;transport=tcp"), "tls b.example 5061 fixed");
  assertEquals(destination("sip:a@b.example;maddr=192.0.2.9"), "udp 192.0.2.9 5060");
  assertEquals(destination("sip:a@b.example;transport=sctp"), "udp b.example 5060");
});

Deno.test("destinationOf() lets the user's transport win", () => {
  assertEquals(destination("sip:a@b.example;transport=udp", "tls"), "tls b.example 5061 fixed");
});

Deno.test("annotateVia() and wayBack() take a response without usable Via to its source", () => {
  const flow = { transport: "udp", remote: { host: "192.0.2.9", port: 4242 } } as const;
  assertEquals(wayBack(undefined, flow), { transport: "udp", host: "192.0.2.9", port: 4242 });
  const [via] = parseVias("SIP/2.0/UDP [2001:db8::1];rport");
  if (via === undefined) throw new Error("no Via");
  const annotated = annotateVia(via, flow);
  assertEquals(writeVia(annotated), "SIP/2.0/UDP [2001:db8::1];rport=4242;received=192.0.2.9");
  assertEquals(wayBack(annotated, flow).port, 4242);
});
