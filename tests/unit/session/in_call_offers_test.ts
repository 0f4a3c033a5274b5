import { assertEquals, assertThrows } from "@std/assert";
import { utf8 } from "../../../lib/base/bytes.ts";
import { PeerError, SottoError } from "../../../lib/base/errors.ts";
import { InCallOffers, type InCallOffersOptions } from "../../../lib/session/in_call_offers.ts";

type Media = InCallOffersOptions["media"];

function offers(media: Partial<Media>, reoffer?: InCallOffersOptions["reoffer"]) {
  const done: string[] = [];
  const text = (octets: Uint8Array | undefined) => octets && new TextDecoder().decode(octets);
  const it = new InCallOffers({
    media: {
      current: utf8("current"),
      readReoffer: () => ({ answer: utf8("answer") }),
      offerMove: () => utf8("moved"),
      completeMove: (isTaken) => done.push(`complete ${isTaken}`) > 0,
      withoutMedia: (over) => utf8(`without ${over}`),
      ...media,
    },
    reoffer: reoffer ?? ((sdp) => done.push(`reoffer ${text(sdp)}`)),
    onFault: (error) => done.push(error.code),
  });
  const answer = (offer: string | undefined) =>
    it.answer(
      {
        type: "offer",
        id: 1,
        offer: offer === undefined ? undefined : utf8(offer),
        isFocus: false,
        respond: (sdp?: Uint8Array, status?: number) =>
          done.push(`respond ${text(sdp)} ${status ?? ""}`.trimEnd()),
      } as unknown as Parameters<InCallOffers["answer"]>[0],
    );
  return { it, done, answer };
}

Deno.test("InCallOffers.answer() gives our present description to who offers none", () => {
  const { done, answer } = offers({});
  answer(undefined);
  assertEquals(done, ["respond current"]);
});

Deno.test("InCallOffers.answer() answers, refuses with the status, or says 400 to what cannot be read", () => {
  const refusal = { status: 488, reason: "no", headers: [], text: "" };
  const cases: [Media["readReoffer"], string][] = [
    [() => ({ answer: utf8("answer") }), "respond answer"],
    [() => ({ refusal }), "respond undefined 488"],
    [() => {
      throw new PeerError("sdp/bad-line", "RFC 8866 §5", "no line");
    }, "respond undefined 400"],
  ];
  for (const [readReoffer, expected] of cases) {
    const { done, answer } = offers({ readReoffer });
    answer("offer");
    assertEquals(done, [expected]);
  }
});

Deno.test("InCallOffers.movePath() offers the new path, and says when it cannot", () => {
  const ok = offers({});
  ok.it.movePath([]);
  ok.it.taken();
  assertEquals(ok.done, ["reoffer moved", "complete true"]);
  const busy = offers({}, () => {
    throw new SottoError("sip/offer-pending", "another offer is under way");
  });
  busy.it.movePath([]);
  assertEquals(busy.done, ["complete false", "session/relay-moved"]);
  const none = offers({ offerMove: () => undefined });
  none.it.movePath([]);
  assertEquals(none.done, []);
});

Deno.test("InCallOffers.refused() tells of a path that the peer did not take, and of nothing else", () => {
  const moving = offers({});
  moving.it.refused({ status: 488, reason: "Not Acceptable Here" });
  assertEquals(moving.done, ["complete false", "session/relay-moved"]);
  const other = offers({ completeMove: () => false });
  other.it.refused({ status: 488, reason: "Not Acceptable Here" });
  assertEquals(other.done, []);
});

Deno.test("InCallOffers.dropMedium() offers the rest; an offer under way says it later", () => {
  const ok = offers({});
  ok.it.dropMedium(1);
  assertEquals(ok.done, ["reoffer without 1"]);
  const busy = offers({}, () => {
    throw new SottoError("sip/offer-pending", "another offer is under way");
  });
  busy.it.dropMedium(1);
  assertEquals(busy.done, []);
  const broken = offers({}, () => {
    throw new TypeError("odd");
  });
  assertThrows(() => broken.it.dropMedium(1), TypeError);
});
