/** Registrations at the lab's server through middleboxes that die quietly (RFC 5626 §4.4, §4.5, SIP-055). */
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { passwordSecret } from "../../../lib/auth/mod.ts";
import type { WireRecord } from "../../../lib/base/wire_tap.ts";
import { platformRandom, type Registration, SipEndpoint } from "../../../lib/session/mod.ts";
import { parseNameAddress, type SipTransport } from "../../../lib/sip/mod.ts";
import {
  bindUdp,
  type ByteStream,
  connectTcp,
  type DatagramSocket,
  type HostPort,
  listenTcp,
  makeSelfSignedCertificate,
} from "../../../lib/transport/mod.ts";
import { openLabSip, placeOf } from "../../helpers/lab_sip.ts";
import { ManualClock } from "../../helpers/manual_clock.ts";

/** Something between Alice and the server. */
interface Middlebox extends AsyncDisposable {
  readonly local: HostPort;
  /** What is there now works no more, and nobody is told; what comes anew works. */
  fail(): Promise<void>;
}

/** Passes octets on, until it forgets a connection without closing it. */
async function quietTcp(server: HostPort): Promise<Middlebox> {
  const listener = await listenTcp({ host: "127.0.0.1", port: 0 });
  const streams: ByteStream[] = [];
  let generation = 0;
  const pass = async (from: ByteStream, to: ByteStream, born: number) => {
    const writer = to.writable.getWriter();
    for await (const bytes of from.readable) {
      if (born === generation) await writer.write(bytes);
    }
    if (born === generation) await to.close();
  };
  const accepting = (async () => {
    for await (const inner of listener) {
      const outer = await connectTcp(server);
      streams.push(inner, outer);
      const born = generation;
      // A connection that one side closed fails the other side's pass: both are over then.
      void pass(inner, outer, born).catch(() => {});
      void pass(outer, inner, born).catch(() => {});
    }
  })();
  return {
    local: listener.local,
    fail: () => {
      generation++;
      return Promise.resolve();
    },
    async [Symbol.asyncDispose]() {
      await listener.close();
      await Promise.all(streams.map((it) => it.close()));
      await accepting;
    },
  };
}

/** A translator of addresses that takes another port when it was restarted. */
async function forgetfulNat(server: HostPort): Promise<Middlebox> {
  const inner = await bindUdp({ host: "127.0.0.1", port: 0 });
  let client: HostPort | undefined;
  const loops: Promise<void>[] = [];
  const open = async (): Promise<DatagramSocket> => {
    const socket = await bindUdp({ host: "127.0.0.1", port: 0 });
    loops.push((async () => {
      for await (const { data } of socket) {
        if (client !== undefined) await inner.send(data, client).catch(() => {}); // It is closing.
      }
    })());
    return socket;
  };
  let outer = await open();
  loops.push((async () => {
    for await (const { data, from } of inner) {
      client = from;
      await outer.send(data, server).catch(() => {}); // It is being restarted.
    }
  })());
  return {
    local: inner.local,
    async fail() {
      await outer.close();
      outer = await open();
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([inner.close(), outer.close()]);
      await Promise.all(loops);
    },
  };
}

/** A clock beside real sockets: it hurries only while nothing of ours waits for an answer. */
class SocketClock extends ManualClock {
  #isAsking = false;

  /** For the `tap` of an endpoint. */
  readonly see = ({ direction }: WireRecord): void => {
    this.#isAsking = direction === "out";
  };

  async until(condition: () => boolean): Promise<void> {
    for (let step = 0; step < 500 && !condition(); step++) {
      for (let wait = 0; wait < 20 && this.#isAsking && !condition(); wait++) {
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      if (!condition()) await this.advance(this.#isAsking ? 1_000 : 5_000);
    }
    assert(condition(), "it never came about");
  }
}

for (const transport of ["udp", "tcp", "tls"] as const satisfies readonly SipTransport[]) {
  Deno.test(`SIP-055 over ${transport} a flow that died quietly is noticed, and the address registered anew`, async () => {
    const certificate = await makeSelfSignedCertificate({ commonName: "127.0.0.1" });
    await using server = await openLabSip({
      listen: [{ host: "127.0.0.1", port: 0, transport }],
      tls: { certificate },
    });
    const behind = placeOf(server, transport);
    await using box = await (transport === "udp" ? forgetfulNat(behind) : quietTcp(behind));
    const clock = new SocketClock();
    await using alice = await SipEndpoint.open({
      listen: [],
      clock,
      random: platformRandom,
      userAgent: "sotto/test",
      tap: clock.see,
      tls: { ca: certificate.certPem },
      credentials: () => ({ username: "alice", password: passwordSecret("secret-alice") }),
    });
    const registration = alice.register({
      address: parseNameAddress("<sip:alice@127.0.0.1>"),
      destinations: [{ transport, domain: "127.0.0.1", ...box.local }],
      instance: "urn:uuid:00000000-0000-1000-8000-aabbccddeeff",
      expires: 3_600,
    });
    const first = await registration.settled();
    assert(first.type === "registered" && first.isOutbound, first.type);
    const flow = registration.flow;
    assert(flow !== undefined);
    await clock.until(() => flow.answers > 0);
    const seen = flow.address;
    assertEquals(seen === undefined, transport !== "udp");

    await box.fail();
    await clock.until(() => flow.isOver);
    // 120 seconds until the next ping, 10 for the pong; 29 seconds for STUN.
    assert(clock.now() < (transport === "udp" ? 100_000 : 300_000), `${clock.now()} ms`);
    await clock.until(() => isRegisteredAgain(registration, first));
    const again = registration.flow;
    assert(again !== undefined && again !== flow);
    await clock.until(() => again.answers > 0);
    if (transport === "udp") assertNotEquals(again.address, seen);
    else assertNotEquals(again.to.connection, flow.to.connection);
    await registration.close();
  });
}

function isRegisteredAgain(registration: Registration, first: unknown): boolean {
  const { last } = registration;
  return last?.type === "registered" && last !== first;
}
