/** User agent cores that talk to each other in simulated time, over a network with faults. */
import { utf8 } from "../../lib/base/bytes.ts";
import type { RandomSource } from "../../lib/base/output.ts";
import {
  type CallEvent,
  parseNameAddress,
  parseSipUri,
  type SipOutput,
  type TimerSettings,
  UserAgentCore,
  type UserAgentEvent,
} from "../../lib/sip/mod.ts";
import { OTHER_SDP, SDP } from "./scripted_sip.ts";
import { seededRandom } from "./seeded_random.ts";

/** What the network does to datagrams. */
export interface NetworkFaults {
  /** Share of datagrams that vanish, from 0 to 1. */
  readonly loss: number;
  /** Share of datagrams that arrive twice. */
  readonly duplication: number;
  /** Longest delay in milliseconds; different delays reorder. */
  readonly delay: number;
}

/** One user agent on the network. */
export interface Agent {
  readonly core: UserAgentCore;
  readonly host: string;
  readonly events: UserAgentEvent[];
}

/** A few agents, one clock. */
export class SipNetwork {
  now = 0;
  /** Datagrams that were handed to the network. */
  sent = 0;
  readonly #faults: NetworkFaults;
  readonly #random: RandomSource;
  readonly #agents = new Map<string, Agent>();
  readonly #underWay: { at: number; to: string; from: string; data: Uint8Array }[] = [];

  /** @param seed Decides the faults and everything that the agents make up. */
  constructor(seed: number, faults: NetworkFaults) {
    this.#random = seededRandom(seed);
    this.#faults = faults;
  }

  /** Adds an agent at `host`. */
  add(host: string, timers: TimerSettings = {}): Agent {
    const core = new UserAgentCore({
      random: this.#random,
      userAgent: "sotto/test",
      localAddress: () => ({ host, port: 5060 }),
      timers,
    });
    const agent: Agent = { core, host, events: [] };
    this.#agents.set(host, agent);
    return agent;
  }

  /** Carries out what an agent asks for. */
  carry(agent: Agent, outputs: readonly SipOutput[]): void {
    for (const output of outputs) {
      if (output.type === "event") agent.events.push(output.event);
      if (output.type !== "transmit") continue;
      this.sent++;
      if (this.#chance() < this.#faults.loss) continue;
      const copies = this.#chance() < this.#faults.duplication ? 2 : 1;
      for (let copy = 0; copy < copies; copy++) {
        const at = this.now + 1 + this.#chance() * this.#faults.delay;
        this.#underWay.push({ at, to: output.to.host, from: agent.host, data: output.data });
      }
    }
  }

  /** Lets time pass until `isDone`, or until nothing can happen any more, or for `most` milliseconds. */
  run(isDone: () => boolean, most = 200_000): void {
    const end = this.now + most;
    while (!isDone()) {
      const arrivals = this.#underWay.map((it) => it.at);
      const deadlines = [...this.#agents.values()].map((it) => it.core.deadline)
        .filter((it) => it !== undefined);
      const next = Math.min(...arrivals, ...deadlines);
      if (next > end) return;
      this.now = Math.max(this.now, next);
      this.#deliver();
      for (const agent of this.#agents.values()) {
        const { deadline } = agent.core;
        if (deadline !== undefined && deadline <= this.now) {
          this.carry(agent, agent.core.handleTimeout(this.now));
        }
      }
    }
  }

  /** `caller` calls `callee`. */
  invite(caller: Agent, callee: Agent): number {
    const placed = caller.core.invite({
      target: parseSipUri(`sip:bob@${callee.host}`),
      from: parseNameAddress("<sip:alice@example.com>"),
      offer: utf8(SDP),
    }, this.now);
    this.carry(caller, placed.outputs);
    return placed.call;
  }

  /** `agent` answers a call. */
  answer(agent: Agent, call: number): void {
    this.carry(agent, agent.core.answer(call, utf8(OTHER_SDP), {}, this.now));
  }

  #deliver(): void {
    for (;;) {
      const index = this.#underWay.findIndex((it) => it.at <= this.now);
      const [datagram] = index < 0 ? [] : this.#underWay.splice(index, 1);
      if (datagram === undefined) return;
      const agent = this.#agents.get(datagram.to);
      if (agent === undefined) continue;
      const flow = {
        transport: "udp",
        remote: { host: datagram.from, port: 5060 },
      } as const;
      this.carry(agent, agent.core.receive(datagram.data, flow, this.now));
    }
  }

  #chance(): number {
    const [high = 0, low = 0] = this.#random(2);
    return (high * 256 + low) / 65_536;
  }
}

/** The events of calls that an agent heard, by type. */
export function typesOf(agent: Agent): CallEvent["type"][] {
  return agent.events.flatMap((it) => it.type === "call" ? [it.event.type] : []);
}
