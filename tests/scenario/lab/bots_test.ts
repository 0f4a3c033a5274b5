/**
 * The bots of the lab, called by sessions of ours: the same suite over IPv4 and IPv6, every
 * transport of SIP, MSRP over TCP and TLS, direct and through the relay, and under each fault.
 */
import { assert, assertEquals } from "@std/assert";
import { utf8 } from "../../../lib/base/bytes.ts";
import { parseFault, parseLabUser } from "../../../lib/lab/mod.ts";
import type { Told } from "../../helpers/chat_session_setup.ts";
import { LAB_SECRET, openLab } from "../../helpers/lab.ts";
import { LabVisitors, type VisitOptions } from "../../helpers/lab_visitors.ts";
import { seededRandom } from "../../helpers/seeded_random.ts";

/** Plaintext, then OTR of both versions with SMP that matches and that does not. */
async function talkToEcho(visitors: LabVisitors): Promise<void> {
  const plain = await visitors.call("echo", "alice", { encryption: "off" });
  assertEquals((await plain.session.send("in the open")).status, "delivered");
  await plain.hears("in the open");
  for (const version of [2, 3] as const) {
    const alice = await visitors.call("echo", "alice", {
      encryption: "require",
      versions: [version],
    });
    assertEquals((await alice.session.send("for you alone")).status, "delivered");
    await alice.hears("for you alone");
    assertEquals(alice.only("otr").at(-1)?.version, version);
    assertEquals(await alice.session.verify(utf8("wrong")), { verdict: "mismatch" });
    assertEquals(await alice.session.verify(utf8(LAB_SECRET)), { verdict: "match" });
    assertEquals(alice.received, [["for you alone", "unverified"]]);
    await alice.session.send("now I know you");
    await alice.hears("now I know you");
    assertEquals(alice.received.at(-1), ["now I know you", "verified"]);
  }
}

/** In the room, as the room says: our end of MSRP may be bound before its is. */
async function enter(visitors: LabVisitors, name: string): Promise<Told> {
  const told = await visitors.call("focus", name, { encryption: "prefer" });
  await told.until((it) => it.type === "message" && it.body.startsWith("welcome"));
  return told;
}

/** Three in a room: what is for all, what is for one, and one nickname for one person. */
async function meet(visitors: LabVisitors): Promise<void> {
  const alice = await enter(visitors, "alice");
  const bob = await enter(visitors, "bob");
  const carol = await enter(visitors, "carol");
  assertEquals((await alice.session.send("hello all")).status, "delivered");
  await Promise.all([bob.hears("hello all"), carol.hears("hello all")]);
  assertEquals((await alice.session.useNickname("Ace")).code, 200);
  assertEquals((await bob.session.useNickname("ace")).code, 425);
  const psst = await alice.session.send("psst", undefined, { to: "bob@example.com" });
  assertEquals(psst.status, "delivered");
  await bob.hears("psst");
  assertEquals(bob.only("message").find((it) => it.body === "psst")?.private, true);
  await carol.session.send("the end");
  await Promise.all([alice.hears("the end"), bob.hears("the end")]);
  assert(!carol.received.some(([text]) => text === "psst"));
  assert(alice.only("otr").every((it) => it.state === "unavailable"));
}

const USERS = ["alice", "bob", "carol"].map((it) => parseLabUser(`${it}:${it}-secret`));

for (const host of ["127.0.0.1", "::1"]) {
  for (const sip of ["udp", "tcp", "tls"] as const) {
    for (const msrp of ["tcp", "tls"] as const) {
      Deno.test(`echo and conference over SIP/${sip} and MSRP/${msrp} at ${host}`, async () => {
        await using lab = await openLab({ listen: [{ host, port: 0 }] });
        await using visitors = await LabVisitors.open(lab, { sip, msrp });
        await talkToEcho(visitors);
        await meet(visitors);
      });
    }
  }
}

const RELAYED: readonly VisitOptions[] = [
  { sip: "udp", msrp: "tls", throughRelay: true },
  { sip: "tls", msrp: "tcp", throughRelay: true },
];

for (const options of RELAYED) {
  Deno.test(`echo and conference through the relay, SIP/${options.sip} and MSRP/${options.msrp}`, async () => {
    await using lab = await openLab({ users: USERS, allowsInsecureRelay: true });
    await using visitors = await LabVisitors.open(lab, options);
    await talkToEcho(visitors);
    await meet(visitors);
  });
}

/** Faults that nothing may be lost under. */
const HARMLESS = ["delay=20ms", "split", "split=100,delay=5ms"];

for (const text of HARMLESS) {
  Deno.test(`echo and conference through the relay under --fault ${text}`, async () => {
    await using lab = await openLab({
      users: USERS,
      fault: parseFault(text),
    });
    await using visitors = await LabVisitors.open(lab, {
      sip: "tcp",
      msrp: "tls",
      throughRelay: true,
    });
    await talkToEcho(visitors);
    await meet(visitors);
  });
}

Deno.test("echo and conference where datagrams of SIP vanish, and are sent again", async () => {
  const random = seededRandom(12);
  await using lab = await openLab({ fault: parseFault("drop=20%"), random });
  await using visitors = await LabVisitors.open(lab, { sip: "udp", msrp: "tls" });
  const alice = await visitors.call("echo", "alice", { encryption: "require" });
  await alice.session.send("hello");
  await alice.hears("hello");
});

Deno.test("echo and conference behind a middlebox that rewrites the paths", async () => {
  await using lab = await openLab({ fault: parseFault("rewrite-path") });
  await using visitors = await LabVisitors.open(lab, { sip: "tcp", msrp: "tcp" });
  await talkToEcho(visitors);
  await meet(visitors);
});

Deno.test("where the relay's connections are cut, the session ends with a reason and others go on", async () => {
  await using lab = await openLab({ users: USERS, fault: parseFault("close-after=40") });
  await using relayed = await LabVisitors.open(lab, {
    sip: "udp",
    msrp: "tls",
    throughRelay: true,
  });
  await using direct = await LabVisitors.open(lab, { sip: "udp", msrp: "tls" });
  const alice = await relayed.call("echo", "alice", { encryption: "off" });
  const bob = await direct.call("echo", "bob", { encryption: "off" });
  for (let count = 0; count < 60; count++) {
    const sent = await alice.session.send(`number ${count}`).catch(() => undefined);
    if (sent?.status !== "delivered") break;
  }
  const { by, error } = await alice.session.ended;
  // Either side may notice first, and says goodbye if it can.
  assert(by !== "local" && error?.code !== "session/failed", error?.message);
  await bob.session.send("still here");
  await bob.hears("still here");
});
