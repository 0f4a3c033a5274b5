/** Keys of transactions. */
import { assertEquals, assertNotEquals } from "@std/assert";
import { clientKey, mergeKey, serverKey } from "../../../../lib/sip/transaction/matching.ts";
import { request, response } from "../../../helpers/sip_messages.ts";

Deno.test("clientKey() joins a response to its request, and keeps CANCEL apart", () => {
  assertEquals(clientKey(request("INVITE")), clientKey(response(200, "INVITE")));
  assertNotEquals(clientKey(request("INVITE")), clientKey(request("CANCEL")));
});

Deno.test("serverKey() looks ACK and CANCEL up under INVITE", () => {
  const key = serverKey(request("INVITE"), "INVITE");
  assertEquals(serverKey(request("ACK"), "INVITE"), key);
  assertEquals(serverKey(request("CANCEL"), "INVITE"), key);
  assertNotEquals(serverKey(request("CANCEL"), "CANCEL"), key);
});

Deno.test("serverKey() falls back to what RFC 2543 matched by", () => {
  const old = (method: string) => {
    const it = request(method);
    const headers = it.headers.map((field) =>
      field.name === "Via" ? { ...field, value: "SIP/2.0/UDP 192.0.2.1;branch=1" } : field
    );
    return { ...it, headers };
  };
  assertEquals(serverKey(old("ACK"), "INVITE"), serverKey(old("INVITE"), "INVITE"));
  const other = { ...old("INVITE"), requestUri: "sip:carol@192.0.2.2" };
  assertNotEquals(serverKey(other, "INVITE"), serverKey(old("INVITE"), "INVITE"));
});

Deno.test("mergeKey() is the same for copies that took different ways", () => {
  const copy = request("INVITE");
  const headers = copy.headers.map((it) =>
    it.name === "Via" ? { ...it, value: "SIP/2.0/TCP 192.0.2.9;branch=z9hG4bKother" } : it
  );
  assertEquals(mergeKey({ ...copy, headers }), mergeKey(copy));
  assertNotEquals(mergeKey(request("OPTIONS")), mergeKey(copy));
});
