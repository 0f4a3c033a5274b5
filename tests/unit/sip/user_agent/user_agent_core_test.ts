/** Two cores on a network with faults, in simulated time. Clauses are in tests/conformance/rfc3261. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { utf8 } from "../../../../lib/base/bytes.ts";
import { SottoError } from "../../../../lib/base/errors.ts";
import { ScriptedSip, SDP } from "../../../helpers/scripted_sip.ts";
import { type Agent, SipNetwork, typesOf } from "../../../helpers/sip_network.ts";

function incomingOf(agent: Agent): number {
  const event = agent.events.find((it) => it.type === "incoming-call");
  return event?.type === "incoming-call" ? event.call : 0;
}

function wholeCall(network: SipNetwork): { alice: Agent; bob: Agent } {
  const alice = network.add("192.0.2.1");
  const bob = network.add("192.0.2.2");
  const ours = network.invite(alice, bob);
  network.run(() => incomingOf(bob) > 0);
  const theirs = incomingOf(bob);
  network.carry(bob, bob.core.ring(theirs, network.now));
  network.run(() => false, 300);
  network.answer(bob, theirs);
  network.run(() => typesOf(alice).includes("answered") && typesOf(bob).includes("confirmed"));
  network.carry(alice, alice.core.offer(ours, utf8(SDP), network.now));
  network.run(() => typesOf(bob).includes("offer"));
  network.carry(bob, bob.core.respondToOffer(theirs, 1, utf8(SDP), undefined, network.now));
  network.run(() => typesOf(alice).includes("offer-answered"));
  network.carry(bob, bob.core.hangUp(theirs, network.now));
  network.run(() => typesOf(alice).includes("ended") && typesOf(bob).includes("ended"));
  return { alice, bob };
}

Deno.test("UserAgentCore makes, changes and ends a call with its like", () => {
  const { alice, bob } = wholeCall(new SipNetwork(1, { loss: 0, duplication: 0, delay: 0 }));
  assertEquals(typesOf(alice), ["ringing", "answered", "offer-answered", "ended"]);
  assertEquals(typesOf(bob), ["confirmed", "offer", "ended"]);
});

for (let seed = 1; seed <= 60; seed++) {
  const faults = { loss: 0.25, duplication: 0.2, delay: 400 };
  Deno.test(`UserAgentCore gets a call through a quarter of loss, doubles and disorder (seed ${seed})`, () => {
    const network = new SipNetwork(seed, faults);
    const { alice, bob } = wholeCall(network);
    // The 180 may be lost; everything else happens once, whatever the network does.
    assertEquals(typesOf(alice).filter((it) => it !== "ringing"), [
      "answered",
      "offer-answered",
      "ended",
    ]);
    assertEquals(typesOf(bob), ["confirmed", "offer", "ended"]);
    assertEquals([alice.core.callCount, bob.core.callCount], [0, 0]);
    network.run(() => false);
    assertEquals([alice.core.transactionCount, bob.core.transactionCount], [0, 0]);
    assertEquals([alice.core.deadline, bob.core.deadline], [undefined, undefined]);
  });
}

Deno.test("UserAgentCore on both sides agrees on the end of a call that is cancelled while it is answered", () => {
  for (let seed = 1; seed <= 40; seed++) {
    const network = new SipNetwork(seed, { loss: 0.1, duplication: 0.1, delay: 300 });
    const alice = network.add("192.0.2.1");
    const bob = network.add("192.0.2.2");
    const ours = network.invite(alice, bob);
    network.run(() => incomingOf(bob) > 0);
    network.carry(bob, bob.core.ring(incomingOf(bob), network.now));
    network.run(() => false, seed * 20);
    network.carry(alice, alice.core.hangUp(ours, network.now));
    network.answer(bob, incomingOf(bob));
    network.run(() => false);
    assertEquals(typesOf(alice).at(-1), "ended", `seed ${seed}`);
    assertEquals(typesOf(bob).at(-1), "ended", `seed ${seed}`);
    assertEquals([alice.core.callCount, bob.core.callCount], [0, 0], `seed ${seed}`);
  }
});

Deno.test("UserAgentCore settles glare: both offer at once and both offers get through", () => {
  for (let seed = 1; seed <= 20; seed++) {
    const network = new SipNetwork(seed, { loss: 0, duplication: 0, delay: 50 });
    const alice = network.add("192.0.2.1");
    const bob = network.add("192.0.2.2");
    const ours = network.invite(alice, bob);
    network.run(() => incomingOf(bob) > 0);
    network.answer(bob, incomingOf(bob));
    network.run(() => typesOf(bob).includes("confirmed") && typesOf(alice).includes("answered"));
    network.carry(alice, alice.core.offer(ours, utf8(SDP), network.now));
    network.carry(bob, bob.core.offer(incomingOf(bob), utf8(SDP), network.now));
    const answered = new Set<object>();
    const answer = (agent: Agent, call: number) => {
      for (const event of agent.events) {
        if (event.type !== "call" || event.event.type !== "offer" || answered.has(event)) continue;
        answered.add(event);
        const { id } = event.event;
        network.carry(
          agent,
          agent.core.respondToOffer(call, id, utf8(SDP), undefined, network.now),
        );
      }
    };
    network.run(() => {
      answer(alice, ours);
      answer(bob, incomingOf(bob));
      return [alice, bob].every((it) => typesOf(it).includes("offer-answered"));
    });
    for (const agent of [alice, bob]) {
      assert(typesOf(agent).includes("offer-answered"), `seed ${seed}`);
      assert(typesOf(agent).includes("offer"), `seed ${seed}`);
    }
  }
});

Deno.test("UserAgentCore knows its calls", () => {
  const agent = new ScriptedSip();
  const code = (act: () => unknown) => assertThrows(act, SottoError).code;
  assertEquals(code(() => agent.core.ring(1, 0)), "sip/no-such-call");
  const call = agent.invite();
  assertEquals(code(() => agent.core.answer(call, utf8(SDP), {}, 0)), "sip/no-such-call");
  assertEquals(code(() => agent.core.offer(99, utf8(SDP), 0)), "sip/no-session");
  assertEquals(agent.core.hangUp(99, 0), []);
});
