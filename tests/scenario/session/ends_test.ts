/** How sessions end, in each of their phases, by either side: nothing hangs, everything is told. */
import { assertEquals } from "@std/assert";
import { PlainMsrpClient } from "../../helpers/plain_msrp_client.ts";
import { SessionUnderTest } from "../../helpers/session_under_test.ts";

Deno.test("a hang-up that nobody answers outlives the policy's deadlines and ends by itself", async () => {
  await using ours = await SessionUnderTest.open();
  {
    await using plain = await PlainMsrpClient.open({ setup: "active" });
    const calling = plain.call(ours.uri);
    await ours.takeCall();
    await calling;
    await ours.event("msrp", (it) => it.state === "bound");
    plain.phone.answersByes = false;
    const hangUp = ours.session.hangUp();
    // Our own offer would be due after 2 s; the BYE is waited for up to 5 s.
    await ours.advance(1_900);
    await ours.advance(200);
    await ours.whileTimePasses(hangUp);
  }
  assertEquals((await ours.end()).by, "local");
  assertEquals(ours.callStates, ["ringing", "connected", "ended"]);
});
