import { assertEquals } from "@std/assert";
import { OtrOffer } from "../../../lib/session/otr_offer.ts";

Deno.test("OtrOffer.delay() makes a callee's offer due after 2 s, and our own offer ends that", () => {
  const offer = new OtrOffer();
  assertEquals([offer.deadline, offer.isDelayed], [undefined, false]);
  offer.delay(100);
  assertEquals([offer.deadline, offer.isDelayed], [2_100, true]);
  assertEquals([offer.isDue(2_099), offer.isDue(2_100)], [false, true]);
  offer.make(2_100);
  assertEquals([offer.isDue(9_000), offer.isDelayed, offer.deadline], [false, false, 10_100]);
});

Deno.test("OtrOffer.awaitAnswer() ends the wait to offer: whoever was offered OTR does not offer", () => {
  const offer = new OtrOffer();
  offer.delay(0);
  offer.awaitAnswer(500);
  assertEquals([offer.isDelayed, offer.deadline], [false, 8_500]);
  assertEquals(offer.isDeclinedByPlaintext, false, "we offered nothing");
});

Deno.test("OtrOffer.takeTimeout() is true once, when the time for an answer is over", () => {
  const offer = new OtrOffer();
  offer.make(0);
  assertEquals([7_999, 8_000, 8_001].map((now) => offer.takeTimeout(now)), [false, true, false]);
  assertEquals(offer.deadline, undefined);
});

Deno.test("OtrOffer: plaintext declines our offer until the peer shows an OTR engine", () => {
  const offer = new OtrOffer();
  assertEquals(offer.isDeclinedByPlaintext, false, "no offer, nothing to decline");
  offer.make(0);
  for (const text of ["hello", "?OTR Error: no", "?OTR:garbage."]) {
    offer.hear(text);
    assertEquals(offer.isDeclinedByPlaintext, true, text);
  }
  offer.hear("?OTRv3?");
  assertEquals(offer.isDeclinedByPlaintext, false);
});

Deno.test("OtrOffer.holdCrossedQuery() holds a query without version 3 for 3 s, once", () => {
  const offer = new OtrOffer();
  offer.make(0);
  assertEquals(offer.holdCrossedQuery("hello", 10), false);
  assertEquals(offer.holdCrossedQuery("?OTRv2?", 10), true);
  assertEquals(offer.deadline, 3_010);
  assertEquals(offer.isDeclinedByPlaintext, false);
  assertEquals(offer.takeHeldQuery(3_009), undefined);
  assertEquals(offer.takeHeldQuery(3_010), "?OTRv2?");
  assertEquals(offer.takeHeldQuery(3_010), undefined);
  assertEquals(offer.holdCrossedQuery("?OTRv2?", 3_020), false, "the second is answered");
});

Deno.test("OtrOffer.holdCrossedQuery() holds nothing of v3, nothing before our offer, nothing of an engine that spoke", () => {
  const late = new OtrOffer();
  assertEquals(late.holdCrossedQuery("?OTRv2?", 0), false);
  const three = new OtrOffer();
  three.make(0);
  assertEquals(three.holdCrossedQuery("?OTRv23?", 0), false);
  assertEquals(three.isDeclinedByPlaintext, false, "it speaks OTR all the same");
  const spoken = new OtrOffer();
  spoken.make(0);
  spoken.hear("?OTRv23?");
  assertEquals(spoken.holdCrossedQuery("?OTRv2?", 0), false);
});

Deno.test("OtrOffer.dropHeldQuery() drops the query and keeps the wait for an answer", () => {
  const offer = new OtrOffer();
  offer.make(0);
  offer.holdCrossedQuery("?OTRv2?", 0);
  offer.dropHeldQuery();
  assertEquals(offer.takeHeldQuery(60_000), undefined);
  assertEquals(offer.deadline, 8_000);
});

Deno.test("OtrOffer.forget() leaves nothing due", () => {
  const offer = new OtrOffer({ offerTimeout: 5, calleeOfferDelay: 1, crossedQueryDelay: 2 });
  offer.make(0);
  offer.holdCrossedQuery("?OTRv2?", 0);
  offer.delay(0);
  assertEquals(offer.deadline, 1);
  offer.forget();
  assertEquals(offer.deadline, undefined);
  assertEquals([offer.isDue(9), offer.takeTimeout(9), offer.takeHeldQuery(9)], [
    false,
    false,
    undefined,
  ]);
});
