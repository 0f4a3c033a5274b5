/** Two people with accounts and their server, all cores, in simulated time on a network that loses and doubles. */
import { passwordSecret } from "../../lib/auth/mod.ts";
import type { RandomSource } from "../../lib/base/output.ts";
import {
  type Destination,
  type Flow,
  type SipOutput,
  SipServerCore,
  type SipServerOutput,
  UserAgentCore,
  type UserAgentEvent,
  type UserAgentOptions,
} from "../../lib/sip/mod.ts";
import { seededRandom } from "./seeded_random.ts";

/** Where the server is. */
export const SERVER: Destination = {
  transport: "udp",
  host: "192.0.2.9",
  port: 5060,
  isFixed: true,
};

/** What the network does to datagrams, as shares from 0 to 1. */
export interface Faults {
  readonly loss: number;
  readonly duplication: number;
}

/** Somebody with an account. */
export interface Person {
  readonly core: UserAgentCore;
  readonly host: string;
  readonly events: UserAgentEvent[];
}

interface Datagram {
  readonly at: number;
  readonly from: string;
  readonly to: string;
  readonly data: Uint8Array;
}

/** The three of them. */
export class AccountNetwork {
  now = 0;
  readonly alice: Person;
  readonly bob: Person;
  readonly server: SipServerCore;
  /** Start-lines and credentials of everything that was handed to the network. */
  readonly sent: string[] = [];
  readonly #random: RandomSource;
  readonly #faults: Faults;
  readonly #underWay: Datagram[] = [];

  /**
   * @param seed Decides the faults and everything that is made up.
   * @param options What differs for both people.
   */
  constructor(seed: number, faults: Faults, options: Partial<UserAgentOptions> = {}) {
    this.#random = seededRandom(seed);
    this.#faults = faults;
    const passwords = new Map(["alice", "bob"].map((it) => [it, passwordSecret(`${it}-secret`)]));
    const place = { host: SERVER.host, port: SERVER.port };
    this.server = new SipServerCore({
      random: this.#random,
      domains: ["example.com"],
      password: (user) => passwords.get(user),
      serverName: "server/test",
      places: () => [{ transport: "udp", local: place }],
      isOwnAddress: (host) => host === SERVER.host,
      localAddress: () => place,
    });
    const person = (user: string, host: string): Person => ({
      host,
      events: [],
      core: new UserAgentCore({
        random: this.#random,
        userAgent: "sotto/test",
        localAddress: () => ({ host, port: 5060 }),
        credentials: (realm) =>
          realm === "example.com"
            ? { username: user, password: passwordSecret(`${user}-secret`) }
            : undefined,
        ...options,
      }),
    });
    this.alice = person("alice", "192.0.2.1");
    this.bob = person("bob", "192.0.2.2");
  }

  /** Carries out what a person asks for. */
  carry(person: Person, outputs: readonly SipOutput[]): void {
    for (const output of outputs) {
      if (output.type === "event") person.events.push(output.event);
      if (output.type === "transmit") this.#send(person.host, output.to.host, output.data);
    }
  }

  /** Lets time pass until `isDone`, at most so many milliseconds. @returns Whether it was done. */
  run(isDone: () => boolean, most = 300_000): boolean {
    const end = this.now + most;
    while (!isDone()) {
      const cores = [this.alice.core, this.bob.core, this.server];
      const times = [...this.#underWay.map((it) => it.at), ...cores.map((it) => it.deadline)]
        .filter((it) => it !== undefined);
      const next = Math.min(...times);
      if (next > end) {
        this.now = end;
        return false;
      }
      this.now = Math.max(this.now, next);
      this.#deliver();
      for (const person of [this.alice, this.bob]) {
        const { deadline } = person.core;
        if (deadline !== undefined && deadline <= this.now) {
          this.carry(person, person.core.handleTimeout(this.now));
        }
      }
      const { deadline } = this.server;
      if (deadline !== undefined && deadline <= this.now) {
        this.#carryServer(this.server.handleTimeout(this.now));
      }
    }
    return true;
  }

  #carryServer(outputs: readonly SipServerOutput[]): void {
    for (const output of outputs) {
      if (output.type === "transmit") this.#send(SERVER.host, output.to.host, output.data);
    }
  }

  #send(from: string, to: string, data: Uint8Array): void {
    this.sent.push(`${from} ${new TextDecoder().decode(data)}`);
    if (this.#chance() < this.#faults.loss) return;
    const copies = this.#chance() < this.#faults.duplication ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      this.#underWay.push({ at: this.now + 1 + 50 * this.#chance(), from, to, data });
    }
  }

  #deliver(): void {
    for (;;) {
      const index = this.#underWay.findIndex((it) => it.at <= this.now);
      const [datagram] = index < 0 ? [] : this.#underWay.splice(index, 1);
      if (datagram === undefined) return;
      const flow: Flow = { transport: "udp", remote: { host: datagram.from, port: 5060 } };
      if (datagram.to === SERVER.host) {
        this.#carryServer(this.server.receive(datagram.data, flow, this.now));
      }
      for (const person of [this.alice, this.bob]) {
        if (datagram.to !== person.host) continue;
        this.carry(person, person.core.receive(datagram.data, flow, this.now));
      }
    }
  }

  #chance(): number {
    const [high = 0, low = 0] = this.#random(2);
    return (high * 256 + low) / 65_536;
  }
}
