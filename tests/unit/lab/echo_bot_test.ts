import { assertEquals } from "@std/assert";
import { utf8 } from "../../../lib/base/bytes.ts";
import { openLab } from "../../helpers/lab.ts";
import { openSip, placeSession } from "../../helpers/chat_session_setup.ts";
import { testKey } from "../../helpers/otr_pair.ts";

for (const version of [2, 3] as const) {
  Deno.test(`EchoBot says everything again, in OTR version ${version} where it is asked for`, async () => {
    await using lab = await openLab();
    await using sip = await openSip(false);
    await using alice = placeSession(sip, lab.bots.echo, {
      encryption: "require",
      versions: [version],
    });
    await alice.session.settled;
    assertEquals(alice.session.fingerprint, testKey("bob").fingerprint);
    assertEquals((await alice.session.send("hello")).status, "delivered");
    await alice.hears("hello");
    assertEquals(alice.received, [["hello", "unverified"]]);
    assertEquals(alice.only("otr").at(-1)?.version, version);
  });
}

Deno.test("EchoBot types before it speaks", async () => {
  await using lab = await openLab();
  await using sip = await openSip(false);
  await using alice = placeSession(sip, lab.bots.echo, { encryption: "require" });
  await alice.session.settled;
  await alice.session.send("hello");
  await alice.hears("hello");
  const typed = alice.events.findIndex((it) => it.type === "composing" && it.state === "active");
  const spoke = alice.events.findIndex((it) => it.type === "message" && it.direction === "in");
  assertEquals(typed >= 0 && typed < spoke, true);
});

Deno.test("EchoBot echoes plaintext, and never offers OTR itself", async () => {
  await using lab = await openLab();
  await using sip = await openSip(false);
  await using alice = placeSession(sip, lab.bots.echo, { encryption: "off" });
  await alice.session.settled;
  for (const text of ["one", "two", "three"]) await alice.session.send(text);
  await alice.hears("three");
  assertEquals(alice.received, [["one", ""], ["two", ""], ["three", ""]]);
});

Deno.test("EchoBot answers SMP with what it knows: match and mismatch, again and again", async () => {
  await using lab = await openLab();
  await using sip = await openSip(false);
  await using alice = placeSession(sip, lab.bots.echo, { encryption: "require" });
  await alice.session.settled;
  const ask = (secret: string) => alice.session.verify(utf8(secret), "what opens the door?");
  assertEquals(await ask("close sesame"), { verdict: "mismatch" });
  assertEquals(await ask("open sesame"), { verdict: "match" });
  assertEquals(await ask("close sesame"), { verdict: "mismatch" });
  assertEquals(await ask("open sesame"), { verdict: "match" });
});

Deno.test("EchoBot tells who comes and goes, and hangs up when it is closed", async () => {
  const told: string[] = [];
  const lab = await openLab({
    onActivity: ({ bot, what, peer }) => told.push(`${bot} ${what} ${peer}`),
  });
  await using sip = await openSip(false);
  await using alice = placeSession(sip, lab.bots.echo, { encryption: "off" });
  await alice.session.settled;
  await lab.close();
  assertEquals((await alice.session.ended).by, "remote");
  assertEquals(told, ["echo joined alice@example.com", "echo left alice@example.com"]);
});
