/** Flows kept alive: by hand in simulated time, and between endpoints on real sockets whose clock stands still. */
import { assert, assertEquals } from "@std/assert";
import { decodeUtf8Lossy } from "../../../lib/base/bytes.ts";
import { SottoError } from "../../../lib/base/errors.ts";
import { SystemClock } from "../../../lib/session/clock.ts";
import { platformRandom } from "../../../lib/session/random.ts";
import { SipEndpoint, type SipEndpointOptions } from "../../../lib/session/sip_endpoint.ts";
import {
  flowOfRegistration,
  type KeepAliveOptions,
  SipKeepAlives,
  type SipKeepAlivesOptions,
} from "../../../lib/session/sip_keep_alive.ts";
import {
  type Destination,
  parseSipUri,
  parseStun,
  type SipTransport,
  writeStun,
} from "../../../lib/sip/mod.ts";
import { makeSelfSignedCertificate } from "../../../lib/transport/mod.ts";
import { ManualClock } from "../../helpers/manual_clock.ts";
import { seededRandom } from "../../helpers/seeded_random.ts";

const TCP: Destination = { transport: "tcp", host: "192.0.2.1", port: 5060, connection: 7 };
const UDP: Destination = { transport: "udp", host: "192.0.2.1", port: 5060 };

/** Keep-alives of one flow, with a network that notes what it is asked for. */
function keeping(options: Partial<KeepAliveOptions> & Pick<KeepAliveOptions, "to">) {
  const clock = new ManualClock();
  const log: string[] = [];
  const sent: Uint8Array[] = [];
  const network: SipKeepAlivesOptions = {
    clock,
    random: seededRandom(5),
    send: (data) => {
      sent.push(data);
      return Promise.resolve();
    },
    expectPong: (connection) => void log.push(`expect ${connection}`),
    closeConnection: (connection) => {
      log.push(`close ${connection}`);
      return Promise.resolve();
    },
  };
  const all = new SipKeepAlives(network);
  const flow = all.start({
    ...options,
    onFailed: (error) => void log.push(error.message),
  });
  return { all, clock, flow, log, sent, network };
}

/** Second by second: a pong has ten of them. */
async function advanceUntil(clock: ManualClock, condition: () => boolean): Promise<void> {
  while (!condition()) await clock.advance(1_000);
}

Deno.test("SipKeepAlives pings a connection, and closes it when no pong comes", async () => {
  const it = keeping({ to: TCP, interval: 5_000 });
  await advanceUntil(it.clock, () => it.sent.length > 0);
  assertEquals([it.sent.map(decodeUtf8Lossy), it.log], [["\r\n\r\n"], ["expect 7"]]);
  it.all.receivePong(8);
  assertEquals(it.flow.answers, 0, "another connection's");
  it.all.receivePong(7);
  assertEquals(it.flow.answers, 1);
  await it.clock.advance(15_000);
  assertEquals(it.log.slice(1), [
    "expect 7",
    "close 7",
    "the server does not answer keep-alives",
  ]);
  assertEquals(it.flow.isOver, true);
  await it.clock.advance(1_000_000);
  assertEquals(it.sent.length, 2);
  await it.all.close();
});

Deno.test("SipKeepAlives learns over UDP how the server sees us, from that server alone", async () => {
  const it = keeping({ to: UDP, interval: 5_000 });
  await advanceUntil(it.clock, () => it.sent.length > 0);
  const { transaction } = parseStun(it.sent.at(-1) ?? new Uint8Array());
  const mappedAddress = { host: "203.0.113.9", port: 40_000 };
  const answer = writeStun({ class: "success", transaction, mappedAddress });
  it.all.receiveStun(answer, { host: "192.0.2.1", port: 5061 });
  it.all.receiveStun(answer, { host: "192.0.2.2", port: 5060 });
  assertEquals(it.flow.address, undefined);
  it.all.receiveStun(answer, { host: "192.0.2.1", port: 5060 });
  assertEquals([it.flow.address, it.flow.answers], [mappedAddress, 1]);
  await it.clock.advance(60_000);
  assertEquals(it.log, ["the server does not answer STUN"], "nothing to close");
  await it.all.close();
});

