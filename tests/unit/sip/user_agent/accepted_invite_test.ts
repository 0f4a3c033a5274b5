/** The 2xx that waits for its ACK. */
import type { UserAgentEvent } from "../../../../lib/sip/events.ts";
import { assertEquals } from "@std/assert";
import { AcceptedInvite } from "../../../../lib/sip/user_agent/accepted_invite.ts";
import { Outbox } from "../../../../lib/sip/user_agent/outbox.ts";
import { TransactionLayer } from "../../../../lib/sip/user_agent/transaction_layer.ts";
import { request, response, UNIT_TIMERS } from "../../../helpers/sip_messages.ts";
import { seededRandom } from "../../../helpers/seeded_random.ts";

Deno.test("AcceptedInvite repeats from T1 to T2, then gives up at 64*T1", () => {
  const outbox = new Outbox<UserAgentEvent>();
  const layer = new TransactionLayer({
    random: seededRandom(1),
    timers: UNIT_TIMERS,
    outbox,
    localAddress: () => ({ host: "192.0.2.2", port: 5060 }),
    limit: 10,
  });
  const to = { transport: "udp", host: "192.0.2.1", port: 5060 } as const;
  const reception = layer.receiveRequest(request("INVITE"), "udp", to, 0);
  if (reception.type !== "new") throw new Error("not new");
  const accepted = new AcceptedInvite(
    layer,
    reception.server,
    response(200, "INVITE"),
    { sequence: 7, isOurOffer: false, timers: UNIT_TIMERS },
    0,
  );
  const times = [0];
  outbox.take();
  while (accepted.handleTimeout(accepted.deadline) === "waiting") {
    times.push(accepted.deadline);
    assertEquals(outbox.take().length, 1);
  }
  // Each entry is when the next one is due: 1, 3, 7, 15, then every 8, and 64 at last.
  assertEquals(times, [0, 3, 7, 15, 23, 31, 39, 47, 55, 63, 64]);
  assertEquals(accepted.handleTimeout(100), "given-up");
});
