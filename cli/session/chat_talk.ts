/** `sotto chat`: one session for people, at a line editor with the lock in its prompt. */
import { escapeText, SottoError, utf8 } from "../../lib/base/mod.ts";
import { formatFingerprint } from "../../lib/otr/mod.ts";
import type { ChatSession, SessionEvent } from "../../lib/session/mod.ts";
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
  "/quit": "hang up",
};

/** Names of the commands, for completion. */
export function completeCommand(line: string): readonly string[] {
  const names = Object.keys(CHAT_COMMANDS).map((it) => it.split(" ", 1)[0] ?? it);
  return names.filter((name) => name.startsWith(line));
}

/** How long "is typing" holds without another key, in milliseconds (RFC 3994 §3.2). */
const IDLE_AFTER = 15_000;

/** One conversation at the terminal. */
export class ChatTalk {
  readonly #session: ChatSession;
  readonly #editor: LineEditor;
  readonly #printer: Printer;
  #lock: "gray" | "orange" | "green" | "red" = "gray";
  #typing: ReturnType<typeof setTimeout> | undefined;
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
    if (event.type === "message" && event.direction === "in") this.#showTyping(false);
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
    this.#stopTyping(false);
  }

  #say(text: string): void {
    // Its fate is told by the delivery event; the person types on meanwhile.
    const sent = this.#opening === undefined
      ? this.#session.send(text)
      : this.#opening.then(() => this.#session.send(text));
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
    if (this.#typing === undefined) this.#session.sendComposing("active");
    else clearTimeout(this.#typing);
    this.#typing = setTimeout(() => {
      this.#typing = undefined;
      this.#session.sendComposing("idle");
    }, IDLE_AFTER);
  }

  /** @param isSilent Nothing follows that would end it by itself (RFC 3994 §3.3). */
  #stopTyping(isSilent: boolean): void {
    if (isSilent && this.#typing !== undefined) this.#session.sendComposing("idle");
    clearTimeout(this.#typing);
    this.#typing = undefined;
  }
}
