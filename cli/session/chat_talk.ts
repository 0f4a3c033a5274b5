/** `sotto chat`: one session for people, at a line editor with the lock in its prompt. */
import { escapeText, SottoError, utf8 } from "../../lib/base/mod.ts";
import { formatFingerprint } from "../../lib/otr/mod.ts";
import type { ChatSession, SendOutcome, SessionEvent } from "../../lib/session/mod.ts";
import { canonicalAor } from "../../lib/storage/mod.ts";
import type { Printer } from "../output/printer.ts";
import type { LineEditor } from "../terminal/line_editor.ts";

/** What a person can type, for `/help` and completion. */
export const CHAT_COMMANDS: Readonly<Record<string, string>> = {
  "/help": "this list",
  "/smp [question]": "verify the other side with a shared secret",
  "/answer": "answer the other side's question",
  "/abort": "give up the verification",
  "/fingerprint": "show the other side's fingerprint",
  "/trust": "you compared the fingerprint: mark it verified",
  "/otr start|stop|refresh": "switch encryption",
  "/plain": "go on without encryption after the other side ended it",
  "/nick [name]": "in a conference: be called so, or no longer",
  "/msg address text": "in a conference: to one member alone",
  "/quit": "hang up",
};

/** Names of the commands, for completion. */
export function completeCommand(line: string): readonly string[] {
  const names = Object.keys(CHAT_COMMANDS).map((it) => it.split(" ", 1)[0] ?? it);
  return names.filter((name) => name.startsWith(line));
}

/** One conversation at the terminal. */
export class ChatTalk {
  readonly #session: ChatSession;
  readonly #editor: LineEditor;
  readonly #printer: Printer;
  #lock: "gray" | "orange" | "green" | "red" = "gray";
  #isTyping = false;
  #peerTypes = false;
  /** Becomes `undefined` once the session takes messages, or says why it does not. */
  #opening: Promise<void> | undefined;
  /** Messages whose fate is not known yet. */
  readonly #underWay = new Set<Promise<void>>();

