import { assert, assertEquals } from "@std/assert";
import { openLab } from "../../helpers/lab.ts";
import { ConferenceGuests } from "../../helpers/conference_guests.ts";

Deno.test("FocusBot tells that it is a focus, welcomes, and says who comes and goes", async () => {
  await using lab = await openLab();
  await using guests = new ConferenceGuests(lab.bots.focus);
  const alice = await guests.enter("alice");
  assertEquals(alice.only("call").find((it) => it.state === "connected")?.focus, true);
  await alice.hears("welcome to conference@127.0.0.1; nobody else is here");
  const bob = await guests.enter("bob");
  await bob.hears("welcome to conference@127.0.0.1; here: alice@example.com");
  await alice.hears("bob@example.com joined");
  await bob.session.hangUp();
  await alice.hears("bob@example.com left");
});

Deno.test("FocusBot passes what one says on to all others, and to nobody twice", async () => {
  await using lab = await openLab();
  await using guests = new ConferenceGuests(lab.bots.focus);
  const [alice, bob, carol] = await guests.enterAll("alice", "bob", "carol");
  assertEquals((await alice.session.send("hello all")).status, "delivered");
  await bob.hears("hello all");
  await carol.hears("hello all");
  const heard = bob.only("message").find((it) => it.body === "hello all");
  assertEquals([heard?.from, heard?.private], ["alice@example.com", undefined]);
  await bob.session.send("hello alice");
  await alice.hears("hello alice");
  assert(!alice.received.some(([text]) => text === "hello all"), "an echo of what she said");
});

Deno.test("FocusBot: nicknames are unique, changed, given up, and free again", async () => {
  await using lab = await openLab();
  await using guests = new ConferenceGuests(lab.bots.focus);
  const [alice, bob] = await guests.enterAll("alice", "bob");
  assertEquals((await alice.session.useNickname("Al")).status, "accepted");
  await bob.hears("alice@example.com is now known as Al");
  assertEquals((await bob.session.useNickname(" AL ")).code, 425);
  assertEquals((await alice.session.useNickname("Alice")).status, "accepted");
  assertEquals((await bob.session.useNickname("Al")).status, "accepted");
  assertEquals((await alice.session.useNickname("")).status, "accepted");
  await bob.hears("Alice (alice@example.com) gave the nickname up");
  const carol = await guests.enter("carol");
  await carol.hears(
    "welcome to conference@127.0.0.1; here: alice@example.com, Al (bob@example.com)",
  );
});

Deno.test("FocusBot takes a private message to the one that it is for", async () => {
  await using lab = await openLab();
  await using guests = new ConferenceGuests(lab.bots.focus);
  const [alice, bob, carol] = await guests.enterAll("alice", "bob", "carol");
  const sent = await alice.session.send("psst", undefined, { to: "bob@example.com" });
  assertEquals(sent.status, "delivered");
  await bob.hears("psst");
  const heard = bob.only("message").find((it) => it.body === "psst");
  assertEquals([heard?.from, heard?.private], ["alice@example.com", true]);
  const lost = await alice.session.send("psst", undefined, { to: "nobody@example.com" });
  assertEquals([lost.status, lost.code], ["failed", 404]);
  await alice.session.send("over");
  await carol.hears("over");
  assert(!carol.received.some(([text]) => text === "psst"));
});

Deno.test("FocusBot: whoever wants encryption gets none, and sends nothing", async () => {
  await using lab = await openLab();
  await using guests = new ConferenceGuests(lab.bots.focus);
  const alice = await guests.enter("alice", { encryption: "require" });
  await alice.until((it) => it.type === "error" && it.code === "session/unencrypted");
  const bob = await guests.enter("bob", { encryption: "prefer" });
  await bob.until((it) => it.type === "otr" && it.state === "unavailable");
  await bob.session.send("in the open");
  assertEquals(bob.only("otr").map((it) => it.state), ["unavailable"]);
});

Deno.test("FocusBot is full at its limit, and takes the next one when somebody left", async () => {
  const told: string[] = [];
  await using lab = await openLab({
    focusLimits: { participants: 2 },
    onActivity: ({ what, peer }) => told.push(`${what} ${peer}`),
  });
  await using guests = new ConferenceGuests(lab.bots.focus);
  const [, bob] = await guests.enterAll("alice", "bob");
  const carol = await guests.call("carol");
  assertEquals((await carol.session.ended).error?.code, "session/rejected");
  await bob.session.hangUp();
  const dave = await guests.enter("dave");
  await dave.hears("welcome to conference@127.0.0.1; here: alice@example.com");
  assert(told.includes("refused carol@example.com"));
});

Deno.test("FocusBot.close() says goodbye to everybody", async () => {
  const lab = await openLab();
  await using guests = new ConferenceGuests(lab.bots.focus);
  const everybody = await guests.enterAll("alice", "bob");
  await lab.close();
  for (const it of everybody) assertEquals((await it.session.ended).by, "remote");
});
