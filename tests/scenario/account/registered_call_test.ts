/** A day with an account: registered, called through the proxy, refreshed, hung up, taken back. Simulated time. */
import { assert, assertEquals } from "@std/assert";
import { utf8 } from "../../../lib/base/bytes.ts";
import { type CallEvent, parseNameAddress, parseSipUri } from "../../../lib/sip/mod.ts";
import { AccountNetwork, type Person, SERVER } from "../../helpers/account_network.ts";
import { OTHER_SDP, SDP } from "../../helpers/scripted_sip.ts";

function register(network: AccountNetwork, person: Person, user: string, expires = 600): number {
  const { registration, outputs } = person.core.register({
    address: parseNameAddress(`<sip:${user}@example.com>`),
    destinations: [SERVER],
    expires,
  }, network.now);
  network.carry(person, outputs);
  return registration;
}

function registrations(person: Person): string[] {
  return person.events.flatMap((it) => it.type === "registration" ? [it.event.type] : []);
}

function calls(person: Person): CallEvent["type"][] {
  return person.events.flatMap((it) => it.type === "call" ? [it.event.type] : []);
}

function call(network: AccountNetwork): number {
  const placed = network.alice.core.invite({
    target: parseSipUri("sip:bob@example.com"),
    from: parseNameAddress("<sip:alice@example.com>"),
    offer: utf8(SDP),
    destinations: [SERVER],
  }, network.now);
  network.carry(network.alice, placed.outputs);
  return placed.call;
}

for (let seed = 1; seed <= 20; seed++) {
  const faults = { loss: seed <= 2 ? 0 : 0.15, duplication: seed <= 2 ? 0 : 0.1 };
  Deno.test(`a registered call gets through ${faults.loss * 100} % of loss (seed ${seed})`, () => {
    const network = new AccountNetwork(seed, faults);
    const { alice, bob } = network;
    const registration = register(network, bob, "bob");
    assert(network.run(() => registrations(bob).includes("registered")), "never registered");
    const number = call(network);
    const isCalled = () => bob.events.some((it) => it.type === "incoming-call");
    assert(network.run(isCalled), "never called");
    const incoming = bob.events.find((it) => it.type === "incoming-call");
    assert(incoming?.type === "incoming-call");
    network.carry(bob, bob.core.answer(incoming.call, utf8(OTHER_SDP), {}, network.now));
    const stands = () => calls(alice).includes("answered") && calls(bob).includes("confirmed");
    assert(network.run(stands), `${calls(alice)} and ${calls(bob)}`);
    network.carry(alice, alice.core.hangUp(number, network.now));
    assert(network.run(() => calls(alice).includes("ended")), "never ended");
    network.run(() => calls(bob).includes("ended"), 64_000);
    network.carry(bob, bob.core.unregister(registration, network.now));
    assert(network.run(() => registrations(bob).includes("unregistered")), "never unregistered");
    // Nobody waits for anything in the end.
    network.run(() => false, 300_000);
    assertEquals([alice.core.callCount, alice.core.transactionCount], [0, 0]);
    assertEquals([bob.core.transactionCount, bob.core.deadline === undefined], [0, true]);
    // No password, and no credentials for what nobody challenged.
    for (const message of network.sent) assert(!message.includes("-secret"));
    const cancels = network.sent.filter((it) => / CANCEL sip/.test(it));
    for (const cancel of cancels) assert(!/Authorization:/.test(cancel));
  });
}

Deno.test("a registration lasts a day of refreshes, each with one challenge at most", () => {
  const network = new AccountNetwork(99, { loss: 0, duplication: 0 });
  const { bob } = network;
  register(network, bob, "bob", 600);
  network.run(() => false, 86_400_000);
  const requests = network.sent.filter((it) => it.startsWith(`${bob.host} REGISTER `));
  const challenges = network.sent.filter((it) => it.startsWith(`${SERVER.host} SIP/2.0 401 `));
  const refreshes = registrations(bob).filter((it) => it === "registered").length;
  // Every five minutes; a nonce of the server lives as long, and is then called stale.
  assert(refreshes >= 287 && refreshes <= 290, String(refreshes));
  assertEquals(requests.length, refreshes + challenges.length);
  assert(challenges.length <= refreshes);
  assertEquals(new Set(registrations(bob)), new Set(["registering", "registered"]));
});

Deno.test("a session timer runs through the proxy: refreshed while both live, ended when one is gone", () => {
  const network = new AccountNetwork(7, { loss: 0, duplication: 0 }, { sessionExpires: 90 });
  const { alice, bob } = network;
  register(network, bob, "bob");
  network.run(() => registrations(bob).includes("registered"));
  call(network);
  network.run(() => bob.events.some((it) => it.type === "incoming-call"));
  const incoming = bob.events.find((it) => it.type === "incoming-call");
  assert(incoming?.type === "incoming-call");
  network.carry(bob, bob.core.answer(incoming.call, utf8(OTHER_SDP), {}, network.now));
  network.run(() => calls(bob).includes("confirmed"));
  network.run(() => false, 600_000);
  const updates = network.sent.filter((it) => it.startsWith(`${alice.host} UPDATE `));
  assertEquals(updates.length, 13, "every 45 seconds");
  assertEquals([calls(alice).includes("ended"), calls(bob).includes("ended")], [false, false]);
  // Bob's machine loses its memory: the next refresh finds nobody, and the call is over.
  Object.defineProperty(bob, "host", { value: "192.0.2.200" });
  assert(network.run(() => calls(alice).includes("ended"), 120_000), "Alice waits for ever");
});
