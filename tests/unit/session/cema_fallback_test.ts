/** RFC 6714 §4.2 over real SIP: the second offer, without `a=msrp-cema`. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { ChatMedia } from "../../../lib/session/chat_media.ts";
import type { MsrpSession } from "../../../lib/session/mod.ts";
import type { SipCallEvent } from "../../../lib/session/sip_endpoint.ts";
import { openSip, placeSession } from "../../helpers/chat_session_setup.ts";
import { Middlebox } from "../../helpers/middlebox.ts";
import { mediaSettings } from "../../helpers/relayed_media.ts";

/** What the peer and the middlebox before it do. */
interface Script {
  /** What becomes of the first answer. */
  readonly first: (answer: string, box: Middlebox) => string;
  /** The setup that the peer wishes for. */
  readonly setup: "active" | "passive";
  /** Refuse the second offer. */
  readonly refuses?: number;
}

/** What came of a call to a peer that does not know RFC 6714. */
interface Outcome {
  /** Offers inside the dialog. */
  readonly offers: readonly string[];
  readonly isBound: boolean;
  readonly connections: number;
  readonly firstOffer: string;
}

const text = (sdp: Uint8Array | undefined): string => new TextDecoder().decode(sdp);
const octets = (sdp: string): Uint8Array => new TextEncoder().encode(sdp);

/** A session of ours calls such a peer. */
async function call({ first, setup, refuses }: Script): Promise<Outcome> {
  await using box = await Middlebox.start();
  await using calling = await openSip(false);
  await using answering = await openSip(true);
  await using peer = new ChatMedia(await mediaSettings({ setup }));
  const uri = answering.uris[0]?.replace("sip:", "sip:bob@") ?? "";
  await using alice = placeSession(calling, uri, { timeout: 20_000 });
  const { value: incoming } = await answering.calls()[Symbol.asyncIterator]().next();
  const firstOffer = text(incoming.offer);
  const outcome = await peer.readOffer(
    octets(firstOffer.replace("a=msrp-cema\r\n", "")),
    "127.0.0.1",
  );
  if (outcome.refusal !== undefined) throw new Error(outcome.refusal.text);
  const offers: string[] = [];
  const following = follow(incoming.events(), (event) => {
    offers.push(text(event.offer));
    const answer = event.offer && peer.readReoffer(event.offer);
    if (refuses !== undefined) event.respond(undefined, refuses);
    else event.respond(answer && "answer" in answer ? answer.answer : undefined);
  });
  incoming.answer(octets(first(text(outcome.answer), box)));
  const how = { timeout: 20_000, signal: new AbortController().signal };
  const opened: MsrpSession = await peer.open(outcome.remote, how);
  await alice.until((it) => it.type === "msrp" && it.state === "bound");
  const result = {
    offers,
    firstOffer,
    isBound: opened.isOpen,
    connections: box.connections,
  };
  await alice.session.hangUp();
  await following;
  return result;
}

async function follow(
  events: AsyncIterable<SipCallEvent>,
  onOffer: (event: Extract<SipCallEvent, { type: "offer" }>) => void,
): Promise<void> {
  for await (const event of events) if (event.type === "offer") onOffer(event);
}

/** A relay of the peer's, as far as the description tells. */
function behindRelay(answer: string): string {
  const own = /a=path:msrp:\/\/127\.0\.0\.1:(\d+)/.exec(answer)?.[1] ?? "";
  return answer.replace("a=path:", `a=path:msrp://localhost:${own}/relay;tcp `)
    .replace(/(;tcp msrp:\/\/127\.0\.0\.1):\d+/, "$1:2855");
}

Deno.test("fallBackFromCema() offers again when an anchored answer without msrp-cema wants to connect", async () => {
  const { offers, isBound, firstOffer } = await call({
    setup: "active",
    first: (answer, box) => box.anchor(answer.replace("m=message 9 ", "m=message 4000 ")),
  });
  assertMatch(firstOffer, /\r\na=msrp-cema\r\n/);
  assertEquals(offers.length, 1);
  assertEquals(
    offers[0],
    firstOffer.replace("a=msrp-cema\r\n", "").replace(/^(o=- \d+) 1 /m, "$1 2 "),
    "nothing else has changed",
  );
  assert(isBound);
});

Deno.test("fallBackFromCema() keeps the first answer when the second offer is refused", async () => {
  const { offers, isBound } = await call({
    setup: "active",
    first: (answer, box) => box.anchor(answer.replace("m=message 9 ", "m=message 4000 ")),
    refuses: 488,
  });
  assertEquals(offers.length, 1);
  assert(isBound);
});

Deno.test("fallBackFromCema() does nothing where the address is the path's, or we connect to it", async () => {
  const scripts: Script[] = [
    { setup: "active", first: (answer) => answer },
    { setup: "passive", first: (answer) => answer },
    { setup: "passive", first: (answer, box) => box.anchor(answer) },
  ];
  for (const [at, script] of scripts.entries()) {
    const { offers, connections } = await call(script);
    assertEquals([offers.length, connections], [0, at === 2 ? 1 : 0]);
  }
});

Deno.test("fallBackFromCema() offers again when a middlebox stands before the peer's relay", async () => {
  const { connections, offers } = await call({
    setup: "passive",
    first: (answer, box) => behindRelay(box.anchor(answer)),
  });
  assertEquals([offers.length, connections], [1, 0]);
});
