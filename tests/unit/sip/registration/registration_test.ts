/** The states of a registration crossed with what can happen. Clauses are in tests/conformance/rfc3261/registration_test.ts. */
import type { UserAgentEvent } from "../../../../lib/sip/events.ts";
import { assertEquals } from "@std/assert";
import type { SipResponse } from "../../../../lib/sip/mod.ts";
import {
  Registration,
  type RegistrationState,
} from "../../../../lib/sip/registration/registration.ts";
import { RequestCredentials } from "../../../../lib/sip/user_agent/request_credentials.ts";
import { Outbox } from "../../../../lib/sip/user_agent/outbox.ts";
import { TransactionLayer } from "../../../../lib/sip/user_agent/transaction_layer.ts";
import { DEFAULT_TIMERS, NO_BODY, parseNameAddress } from "../../../../lib/sip/mod.ts";
import { seededRandom } from "../../../helpers/seeded_random.ts";

/** A registration alone, and what it told. */
class Alone {
  readonly outbox = new Outbox<UserAgentEvent>();
  readonly told: string[] = [];
  forgotten = 0;
  readonly it: Registration;

  constructor() {
    const random = seededRandom(1);
    const localAddress = () => ({ host: "192.0.2.2", port: 5060 });
    const timers = { ...DEFAULT_TIMERS };
    const { outbox } = this;
    this.it = new Registration(
      {
        layer: new TransactionLayer({ random, timers, outbox, localAddress, limit: 10 }),
        random,
        timers,
        userAgent: "sotto/test",
        credentials: new RequestCredentials({}, random),
        localAddress,
        reportDeadServer: () => {},
        report: (event) => this.told.push(event.type),
        forget: () => this.forgotten++,
      },
      { address: parseNameAddress("<sip:alice@example.com>") },
      0,
    );
    this.told.length = 0;
  }

  /** Brings it into a state. */
  static in(state: RegistrationState): Alone {
    const alone = new Alone();
    const { it } = alone;
    if (state !== "registering") it.receiveResponse(response(200), 0);
    if (state === "refreshing") it.refresh(0);
    if (state === "waiting") {
      it.refresh(0);
      it.receiveFailure("timeout", 0);
    }
    if (state === "unregistering" || state === "over") it.end(0);
    if (state === "over") it.receiveResponse(response(200), 0);
    assertEquals(it.state, state);
    alone.told.length = 0;
    return alone;
  }
}

function response(status: number): SipResponse {
  const headers = [{ name: "Expires", value: "60" }];
  return { kind: "response", status, reason: "", headers, body: NO_BODY };
}

const STIMULI: Readonly<Record<string, (it: Registration) => void>> = {
  "200": (it) => it.receiveResponse(response(200), 0),
  "403": (it) => it.receiveResponse(response(403), 0),
  "503": (it) => it.receiveResponse(response(503), 0),
  "timeout": (it) => it.receiveFailure("timeout", 0),
  "time": (it) => it.handleTimeout(1e9),
  "refresh": (it) => it.refresh(0),
  "end": (it) => it.end(0),
};

/** What follows, and what is told; by hand. */
const EXPECTED: Readonly<Record<RegistrationState, Readonly<Record<string, string>>>> = {
  registering: {
    "200": "registered registered",
    "403": "over refused",
    "503": "waiting failed",
    "timeout": "waiting failed",
    "time": "registering",
    "refresh": "registering",
    "end": "registering",
  },
  registered: {
    "time": "refreshing",
    "refresh": "refreshing",
    "end": "unregistering",
  },
  refreshing: {
    "200": "registered registered",
    "403": "over refused",
    "503": "waiting failed",
    "timeout": "waiting failed",
    "time": "refreshing",
    "refresh": "refreshing",
    "end": "refreshing",
  },
  waiting: {
    "time": "registering registering",
    "refresh": "registering registering",
    "end": "unregistering",
  },
  unregistering: {
    "200": "over unregistered",
    "403": "over unregistered",
    "503": "over unregistered",
    "timeout": "over unregistered",
    "time": "unregistering",
    "refresh": "unregistering",
    "end": "unregistering",
  },
  over: { "time": "over", "refresh": "over", "end": "over" },
};

for (const [state, row] of Object.entries(EXPECTED)) {
  for (const [stimulus, expected] of Object.entries(row)) {
    Deno.test(`Registration ${state}, ${stimulus}: ${expected}`, () => {
      const alone = Alone.in(state as RegistrationState);
      const before = alone.forgotten;
      STIMULI[stimulus]?.(alone.it);
      assertEquals([alone.it.state, ...alone.told].join(" "), expected);
      const ends = state !== "over" && alone.it.state === "over";
      assertEquals(alone.forgotten - before, ends ? 1 : 0);
      assertEquals(
        alone.it.deadline !== undefined,
        alone.it.state === "registered" || alone.it.state === "waiting",
        "a deadline in those states alone",
      );
    });
  }
}

Deno.test("Registration ends at once when it waits and nothing was ever bound", () => {
  const alone = new Alone();
  alone.it.receiveFailure("timeout", 0);
  alone.it.end(0);
  assertEquals([alone.it.state, ...alone.told].join(" "), "over failed unregistered");
});