Deno.test("SipKeepAlives stops when told to, and when the connection ends by itself", async () => {
  const told = keeping({ to: TCP });
  told.flow.close();
  const ended = keeping({ to: TCP });
  ended.all.receiveEnd(7);
  for (const it of [told, ended]) {
    await it.clock.advance(1_000_000);
    assertEquals([it.flow.isOver, it.sent, it.log], [true, [], []]);
    await it.all.close();
  }
});

Deno.test("SipKeepAlives takes a ping that cannot be sent for the end of a connection", async () => {
  const clock = new ManualClock();
  const heard: string[] = [];
  const { network } = keeping({ to: TCP });
  const all = new SipKeepAlives({
    ...network,
    clock,
    send: () => Promise.reject(new SottoError("transport/reset", "cut")),
  });
  all.start({ to: TCP, onFailed: (error) => void heard.push(error.code) });
  await clock.advance(120_000);
  assertEquals(heard, ["transport/reset"]);
  await all.close();
});

Deno.test("SipKeepAlives keeps to its limit", async () => {
  const { network, clock, sent } = keeping({ to: { ...TCP, connection: 1 } });
  const all = new SipKeepAlives({ ...network, limit: 2 });
  for (let connection = 2; connection < 10; connection++) all.start({ to: { ...TCP, connection } });
  await clock.advance(120_000);
  assertEquals(sent.length, 3);
  await all.close();
});

Deno.test("flowOfRegistration() takes Flow-Timer, and expects answers only of who keeps flows", () => {
  const response = (timer: string | undefined) => ({
    kind: "response" as const,
    status: 200,
    reason: "OK",
    headers: timer === undefined ? [] : [{ name: "Flow-Timer", value: timer }],
    body: new Uint8Array(),
  });
  const flow = (timer: string | undefined, isOutbound: boolean) => {
    const { interval, expectsAnswer } = flowOfRegistration({
      type: "registered",
      expires: 600,
      refreshAt: 0,
      own: undefined,
      bindings: [],
      serviceRoute: [],
      isOutbound,
      server: undefined,
      destination: TCP,
      response: response(timer),
    });
    return [interval, expectsAnswer];
  };
  assertEquals(flow(" 90 ", true), [90_000, true]);
  assertEquals(flow(undefined, false), [undefined, false]);
  assertEquals(flow("-1", true), [undefined, true]);
  assertEquals(flow("1e9", true), [undefined, true]);
});

function endpoint(options: Partial<SipEndpointOptions>): Promise<SipEndpoint> {
  return SipEndpoint.open({
    listen: [],
    clock: new SystemClock(),
    random: platformRandom,
    userAgent: "sotto/test",
    ...options,
  });
}

/** Waits for real sockets while the simulated clock stands still. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

for (const transport of ["udp", "tcp", "tls"] as const satisfies readonly SipTransport[]) {
  for (const host of ["127.0.0.1", "::1"]) {
    Deno.test(`SipEndpoint.keepAlive() is answered by an endpoint over ${transport}, ${host}, and notices its death`, async () => {
      const certificate = await makeSelfSignedCertificate({ commonName: `bob@${host}` });
      const bob = await endpoint({ listen: [{ host, port: 0, transport }], tls: { certificate } });
      const { port = 0 } = parseSipUri(bob.uris[0] ?? "");
      const clock = new ManualClock();
      let pings = 0;
      await using alice = await endpoint({
        clock,
        tls: { insecure: true },
        tap: ({ direction }) => {
          if (direction === "out") pings++;
        },
      });
      const failures: string[] = [];
      const flow = await alice.keepAlive({
        to: { transport, host, port },
        interval: 3_000,
        onFailed: (error) => void failures.push(error.code),
      });
      for (let turn = 1; turn <= 3; turn++) {
        const before = pings;
        await advanceUntil(clock, () => pings > before);
        await until(() => flow.answers === turn);
      }
      assertEquals([flow.isOver, failures], [false, []]);
      assertEquals(flow.address?.host, transport === "udp" ? host : undefined);
      if (transport === "udp") assert((flow.address?.port ?? 0) > 0);
      await bob.close();
      if (transport === "udp") await clock.advance(60_000);
      // The end of a connection is seen at once, without any keep-alive.
      await until(() => flow.isOver);
      assertEquals(failures, transport === "udp" ? ["sip/flow-failed"] : []);
    });
  }
}
