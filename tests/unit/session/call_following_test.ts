import { assertEquals } from "@std/assert";
import { SottoError } from "../../../lib/base/errors.ts";
import { followCall } from "../../../lib/session/call_following.ts";
import type { SipCallEvent } from "../../../lib/session/sip_endpoint.ts";

/** What of an event is read here. */
type Happening = { readonly type: SipCallEvent["type"] } & Record<string, unknown>;

async function follow(events: Happening[], isOver = () => false): Promise<string[]> {
  const done: string[] = [];
  const left = [...events];
  await followCall({
    next: () => {
      const value = left.shift() as SipCallEvent | undefined;
      return Promise.resolve(
        value === undefined ? { done: true, value: undefined } : { done: false, value },
      );
    },
  }, {
    offers: {
      answer: () => done.push("answer"),
      taken: () => done.push("taken"),
      refused: ({ status }) => done.push(`refused ${status}`),
    },
    onFocus: () => done.push("focus"),
    onHangUp: (by) => done.push(`${by} hang-up`),
    onFailed: (error) => done.push(`${error.code}: ${error.message}`),
    isOver,
  });
  if (left.length > 0) done.push(`${left.length} unread`);
  return done;
}

Deno.test("followCall() passes offers on in order; one from a conference makes it one first", async () => {
  assertEquals(
    await follow([
      { type: "offer", isFocus: false },
      { type: "offer", isFocus: true },
      { type: "offer-answered" },
      { type: "offer-rejected", status: 488, reason: "Not Acceptable Here" },
    ]),
    ["answer", "focus", "answer", "taken", "refused 488"],
  );
});

Deno.test("followCall() hears of a focus that comes, not of one that goes", async () => {
  assertEquals(
    await follow([{ type: "focus-changed", isFocus: false }, {
      type: "focus-changed",
      isFocus: true,
    }]),
    ["focus"],
  );
});

Deno.test("followCall() ends with the call, and says by whom or by what it ended", async () => {
  const endings: [Happening, string][] = [
    [{ type: "ended", by: "local" }, "local hang-up"],
    [{ type: "ended", by: "remote" }, "remote hang-up"],
    [{ type: "ended", by: "timeout", reason: "no ACK" }, "session/timeout: no ACK"],
    [
      { type: "failed", error: new SottoError("transport/refused", "nobody listens") },
      "transport/refused: nobody listens",
    ],
  ];
  for (const [ending, expected] of endings) {
    assertEquals(await follow([ending, { type: "offer-answered" }]), [expected, "1 unread"]);
  }
});

Deno.test("followCall() acts on nothing once the session is over", async () => {
  assertEquals(await follow([{ type: "offer-answered" }], () => true), []);
});
