/**
 * A whole private call without a terminal: two ends on loopback, SIP, MSRP and OTR, the first
 * fingerprint learned, and the lock that tells what a message is worth.
 *
 *     deno run --allow-net --allow-sys examples/chat_session.ts
 */
import { otr, session, sip, storage, transport } from "../mod.ts";

const clock = new session.SystemClock();
const random = session.platformRandom;

/** What one end is made of. Records live in memory here; `storage.TrustStore` keeps them in a file. */
async function options(self: string, peer: string): Promise<session.ChatSessionOptions> {
  const known = new Map<string, session.KnownFingerprint[]>();
  const record = (aor: string, fingerprint: string, trust: "verified" | "unverified") =>
    Promise.resolve(void known.set(aor, [{ fingerprint, trust }]));
  const key = otr.DsaPrivateKey.generate(random);
  return {
    ...{
      clock,
      random,
      encryption: "require",
      trustLevel: "known",
      mayLearn: true,
      timeout: 10_000,
    },
    self: { aor: self },
    peer: storage.canonicalAor(peer) ?? peer,
    records: {
      lookup: (aor) => Promise.resolve(known.get(aor) ?? []),
      learn: (aor, fingerprint) => record(aor, fingerprint, "unverified"),
      verify: (aor, fingerprint) => record(aor, fingerprint, "verified"),
    },
    createConversation: () =>
      Promise.resolve(
        new otr.Conversation({ key, instanceTag: 0x100, policy: otr.DEFAULT_POLICY, random }),
      ),
    media: {
      ...{ transport: "tls", setup: "actpass", random, clock },
      certificate: await transport.makeSelfSignedCertificate({ commonName: self }),
    },
  };
}

/** The story as alice sees it. */
export async function* tell(): AsyncGenerator<string> {
  const listen = [{ host: "127.0.0.1", port: 0, transport: "tcp" }] as const;
  const common = { clock, random, userAgent: "example" };
  await using bobs = await session.SipEndpoint.open({ ...common, listen });
  await using alices = await session.SipEndpoint.open({ ...common, listen: [] });
  const target = sip.parseSipUri((bobs.uris[0] ?? "").replace("sip:", "sip:bob@"));
  const from = { uri: sip.parseSipUri("sip:alice@example.com") };
  const alice = session.ChatSession.place(
    ...[alices, target, await options("alice@example.com", "bob@127.0.0.1"), { from }] as const,
  );
  const { value: call } = await bobs.calls()[Symbol.asyncIterator]().next();
  const answer = await options("bob@example.net", "alice@example.com");
  await using bob = session.ChatSession.accept(bobs, call, answer);
  await Promise.all([alice.settled, bob.settled]);
  yield `alice sends: ${(await alice.send("hello bob")).status}`;
  await alice.hangUp();
  for await (const event of alice.events) {
    if (event.type === "otr") yield `${event.lock}: ${event.state}`;
    if (event.type === "message") yield `${event.direction}: ${event.body} (${event.encryption})`;
  }
}

if (import.meta.main) {
  for await (const line of tell()) await Deno.stdout.write(new TextEncoder().encode(`${line}\n`));
}
