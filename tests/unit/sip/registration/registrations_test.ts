import { assertEquals } from "@std/assert";
import { parseNameAddress } from "../../../../lib/sip/mod.ts";
import { ScriptedRegistrar } from "../../../helpers/scripted_registrar.ts";
import { responseText } from "../../../helpers/scripted_sip.ts";

Deno.test("Registrations keep several addresses apart, each with its own time", () => {
  const it = new ScriptedRegistrar();
  it.bind(60);
  const bob = it.core.register({ address: parseNameAddress("<sip:bob@example.net>") }, it.now);
  it.take(bob.outputs);
  it.receive(responseText(it.register.message, 200, { headers: ["Expires: 20"] }));
  assertEquals(
    it.events.splice(0).map((event) =>
      event.type === "registration" ? `${event.registration} ${event.event.type}` : ""
    ),
    ["1 registering", "1 registered", "2 registering", "2 registered"],
  );
  it.said();
  it.advance(10_000);
  assertEquals(it.register.message.requestUri, "sip:example.net");
  it.take(it.core.unregister(bob.registration, it.now));
  it.receive(responseText(it.register.message, 200));
  it.receive(responseText(it.register.message, 200));
  it.said();
  it.take(it.core.unregister(99, it.now)).take(it.core.refreshRegistration(1, it.now));
  assertEquals(it.register.message.requestUri, "sip:example.com");
});