  /** @param printer Prints above the input line. */
  constructor(session: ChatSession, editor: LineEditor, printer: Printer) {
    this.#session = session;
    this.#editor = editor;
    this.#printer = printer;
    editor.onTyping = () => this.#onTyping();
    this.#opening = session.settled.then(() => {}, () => {}).then(() => {
      this.#opening = undefined;
    });
  }

  /** Keeps the prompt true. To be called for every event of the session. */
  observe(event: SessionEvent): void {
    if (event.type === "otr") {
      this.#lock = event.lock;
      this.#showPrompt();
    }
    if (event.type === "composing") this.#showTyping(event.state === "active");
    // RFC 3994 §3.3: a message ends what announced it.
    if (event.type === "message" && event.direction === "in") {
      this.#showTyping(false);
      this.#session.displayed(event.id); // It stands on the screen now.
    }
    if (event.type === "smp" && event.state === "asked") {
      this.#printer.note("type /answer to answer, or /abort");
    }
    if (event.type === "otr" && event.state === "finished") {
      this.#printer.note("type /plain to go on WITHOUT encryption, or /otr start to encrypt again");
    }
  }

  /** Reads lines until the person leaves or the session ends. */
  async run(): Promise<void> {
    this.#showPrompt();
    const over = this.#session.ended.then(() => "over" as const);
    const lines = this.#editor.lines[Symbol.asyncIterator]();
    for (;;) {
      const next = await Promise.race([lines.next(), over]);
      if (next === "over") break;
      if (next.done) {
        // Lines that came from a pipe are gone in a moment: what they said still has to leave.
        await Promise.race([Promise.all(this.#underWay), over]);
        break;
      }
      const line = next.value;
      if (line.trim() === "/quit" || line.trim() === "/hangup") break;
      if (line === "") continue;
      this.#stopTyping(line.startsWith("/"));
      try {
        // A question in the dark does not outlive the session.
        if (line.startsWith("/")) await Promise.race([this.#command(line), over]);
        else this.#say(line);
      } catch (error) {
        if (!(error instanceof SottoError)) throw error;
        this.#printer.error(escapeText(error.message));
      }
    }
    this.#stopTyping(true);
  }

  /** @param to The one member of a conference that is to see it. */
  #say(text: string, to?: string): void {
    const send = (): Promise<SendOutcome> =>
      to === undefined ? this.#session.send(text) : this.#session.send(text, undefined, { to });
    // Its fate is told by the delivery event; the person types on meanwhile.
    const sent = this.#opening === undefined ? send() : this.#opening.then(send);
    const said = sent.then((outcome) => {
      if (outcome.cause === "refused") {
        this.#printer.error(`not sent: ${escapeText(outcome.reason ?? "refused")}`);
      }
    }, (error) => this.#printer.error(error instanceof Error ? error.message : String(error)))
      .finally(() => this.#underWay.delete(said));
    this.#underWay.add(said);
  }

  async #command(line: string): Promise<void> {
    const [, name = "", argument = ""] = /^(\S+)\s*(.*)$/.exec(line) ?? [];
    switch (name) {
      case "/help":
        for (const [usage, text] of Object.entries(CHAT_COMMANDS)) {
          this.#printer.note(`${usage.padEnd(26)} ${text}`);
        }
        break;
      case "/smp": {
        const secret = utf8(await this.#editor.askHidden("Shared secret"));
        void this.#session.verify(secret, argument === "" ? undefined : argument)
          .catch((error) => this.#printer.error(String(error?.message ?? error)));
        break;
      }
      case "/answer": {
        const secret = utf8(await this.#editor.askHidden("Your answer"));
        void this.#session.answerNow(secret)
          .catch((error) => this.#printer.error(String(error?.message ?? error)));
        break;
      }
      case "/abort":
        this.#session.abortSmp();
        break;
      case "/fingerprint": {
        const { fingerprint } = this.#session;
        this.#printer.note(
          fingerprint === undefined ? "nothing is encrypted" : formatFingerprint(fingerprint),
        );
        break;
      }
      case "/trust":
        await this.#session.trust();
        break;
      case "/otr": {
        const action = argument.trim();
        if (action !== "start" && action !== "stop" && action !== "refresh") {
          this.#printer.error("expected /otr start, /otr stop or /otr refresh");
          break;
        }
        void this.#session.changeOtr(action)
          .catch((error) => this.#printer.error(String(error?.message ?? error)));
        break;
      }
      case "/nick":
        void this.#session.useNickname(argument.trim()).then(
          ({ status, code, reason }) =>
            status === "accepted"
              ? this.#printer.note("the conference took the nickname")
              : this.#printer.error(`no nickname: ${code} ${escapeText(reason)}`),
          (error) => this.#printer.error(String(error?.message ?? error)),
        );
        break;
      case "/msg": {
        const [, to = "", text = ""] = /^(\S+)\s+(.+)$/.exec(argument) ?? [];
        const member = canonicalAor(to);
        if (member === undefined || text === "") {
          this.#printer.error("expected /msg user@domain and a text");
          break;
        }
        this.#say(text, member);
        break;
      }
      case "/plain":
        this.#session.continueInPlaintext();
        break;
      default:
        this.#printer.error(
          `unknown command ${escapeText(name)}; /help lists them, a space before / sends it`,
        );
    }
  }

  #showPrompt(): void {
    const lock = this.#printer.paint(this.#lock, `[${this.#lock}]`);
    const typing = this.#peerTypes ? " (typing)" : "";
    this.#editor.setPrompt(`${lock} ${escapeText(this.#session.peer)}${typing}> `);
  }

  #showTyping(isTyping: boolean): void {
    if (this.#peerTypes === isTyping) return;
    this.#peerTypes = isTyping;
    this.#showPrompt();
  }

  #onTyping(): void {
    this.#isTyping = true;
    this.#session.typed();
  }

  /** @param isSilent Nothing follows that would end it by itself (RFC 3994 §3.3). */
  #stopTyping(isSilent: boolean): void {
    if (isSilent && this.#isTyping) this.#session.stoppedTyping();
    this.#isTyping = false;
  }
}
