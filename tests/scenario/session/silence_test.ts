/** Calls to somebody who never says a word (RFC 3261 §17.1.1.2, docs/spec_notes/session.md). */
import { assertEquals, assertMatch } from "@std/assert";
import { bindUdp } from "../../../lib/transport/mod.ts";
import { SipPhone } from "../../helpers/session_phone.ts";
import { SessionUnderTest } from "../../helpers/session_under_test.ts";

Deno.test("silence: a call that nobody hears ends by itself (UDP into nothing)", async () => {
  const gone = await bindUdp({ host: "127.0.0.1", port: 0 });
  const { port } = gone.local;
  await gone.close();
  await using ours = await SessionUnderTest.calling(`sip:nobody@127.0.0.1:${port}`, {
    timeout: 60_000,
  });
  await ours.event("call", (it) => it.state === "calling");
  await ours.advance(33_000);
  const end = await ours.end();
  assertEquals(end.by, "network");
  assertMatch(end.error?.code ?? "", /^(sip\/timeout|session\/timeout|transport\/refused)$/);
  assertEquals(ours.callStates, ["calling", "ended"]);
});

Deno.test("silence: the INVITE is repeated with growing gaps until the call is given up", async () => {
  await using phone = await SipPhone.open("silent");
  await using ours = await SessionUnderTest.calling(phone.uri, { timeout: 4_000 });
  await phone.next("INVITE");
  await ours.advance(3_900);
  // T1 = 500 ms: at 0, 0.5, 1.5 and 3.5 s.
  await phone.next("INVITE", 3);
  assertEquals(phone.heard, Array(4).fill("INVITE"));
  const end = await ours.end();
  assertEquals(end.error?.code, "session/timeout");
  // Without a provisional response nothing is cancelled (RFC 3261 §9.1).
  assertEquals(phone.heard.includes("CANCEL"), false);
});

Deno.test("silence: who hangs up on somebody who never said a word waits half a second, not for timers", async () => {
  await using phone = await SipPhone.open("silent");
  await using ours = await SessionUnderTest.calling(phone.uri);
  await phone.next("INVITE");
  let isOver = false;
  const hangUp = ours.session.hangUp().then(() => isOver = true);
  await ours.advance(490);
  assertEquals(isOver, false);
  await ours.advance(20);
  await ours.whileTimePasses(hangUp);
  assertEquals(ours.clock.now() <= 1_000, true, `${ours.clock.now()} ms`);
  assertEquals((await ours.end()).by, "local");
});
