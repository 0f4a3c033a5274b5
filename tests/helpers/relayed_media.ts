/** Two `ChatMedia` that agree with each other without SIP, through relays or not. */
import { passwordSecret } from "../../lib/auth/mod.ts";
import { ChatMedia, type MediaSettings } from "../../lib/session/chat_media.ts";
import {
  type MsrpSession,
  platformRandom,
  type RelaySettings,
  SystemClock,
} from "../../lib/session/mod.ts";
import { type Certificate, makeSelfSignedCertificate } from "../../lib/transport/mod.ts";

let certificate: Promise<Certificate> | undefined;

/** Settings that every test shares; TCP unless told otherwise. */
export async function mediaSettings(more: Partial<MediaSettings> = {}): Promise<MediaSettings> {
  certificate ??= makeSelfSignedCertificate({ commonName: "somebody@sotto.test" });
  return {
    transport: "tcp",
    setup: "actpass",
    certificate: await certificate,
    random: platformRandom,
    clock: new SystemClock(),
    ...more,
  };
}

/** A relay on loopback, its user by name with the password of the tests. */
export function relaySettings(
  port: number,
  user: "alice" | "bob",
  more: Partial<RelaySettings> = {},
): RelaySettings {
  return {
    relays: [{ host: "localhost", port }],
    domain: "sotto.test",
    credentials: { username: user, password: passwordSecret(`${user}-secret`) },
    ...more,
  };
}

/** Two sessions that are bound to each other. */
export interface OpenPair extends AsyncDisposable {
  readonly caller: MsrpSession;
  readonly callee: MsrpSession;
  readonly callerMedia: ChatMedia;
  readonly calleeMedia: ChatMedia;
  readonly offer: string;
  readonly answer: string;
}

/** Offers, answers, opens. `change` is what a middlebox does to the descriptions. */
export async function openPair(
  callerSettings: MediaSettings,
  calleeSettings: MediaSettings,
  change: (sdp: string, which: "offer" | "answer") => string = (sdp) => sdp,
): Promise<OpenPair> {
  const callerMedia = new ChatMedia(callerSettings);
  const calleeMedia = new ChatMedia(calleeSettings);
  const close = async (): Promise<void> => {
    await Promise.all([callerMedia.close(), calleeMedia.close()]);
  };
  const altered = (sdp: Uint8Array, which: "offer" | "answer"): Uint8Array =>
    new TextEncoder().encode(change(new TextDecoder().decode(sdp), which));
  try {
    const offer = await callerMedia.createOffer("127.0.0.1");
    const outcome = await calleeMedia.readOffer(altered(offer, "offer"), "127.0.0.1");
    if (outcome.refusal !== undefined) throw new Error(outcome.refusal.text);
    const remote = callerMedia.readAnswer(altered(outcome.answer, "answer"));
    const how = { timeout: 20_000, signal: new AbortController().signal };
    const [caller, callee] = await Promise.all([
      callerMedia.open(remote, how),
      calleeMedia.open(outcome.remote, how),
    ]);
    return {
      caller,
      callee,
      callerMedia,
      calleeMedia,
      offer: new TextDecoder().decode(offer),
      answer: new TextDecoder().decode(outcome.answer),
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The messages of a session, as text, while somebody reads: this. */
export function listen(
  session: MsrpSession,
): { readonly texts: string[]; readonly ended: Promise<void> } {
  const texts: string[] = [];
  const ended = (async () => {
    for await (const event of session.events) {
      if (event.type === "message-received") texts.push(new TextDecoder().decode(event.body));
    }
  })();
  return { texts, ended };
}
