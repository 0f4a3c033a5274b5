import { assertEquals, assertRejects } from "@std/assert";
import { utf8 } from "../../../lib/base/bytes.ts";
import { SottoError } from "../../../lib/base/errors.ts";
import { type CallSetup, placeCall, takeCall } from "../../../lib/session/call_setup.ts";
import { ChatMedia } from "../../../lib/session/chat_media.ts";
import { SystemClock } from "../../../lib/session/clock.ts";
import { type IncomingCall, SipEndpoint } from "../../../lib/session/sip_endpoint.ts";
import { parseSipUri } from "../../../lib/sip/mod.ts";
import { seededRandom } from "../../helpers/seeded_random.ts";

/** A caller and a callee on loopback; MSRP over plain TCP needs no certificate. */
class Line implements AsyncDisposable {
  readonly progress: string[] = [];
  readonly #clock = new SystemClock();
  readonly #media: ChatMedia[] = [];
  readonly #calls: { hangup(): Promise<void> }[] = [];

  readonly caller: SipEndpoint;
  readonly callee: SipEndpoint;

  private constructor(caller: SipEndpoint, callee: SipEndpoint) {
    this.caller = caller;
    this.callee = callee;
  }

  static async open(): Promise<Line> {
    const open = (seed: number, listen: boolean) =>
      SipEndpoint.open({
        listen: listen ? [{ host: "127.0.0.1", port: 0, transport: "udp" }] : [],
        clock: new SystemClock(),
        random: seededRandom(seed),
        userAgent: "test",
      });
    return new Line(await open(1, false), await open(2, true));
  }

  setup(sip: SipEndpoint, patience = 5_000): CallSetup {
    const media = new ChatMedia({
      transport: "tcp",
      setup: "actpass",
      certificate: { certPem: "", keyPem: "" },
      random: seededRandom(sip === this.caller ? 3 : 4),
      clock: this.#clock,
    });
    this.#media.push(media);
    return {
      sip,
      media,
      clock: this.#clock,
      deadline: this.#clock.now() + patience,
      peer: "bob@127.0.0.1",
      signal: new AbortController().signal,
      onCall: (call) => this.#calls.push(call),
      onProgress: (state, { status }) => this.progress.push(`${state} ${status ?? ""}`.trim()),
    };
  }

  place(setup: CallSetup = this.setup(this.caller)) {
    const from = { uri: parseSipUri("sip:alice@example.com") };
    return placeCall(setup, parseSipUri(this.callee.uris[0] ?? ""), { from });
  }

  async incoming(): Promise<IncomingCall> {
    const next = await this.callee.calls()[Symbol.asyncIterator]().next();
    return next.value as IncomingCall;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#calls.map((call) => call.hangup()));
    await Promise.all(this.#media.map((media) => media.close()));
    await Promise.all([this.caller.close(), this.callee.close()]);
  }
}

Deno.test("placeCall() and takeCall() end with each other's half of the description", async () => {
  await using line = await Line.open();
  const placing = line.place();
  const taken = await takeCall(line.setup(line.callee), await line.incoming());
  const placed = await placing;
  assertEquals([placed.status, taken.status], [200, 200]);
  assertEquals([placed.remote?.role, taken.remote?.role], ["active", "passive"]);
  assertEquals(placed.remote?.media.path.length, 1);
  assertEquals(line.progress, ["calling", "ringing", "ringing 180"]);
});

Deno.test("placeCall() says what refused the call", async () => {
  const table = {
    486: "session/rejected",
    603: "session/rejected",
    408: "session/timeout",
    503: "session/unavailable",
  };
  for (const [status, code] of Object.entries(table)) {
    await using line = await Line.open();
    const placing = assertRejects(() => line.place(), SottoError);
    await (await line.incoming()).reject(Number(status));
    assertEquals((await placing).code, code);
  }
});

Deno.test("placeCall() gives up at its deadline", async () => {
  await using line = await Line.open();
  const placing = assertRejects(() => line.place(line.setup(line.caller, 100)), SottoError);
  (await line.incoming()).ring();
  assertEquals((await placing).code, "session/timeout");
});

Deno.test("takeCall() refuses an offer without MSRP with 488, and one that is no SDP with 400", async () => {
  const table = [
    [
      "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n",
      488,
      "session/offer-refused",
    ],
    ["no SDP", 400, undefined],
  ] as const;
  for (const [offer, status, code] of table) {
    await using line = await Line.open();
    const call = line.caller.invite({
      target: parseSipUri(line.callee.uris[0] ?? ""),
      from: { uri: parseSipUri("sip:alice@example.com") },
      offer: utf8(offer),
    });
    const setup = line.setup(line.callee);
    const error = await assertRejects(
      async () => await takeCall(setup, await line.incoming()),
      SottoError,
    );
    if (code !== undefined) assertEquals(error.code, code);
    const statuses: number[] = [];
    for await (const event of call.events()) {
      if (event.type === "rejected") statuses.push(event.status);
    }
    assertEquals(statuses, [status]);
  }
});
