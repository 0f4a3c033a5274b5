/** A peer that says back whatever it hears, as echo services do: it has no OTR, and must not be taken for it. */
import { assert, assertEquals } from "@std/assert";
import { PlainMsrpClient } from "../../helpers/plain_msrp_client.ts";
import { SessionUnderTest } from "../../helpers/session_under_test.ts";

/** Says back every SEND, as it came or bare. */
function echo(plain: PlainMsrpClient, cpim: boolean): void {
  plain.frames.follow(({ what, content, contentType }) => {
    if (what !== "SEND" || content === undefined) return;
    void plain.say(content, { cpim, contentType: contentType ?? "text/plain" })
      .catch(() => {}); // The session may have gone.
  });
}

for (const cpim of [true, false]) {
  for (const versions of [[3, 2], [3], [2]] as const) {
    const name = `${cpim ? "in CPIM" : "bare"}, v${versions.join("")}`;
    Deno.test(`echo, prefer, ${name}: our own key exchange is no answer to it; plaintext after 8 s`, async () => {
      await using plain = await PlainMsrpClient.open();
      echo(plain, cpim);
      await using ours = await SessionUnderTest.calling(plain.phone.uri, { versions });
      await plain.answerCall();
      await plain.heard((it) => it.startsWith("?OTR"));
      const sending = ours.session.send("hello");
      await ours.advance(8_100);
      assertEquals((await ours.whileTimePasses(sending)).status, "delivered");
      assertEquals(await ours.settledCode(), "settled");
      await ours.event("message", (it) => it.direction === "in" && it.body === "hello");
      assertEquals(ours.otrStates.includes("encrypted orange"), false);
      assertEquals(ours.otrStates.at(-1), "unavailable gray");
      assertEquals(ours.messages, ["out hello []", "in hello []"]);
      assertEquals(ours.recorded, []);
      // It says everything back: what we say to that must not go round for ever.
      await ours.advance(30_000);
      assert(plain.sends.length < 10, `${plain.sends.length} SENDs`);
    });
  }
}

Deno.test("echo, require: session/unencrypted, nothing of the user's leaves, and nothing goes round", async () => {
  await using plain = await PlainMsrpClient.open();
  echo(plain, true);
  await using ours = await SessionUnderTest.calling(plain.phone.uri, { encryption: "require" });
  await plain.answerCall();
  await plain.heard((it) => it.startsWith("?OTR"));
  const sending = ours.session.send("a secret");
  await ours.advance(8_100);
  assertEquals((await ours.whileTimePasses(sending)).cause, "refused");
  assertEquals(await ours.settledCode(), "session/unencrypted");
  assertEquals(plain.sends.filter((it) => !it.content?.startsWith("?OTR")), []);
  assert(plain.sends.length < 10, `${plain.sends.length} SENDs`);
});

Deno.test("echo that calls us: our own offer comes back, and plaintext follows", async () => {
  await using plain = await PlainMsrpClient.open({ setup: "active" });
  echo(plain, true);
  await using ours = await SessionUnderTest.open();
  const calling = plain.call(ours.uri);
  await ours.takeCall();
  await calling;
  await ours.event("msrp", (it) => it.state === "bound");
  const sending = ours.session.send("hello");
  await ours.advance(8_100);
  assertEquals((await ours.whileTimePasses(sending)).status, "delivered");
  await ours.event("message", (it) => it.direction === "in" && it.body === "hello");
  assert(plain.sends.length < 10, `${plain.sends.length} SENDs`);
});
