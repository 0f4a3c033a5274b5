/** The steps of §16 are in tests/conformance/rfc3261/proxy_test.ts; here is what is remembered and for how long. */
import { assertEquals } from "@std/assert";
import { ALICE, BOB, peer, ScriptedServer } from "../../../helpers/scripted_server.ts";

Deno.test("Proxy remembers a request until its final response, and says what became of it", () => {
  const server = new ScriptedServer();
  server.register(BOB);
  server.events.length = 0;
  server.request("INVITE", ALICE);
  assertEquals(server.core.pendingCount, 1);
  server.answer(server.takeRequest(), 486);
  assertEquals(server.core.pendingCount, 0);
  assertEquals(server.events, [
    {
      type: "forwarded",
      method: "INVITE",
      requestUri: "sip:bob@example.com",
      callId: "call-1",
      targets: ["sip:bob@192.0.2.2"],
      source: ALICE.flow.remote,
    },
    {
      type: "answered",
      method: "INVITE",
      requestUri: "sip:bob@example.com",
      callId: "call-1",
      status: 486,
    },
  ]);
});

Deno.test("Proxy takes no more requests at once than its limit", () => {
  const server = new ScriptedServer({ limits: { requests: 2 } });
  server.register(BOB);
  for (const callId of ["1", "2", "3"]) server.request("INVITE", ALICE, { callId });
  assertEquals(server.said(), ["INVITE 192.0.2.2", "INVITE 192.0.2.2", "503 192.0.2.1"]);
});

Deno.test("Proxy reaches a contact over its flow, and by its address once the flow is gone", () => {
  const server = new ScriptedServer();
  server.register(peer("bob", "192.0.2.2", "tcp", 7), "<sip:bob@192.0.2.2;transport=tcp>");
  server.request("MESSAGE", ALICE);
  assertEquals(server.takeRequest().to.connection, 7);
  server.take(server.core.receiveFlowEnd(7));
  server.request("MESSAGE", ALICE, { callId: "2" });
  const { to } = server.takeRequest();
  assertEquals([to.connection, to.transport, to.host], [undefined, "tcp", "192.0.2.2"]);
});
