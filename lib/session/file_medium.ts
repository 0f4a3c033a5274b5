/** One file of a call, from its offer to its end, and what is told of it. */

import { PeerError, SottoError } from "../base/errors.ts";
import { escapeText } from "../base/escape.ts";
import { type FileDescription, type MsrpMedia, parseFileDescription } from "../sdp/mod.ts";
import type { SendOutcome } from "./chat_options.ts";
import type { Clock } from "./clock.ts";
import type { FileEvent, FileSink, FileSource } from "./file_offer.ts";
import type { RemoteMedia } from "./media_opening.ts";
import type { MsrpSession, PreparedMsrp } from "./msrp_endpoint.ts";

/** Milliseconds between two reports of progress. */
const PROGRESS_INTERVAL = 500;

/** One file and its medium. */
export interface FileMedium {
  /** Position in the description. */
  readonly index: number;
  readonly description: FileDescription;
  readonly source?: FileSource;
  readonly sink?: FileSink;
  prepared?: PreparedMsrp;
  remote?: RemoteMedia;
  /** Why it does not move. */
  refusal?: string;
  /** Whether the receiver says where it stands. */
  knowsOffset?: boolean;
  opening?: Promise<MsrpSession>;
  session?: MsrpSession;
  moving?: Promise<SendOutcome>;
  isOver?: boolean;
  /** The other side ended it by its description. */
  isGivenUp?: boolean;
}

/** Tells of octets, now and then. */
export class FileProgress {
  readonly #clock: Clock;
  readonly #file: FileMedium;
  readonly #report: (event: FileEvent) => void;
  #next = -Infinity;
  /** Octets that are there. */
  transferred = 0;

  /** @param report Told at most twice a second. */
  constructor(clock: Clock, file: FileMedium, report: (event: FileEvent) => void) {
    this.#clock = clock;
    this.#file = file;
    this.#report = report;
  }

  /** So many octets are there. */
  at(transferred: number): void {
    this.transferred = transferred;
    const now = this.#clock.now();
    if (now < this.#next) return;
    this.#next = now + PROGRESS_INTERVAL;
    this.#report(eventOf(this.#file, "progress", { transferred }));
  }
}

/** The event that says it. */
export function eventOf(
  { description: { selector, transferId }, source }: FileMedium,
  state: FileEvent["state"],
  more: Partial<Pick<FileEvent, "transferred" | "path" | "code" | "reason">> = {},
): FileEvent {
  const { name = "", size, type } = selector;
  return {
    type: "file",
    direction: source === undefined ? "in" : "out",
    id: transferId ?? "",
    state,
    name,
    ...(size === undefined ? {} : { size }),
    ...(type === undefined ? {} : { contentType: type }),
    ...more,
  };
}

/** What a medium says of its file; `undefined` for none, and for what cannot be read. */
export function describedBy(media: MsrpMedia): FileDescription | undefined {
  try {
    return parseFileDescription(media.attributes);
  } catch (error) {
    if (error instanceof PeerError) return undefined;
    throw error;
  }
}

/** What kept a file from leaving, as its fate. */
export function failureOf(error: unknown): SendOutcome {
  const code = error instanceof SottoError ? error.code : "";
  const isAnswer = code === "msrp/type-not-accepted" || code === "msrp/too-large-for-peer";
  const cause = isAnswer ? "response" : code === "session/timeout" ? "timeout" : "connection";
  return { status: "failed", cause, reason: reasonOf(error) };
}

/** For people and events: escaped and cut. */
export function reasonOf(error: unknown): string {
  return escapeText(error instanceof Error ? error.message : String(error), 300);
}
