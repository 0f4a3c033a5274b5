/** Tells people what happens to files: a line that moves while one is under way, a word at its end. */
import { escapeText } from "../../lib/base/mod.ts";
import type { FileEvent } from "../../lib/session/mod.ts";
import type { Printer } from "../output/printer.ts";
import type { Progress } from "../output/progress.ts";
import { sizeText } from "../output/size_text.ts";

/** For the files of all sessions of a command. */
export class FileAnnouncer {
  readonly #printer: Printer;
  readonly #moving = new Map<string, Progress>();

  /** @param printer Where everything goes. */
  constructor(printer: Printer) {
    this.#printer = printer;
  }

  /** Says it, on stderr. */
  announce(event: FileEvent): void {
    const { direction, id, state } = event;
    const key = `${direction} ${id}`;
    const name = escapeText(event.name === "" ? "a file without a name" : event.name, 80);
    if (state === "progress") {
      const progress = this.#moving.get(key) ??
        this.#printer.progress(`${direction === "in" ? "receiving" : "sending"} ${name}:`);
      this.#moving.set(key, progress);
      const of = event.size === undefined ? "" : ` of ${sizeText(event.size)}`;
      progress.update(`${sizeText(event.transferred ?? 0)}${of}`);
      return;
    }
    this.#moving.get(key)?.done();
    this.#moving.delete(key);
    const reason = event.reason === undefined ? "" : `: ${escapeText(event.reason, 300)}`;
    const code = event.code === undefined ? "" : ` ${event.code}`;
    switch (state) {
      case "offered":
        this.#printer.detail(`${direction === "in" ? "offered" : "offering"} ${name}`);
        break;
      case "accepted":
        this.#printer.detail(`${name} is accepted`);
        break;
      case "refused":
        this.#printer.note(`${name} was refused${reason}`);
        break;
      case "done":
        this.#printer.note(
          direction === "in" ? `received ${name}: ${escapeText(event.path ?? "")}` : `sent ${name}`,
        );
        break;
      case "failed":
        this.#printer.note(
          `${name} was not ${direction === "in" ? "received" : "sent"}${code}${reason}`,
        );
        break;
      default:
        state satisfies never;
    }
  }
}
