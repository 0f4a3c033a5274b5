/** Tells people and scripts what happens in a session: the events of docs/cli/events.md. */
import { escapeLines, escapeText } from "../../lib/base/mod.ts";
import { formatFingerprint } from "../../lib/otr/mod.ts";
import { readableText, type SessionEvent } from "../../lib/session/mod.ts";
import { FileAnnouncer } from "./file_announcer.ts";
import type { Printer } from "../output/printer.ts";

/** Prints the events of one session, as JSON or for people. */
export class Announcer {
  readonly #printer: Printer;
  readonly #files: FileAnnouncer;

  /** @param printer Where everything goes. */
  constructor(printer: Printer) {
    this.#printer = printer;
    this.#files = new FileAnnouncer(printer);
  }

  /** One event: a JSON line, or a message on stdout, or a word about it on stderr. */
  announce(event: SessionEvent): void {
    const { type, ...fields } = event;
    if (this.#printer.json) {
      this.#printer.event(type, withoutInternals(fields));
      // What must not go unnoticed is said on stderr as well.
      if (type === "otr" || type === "fingerprint-changed") this.#alarm(event);
      return;
    }
    switch (event.type) {
      case "call":
        this.#call(event);
        break;
      case "msrp":
        this.#printer.detail(`MSRP ${event.state}${event.tls ? " over TLS" : ""}`);
        break;
      case "otr":
        this.#otr(event);
        break;
      case "fingerprint-changed":
        this.#alarm(event);
        break;
      case "message":
        this.#message(event);
        break;
      case "delivery":
        this.#delivery(event);
        break;
      case "composing":
        this.#printer.detail(
          `${escapeText(event.from)} ${event.state === "active" ? "is typing" : "stopped typing"}`,
        );
        break;
      case "imdn":
        this.#printer.detail(
          `${event.notification} of ${event.id}: ${escapeText(event.status)}, says ${
            escapeText(event.from)
          }`,
        );
        break;
      case "smp":
        this.#smp(event);
        break;
      case "error":
        this.#printer.detail(`${event.side} error ${event.code}: ${escapeText(event.message)}`);
        break;
      case "file":
        this.#files.announce(event);
        break;
      default:
        event satisfies never;
    }
  }

  #call(event: Extract<SessionEvent, { type: "call" }>): void {
    const peer = escapeText(event.peer);
    const why = event.reason === undefined ? "" : ` (${escapeText(event.reason)})`;
    switch (event.state) {
      case "calling":
        this.#printer.note(`calling ${peer}`);
        break;
      case "ringing":
        this.#printer.note(`ringing: ${peer}`);
        break;
      case "connected":
        this.#printer.note(
          `connected with ${peer}${event.focus === true ? " (a conference)" : ""}`,
        );
        break;
      case "rejected":
        this.#printer.note(`refused: ${event.status ?? ""} ${escapeText(event.reason ?? "")}`);
        break;
      case "ended":
        this.#printer.note(`ended: ${peer}${why}`);
        break;
      default:
        event.state satisfies never;
    }
  }

  #otr(event: Extract<SessionEvent, { type: "otr" }>): void {
    const lock = this.#printer.paintError(event.lock, `[${event.lock}]`);
    if (event.state !== "encrypted") {
      const words = {
        plaintext: "not encrypted",
        negotiating: "negotiating encryption",
        finished: "encryption was ended by the other side: sending is blocked",
        unavailable: "NOT ENCRYPTED: messages go out in plaintext if at all",
        disabled: "not encrypted: OTR is switched off",
      }[event.state];
      const why = event.reason === undefined ? "" : ` (${escapeText(event.reason)})`;
      this.#printer.note(`${lock} ${words}${why}`);
      return;
    }
    const fingerprint = event.fingerprint === undefined ? "" : formatFingerprint(event.fingerprint);
    const trust = {
      verified: "verified",
      unverified: "not verified yet",
      changed: "THE FINGERPRINT CHANGED",
    }[event.trust ?? "unverified"];
    this.#printer.note(`${lock} encrypted with OTRv${event.version}, ${trust}: ${fingerprint}`);
  }

  #alarm(event: SessionEvent): void {
    if (event.type === "otr" && event.state === "unavailable") {
      this.#printer.note(`not encrypted: ${escapeText(event.reason ?? "OTR is not available")}`);
    }
    if (event.type !== "fingerprint-changed") return;
    const peer = escapeText(event.peer);
    this.#printer.warning(`${peer} changed encryption fingerprint. Please verify it again.`);
    this.#printer.warning(`  now:   ${formatFingerprint(event.fingerprint)}`);
    for (const { fingerprint, trust } of event.known) {
      this.#printer.warning(`  known: ${formatFingerprint(fingerprint)} (${trust})`);
    }
  }

  #message(event: Extract<SessionEvent, { type: "message" }>): void {
    if (event.direction === "out") return;
    const text = escapeLines(readableText(event));
    if (event.warning !== undefined) this.#printer.warning(escapeText(event.warning));
    const how = event.private === true ? " (to you alone)" : "";
    this.#printer.text(`${escapeText(event.from)}${how}: ${text}`);
  }

  #delivery(event: Extract<SessionEvent, { type: "delivery" }>): void {
    if (event.status === "delivered") {
      this.#printer.detail(`delivered ${event.id}`);
      return;
    }
    const code = event.code === undefined ? "" : ` ${event.code}`;
    this.#printer.note(`delivery failed${code}: ${escapeText(event.reason ?? "no reason given")}`);
  }

  #smp(event: Extract<SessionEvent, { type: "smp" }>): void {
    const question = event.question === null ? "" : `: ${escapeText(event.question)}`;
    const words = {
      asked: `the other side asks for the shared secret${question}`,
      "in-progress": "verification is under way",
      success: "verification succeeded: the secrets match",
      failure: "verification failed: the secrets differ",
      aborted: "verification was aborted",
      error: "verification failed: the other side broke the protocol",
    }[event.state];
    this.#printer.note(words);
  }
}

/** What the library needs and scripts do not. */
function withoutInternals(fields: Record<string, unknown>): Record<string, unknown> {
  const { proofSeen: _, ...shown } = fields;
  return shown;
}
