import { assertEquals } from "@std/assert";
import { SottoError } from "../../../lib/base/errors.ts";
import { platformRandom } from "../../../lib/session/random.ts";
import type { KeepAliveOptions } from "../../../lib/session/sip_keep_alive.ts";
import { SipRegistrations } from "../../../lib/session/sip_registrations.ts";
import {
  type Destination,
  parseNameAddress,
  type RegistrationEvent,
  type SipOutput,
  UserAgentCore,
} from "../../../lib/sip/mod.ts";
import { ManualClock, settle } from "../../helpers/manual_clock.ts";

const TO: Destination = { transport: "udp", host: "192.0.2.1", port: 5060 };
const ADDRESS = { address: parseNameAddress("<sip:alice@example.com>") };

function registered(destination: Destination): RegistrationEvent {
  return {
    type: "registered",
    expires: 600,
    refreshAt: 0,
    own: undefined,
    bindings: [],
    serviceRoute: [],
    isOutbound: true,
    server: undefined,
    destination,
    response: { kind: "response", status: 200, reason: "OK", headers: [], body: new Uint8Array() },
  };
}

/** Registrations with a real core, whose outputs are noted. */
function open(reach: () => Promise<readonly Destination[]> = () => Promise.resolve([TO])) {
  const clock = new ManualClock();
  const sent: SipOutput[] = [];
  const flows: (KeepAliveOptions & { isOver: boolean })[] = [];
  const failed: Destination[] = [];
  const core = new UserAgentCore({
    random: platformRandom,
    userAgent: "sotto/test",
    localAddress: () => ({ host: "192.0.2.9", port: 5060 }),
  });
  const all = new SipRegistrations({
    clock,
    core,
    perform: (act) => void sent.push(...act(clock.now()).filter((it) => it.type === "transmit")),
    reach,
    keepAlive: (options) => {
      const flow = { ...options, isOver: false };
      flows.push(flow);
      return {
        to: options.to,
        get isOver() {
          return flow.isOver;
        },
        address: undefined,
        answers: 0,
        close: () => void (flow.isOver = true),
      };
    },
    markFailed: (to) => void failed.push(to),
  });
  return { all, sent, flows, failed };
}

Deno.test("SipRegistrations keeps one flow as long as the address is registered over it", async () => {
  const { all, flows } = open();
  const { number = 0 } = await begun(all);
  all.take(number, registered(TO));
  all.take(number, registered(TO));
  assertEquals(flows.map((it) => it.isOver), [false], "a refresh changes nothing");
  all.take(number, registered({ ...TO, port: 5070 }));
  assertEquals(flows.map((it) => [it.to.port, it.isOver]), [[5060, true], [5070, false]]);
  all.take(number, { type: "registering" });
  assertEquals(flows.map((it) => it.isOver), [true, true]);
  all.close();
});

Deno.test("SipRegistrations remembers the server to which a flow died", async () => {
  const { all, flows, failed } = open();
  const { number = 0 } = await begun(all);
  all.take(number, registered(TO));
  flows[0]?.onFailed?.(new SottoError("sip/flow-failed", "dead"));
  assertEquals(failed, [TO]);
  const connected: Destination = { ...TO, transport: "tcp", connection: 3 };
  all.take(number, registered(connected));
  flows[1]?.onFailed?.(new SottoError("sip/flow-failed", "dead"));
  assertEquals(failed, [TO, connected]);
  all.close();
});

Deno.test("SipRegistrations refuses what cannot be reached, and sends nothing once it is closed", async () => {
  const error = new SottoError("transport/name-not-found", "nobody");
  const nowhere = open(() => Promise.reject(error));
  const refused = await nowhere.all.start(ADDRESS).settled();
  assertEquals([refused.type === "refused" && refused.error, nowhere.sent], [error, []]);
  const closed = open();
  closed.all.start(ADDRESS);
  closed.all.close();
  await settle();
  assertEquals(closed.sent, []);
});

async function begun(all: SipRegistrations) {
  const registration = all.start(ADDRESS);
  await settle();
  return registration;
}
