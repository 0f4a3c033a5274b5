import { assertEquals } from "@std/assert";
import { ascii } from "../../../../lib/base/ascii.ts";
import { ServerOutbox } from "../../../../lib/sip/server/server_outbox.ts";
import { request } from "../../../helpers/sip_messages.ts";

Deno.test("ServerOutbox gives back what it was told, in order, once", () => {
  const outbox = new ServerOutbox();
  const to = { transport: "udp", host: "192.0.2.1", port: 5060 } as const;
  outbox.transmit(request("OPTIONS"), to, "key");
  outbox.transmitBytes(ascii("\r\n"), to);
  outbox.close(7);
  outbox.report({ type: "unregistered", user: "a", contact: "sip:a@b", reason: "expired" });
  const outputs = outbox.take();
  assertEquals(outputs.map((it) => it.type), ["transmit", "transmit", "close", "event"]);
  assertEquals(outputs.map((it) => it.type === "transmit" ? it.transaction : ""), [
    "key",
    undefined,
    "",
    "",
  ]);
  assertEquals(outbox.take(), []);
});
