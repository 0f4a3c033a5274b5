/**
 * Two people agree on OTR, talk, and verify each other by a shared secret: all of it in
 * memory, with no socket and no clock.
 *
 *     deno run examples/otr_conversation.ts
 */
import { otr, type RandomSource } from "../mod.ts";

const random: RandomSource = (length) => crypto.getRandomValues(new Uint8Array(length));

type Person = ReturnType<typeof person>;

function person(name: string, instanceTag: number) {
  const key = otr.DsaPrivateKey.generate(random);
  const policy = { ...otr.DEFAULT_POLICY, requireEncryption: true };
  return { name, conversation: new otr.Conversation({ key, instanceTag, policy, random }) };
}

/** Carries messages between the two until both are silent; tells what happened on the way. */
function* deliver(from: Person, to: Person, first: otr.ConversationOutput[]): Generator<string> {
  const queue = [{ from, to, outputs: first }];
  for (const { from, to, outputs } of queue) {
    for (const output of outputs) {
      if (output.type === "event") {
        yield `${from.name}: ${describe(output.event)}`;
        continue;
      }
      const outputs = to.conversation.receiveMessage(output.message, 0);
      queue.push({ from: to, to: from, outputs });
    }
  }
}

function describe(event: otr.ConversationEvent): string {
  switch (event.type) {
    case "message-received":
      return `${event.encrypted ? "encrypted" : "PLAIN"} “${event.text}”`;
    case "state-changed":
      return event.state;
    case "smp":
      return `smp ${event.what} (${event.question ?? ""})${event.verified ? ", verified" : ""}`;
    default:
      return event.type;
  }
}

/** The whole story, line by line. */
export function* tell(): Generator<string> {
  const alice = person("alice", 0x100);
  const bob = person("bob", 0x101);
  const octets = new TextEncoder().encode("under the clock");
  yield* deliver(alice, bob, alice.conversation.query(0));
  yield* deliver(bob, alice, bob.conversation.sendMessage("is that you?", 0));
  yield* deliver(alice, bob, alice.conversation.startSmp(octets, "where did we meet?", 0));
  yield* deliver(bob, alice, bob.conversation.answerSmp(octets, 0));
  yield* deliver(alice, bob, alice.conversation.endSession(0));
}

if (import.meta.main) {
  for (const line of tell()) await Deno.stdout.write(new TextEncoder().encode(`${line}\n`));
}
