/** RFC 3261 §8.1.3.4, §21.3: calls that are sent elsewhere, on request (SIP-046). */
import { assert, assertEquals } from "@std/assert";
import { decodeUtf8Lossy, utf8 } from "../../../lib/base/bytes.ts";
import {
  type IncomingCall,
  platformRandom,
  type SipCallEvent,
  SipEndpoint,
  SystemClock,
} from "../../../lib/session/mod.ts";
import { parseNameAddress, parseSipUri } from "../../../lib/sip/mod.ts";
import { SDP } from "../../helpers/scripted_sip.ts";

interface Callee extends AsyncDisposable {
  readonly endpoint: SipEndpoint;
  readonly contact: string;
  next(): Promise<IncomingCall>;
}

async function callee(user: string, wire?: string[]): Promise<Callee> {
  const endpoint = await SipEndpoint.open({
    listen: [{ host: "127.0.0.1", port: 0, transport: "udp" }],
    clock: new SystemClock(),
    random: platformRandom,
    userAgent: "sotto/test",
    tap: (record) => {
      wire?.push(decodeUtf8Lossy(record.data));
    },
  });
  const calls = endpoint.calls()[Symbol.asyncIterator]();
  return {
    endpoint,
    contact: (endpoint.uris[0] ?? "").replace("sip:", `sip:${user}@`),
    next: async () => {
      const { value } = await calls.next();
      assert(value !== undefined);
      return value;
    },
    [Symbol.asyncDispose]: () => endpoint.close(),
  };
}

function call(from: Callee, to: Callee, redirects?: number) {
  const placed = from.endpoint.invite({
    target: parseSipUri(to.contact),
    from: parseNameAddress("<sip:alice@example.com>"),
    offer: utf8(SDP),
    redirects,
  });
  return { placed, events: placed.events()[Symbol.asyncIterator]() };
}

function field(invite: string | undefined, name: string): string {
  return new RegExp(`^${name}: (.*)\r$`, "m").exec(invite ?? "")?.[1] ?? "";
}

function isEnd(event: SipCallEvent | undefined): boolean {
  return event === undefined || ["answered", "rejected", "failed", "ended"].includes(event.type);
}

async function end(events: AsyncIterator<SipCallEvent>): Promise<SipCallEvent | undefined> {
  for (;;) {
    const { value } = await events.next();
    if (isEnd(value)) return value;
  }
}

Deno.test("SIP-046 a redirected call goes on by preference, around loops, with the same Call-ID, tag and To", async () => {
  const wire: string[] = [];
  await using alice = await callee("alice", wire);
  await using bob = await callee("bob");
  await using carol = await callee("carol");
  await using dave = await callee("dave");
  const { placed, events } = call(alice, bob, 5);
  await (await bob.next()).reject(302, undefined, [
    { name: "Contact", value: `<${carol.contact}>;q=0.1, <${dave.contact}>;q=0.7` },
  ]);
  // Dave sends the call back to where it came from: that is a loop.
  await (await dave.next()).reject(301, undefined, [
    { name: "Contact", value: `<${bob.contact}>, <${dave.contact}>` },
  ]);
  const last = await carol.next();
  last.answer(utf8(SDP));
  const answered = await end(events);
  assertEquals(answered?.type, "answered");
  const invites = [...new Set(wire.filter((it) => it.startsWith("INVITE ")))];
  assertEquals(invites.map((it) => it.split(" ")[1]), [bob.contact, dave.contact, carol.contact]);
  for (const name of ["Call-ID", "From", "To"]) {
    assertEquals(new Set(invites.map((it) => field(it, name))).size, 1, name);
  }
  const numbers = invites.map((it) => Number.parseInt(field(it, "CSeq")));
  assertEquals(numbers, [...numbers].sort((a, b) => a - b));
  assertEquals(new Set(numbers).size, 3);
  await placed.hangup();
});

Deno.test("SIP-046 without a request to follow, a redirection is a refusal", async () => {
  await using alice = await callee("alice");
  await using bob = await callee("bob");
  await using carol = await callee("carol");
  const { events } = call(alice, bob);
  await (await bob.next()).reject(302, undefined, [
    { name: "Contact", value: `<${carol.contact}>` },
  ]);
  const rejected = await end(events);
  assert(rejected?.type === "rejected" && rejected.status === 302);
});

Deno.test("SIP-046 the last refusal stands when no target is left, and hanging up ends the search", async () => {
  await using alice = await callee("alice");
  await using bob = await callee("bob");
  await using carol = await callee("carol");
  const there = [{ name: "Contact", value: `<${carol.contact}>` }];
  {
    const { events } = call(alice, bob, 5);
    await (await bob.next()).reject(302, undefined, there);
    await (await carol.next()).reject(486);
    const rejected = await end(events);
    assert(rejected?.type === "rejected" && rejected.status === 486);
  }
  const { placed, events } = call(alice, bob, 5);
  await (await bob.next()).reject(302, undefined, there);
  const incoming = await carol.next();
  incoming.ring();
  await events.next();
  await placed.hangup();
  const ended = await end(events);
  assertEquals(ended, { type: "ended", by: "local", reason: "cancelled" });
});
