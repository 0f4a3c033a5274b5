/** Sessions of ours that call a conference, each under a name of its own. */
import { ChatSession, type SipEndpoint } from "../../lib/session/mod.ts";
import { parseSipUri } from "../../lib/sip/mod.ts";
import { canonicalAor } from "../../lib/storage/mod.ts";
import { openSip, sessionOptions, type SetupOptions, Told } from "./chat_session_setup.ts";

/** Whoever calls `focus`; everybody leaves at the end. */
export class ConferenceGuests implements AsyncDisposable {
  readonly #focus: string;
  readonly #sip: Promise<SipEndpoint>;
  readonly #guests: Told[] = [];

  /** @param focus URI of the conference. */
  constructor(focus: string) {
    this.#focus = focus;
    this.#sip = openSip(false);
  }

  /** Calls as `name@example.com`, and waits until messages may flow (or never will). */
  async enter(name: string, options: SetupOptions = {}): Promise<Told> {
    const told = await this.call(name, options);
    await told.session.settled.catch(() => {}); // The test looks at what came of it.
    // Our end of MSRP may be bound before that of the room is, which says so.
    await told.until((it) => it.type === "message" && it.body.startsWith("welcome"));
    return told;
  }

  /** The same for several, one after the other. */
  async enterAll<const Names extends readonly string[]>(
    ...names: Names
  ): Promise<{ [K in keyof Names]: Told }> {
    const guests: Told[] = [];
    for (const name of names) guests.push(await this.enter(name));
    return guests as { [K in keyof Names]: Told };
  }

  /** Calls, and waits for nothing. */
  async call(name: string, options: SetupOptions = {}): Promise<Told> {
    const sip = await this.#sip;
    const aor = `${name}@example.com`;
    const told = new Told(
      ChatSession.place(
        sip,
        parseSipUri(this.#focus),
        sessionOptions("alice", {
          self: { aor },
          peer: canonicalAor(this.#focus) ?? "",
          ...options,
        }),
        { from: { uri: parseSipUri(`sip:${aor}`) } },
      ),
    );
    this.#guests.push(told);
    return told;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const guest of this.#guests) await guest[Symbol.asyncDispose]();
    await (await this.#sip).close();
  }
}
