/**
 * The files of one call: a medium of its own for each, offered, answered, opened and moved
 * (RFC 5547 §8). Push only: what others would like to fetch from us is refused.
 */

import { toHex } from "../base/bytes.ts";
import { SottoError } from "../base/errors.ts";
import type { RandomSource } from "../base/output.ts";
import {
  type AcceptedMedium,
  answerDirection,
  answeredFile,
  answerSetup,
  type CertificateFingerprint,
  checkMsrpAnswer,
  connectingSide,
  fileAttributes,
  type FileDescription,
  judgeTransfer,
  movesFile,
  type MsrpMedia,
  type MsrpMediaChoice,
  msrpMediaOf,
  type SessionDescription,
} from "../sdp/mod.ts";
import { writeMsrpPath } from "../msrp/mod.ts";
import type { SendOutcome } from "./chat_options.ts";
import { type Clock, delay } from "./clock.ts";
import { outcomeOf } from "./deliveries.ts";
import {
  describedBy,
  eventOf,
  failureOf,
  type FileMedium,
  FileProgress,
  reasonOf,
} from "./file_medium.ts";
import type { FileEvent, FileSettings, FileSink, FileSource } from "./file_offer.ts";
import { admitFile } from "./file_admission.ts";
import { receiveFile } from "./file_receiver.ts";
import { sendFile } from "./file_sender.ts";
import { isRelayed, openingFor, type RemoteMedia } from "./media_opening.ts";
import type { MsrpSession, PreparedMsrp } from "./msrp_endpoint.ts";

/** What files need of the call that they are part of. */
export interface FileMediaHost {
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly setup: "active" | "passive" | "actpass";
  readonly allowUntrusted: boolean;
  /** Most octets of a file in one SEND; by default 64 KiB, through relays 8 KiB. */
  readonly chunkSize?: number | undefined;
  /** Our side of one MSRP session, with a socket that listens if `listen` says so. */
  prepare(transport: "tls" | "tcp", host: string, listen: boolean): Promise<PreparedMsrp>;
  /** Of our certificate, for `a=fingerprint`; none where nobody would see it. */
  fingerprints(transport: "tls" | "tcp"): Promise<CertificateFingerprint[]>;
}

/** How files are opened and whom they tell. */
export interface FileMediaRun {
  /** Milliseconds: for opening, and that may pass without anything happening. */
  readonly timeout: number;
  readonly signal: AbortSignal;
  readonly report: (event: FileEvent) => void;
  /** A medium is over before the call is, and the other side is to be told (§8.4). */
  readonly onOver: (index: number) => void;
}

/** Milliseconds that a session stays open after its file was refused in the middle. */
const LAST_ANSWERS = 5_000;
/** Octets in one SEND through relays: some refuse more. */
const RELAYED_CHUNK = 8_192;

/** All file media of one call. Used once: offer and answer, then {@link run}. */
export class FileMedia {
  readonly #settings: FileSettings;
  readonly #host: FileMediaHost;
  #files: FileMedium[] = [];
  #refused: FileMedium[] = [];
  readonly #opened = Promise.withResolvers<FileMediaRun>();

  /** @param settings Nothing is opened yet. */
  constructor(settings: FileSettings, host: FileMediaHost) {
    this.#settings = settings;
    this.#host = host;
    this.#opened.promise.catch(() => {}); // Told to whoever sends.
  }

  /** Whether any file is on its way. */
  get hasAny(): boolean {
    return this.#files.some((it) => it.remote !== undefined);
  }

  /** Why the first file that was offered is not taken, in words that a Warning can carry. */
  get refusal(): string | undefined {
    // RFC 3261 §20.43: a quoted string, and ours is ASCII.
    return this.#refused[0]?.refusal?.replace(/["\\]/g, "'").replace(/[^ -~]/g, "?");
  }

  /** Whether any file is still to come to its end. */
  get isBusy(): boolean {
    return this.#files.some((it) => it.remote !== undefined && it.isOver !== true);
  }

  /**
   * Our media, one for each file, each with a socket that listens unless we are to connect.
   * @param first Position of the first one in the offer.
   */
  async offer(
    transport: "tls" | "tcp",
    host: string,
    first: number,
  ): Promise<MsrpMediaChoice[]> {
    const choices: MsrpMediaChoice[] = [];
    for (const [at, source] of this.#settings.outgoing.entries()) {
      const description: FileDescription = {
        selector: {
          name: source.name,
          type: source.type,
          size: source.size,
          hashes: source.hashes,
        },
        // §8.1: random, and relatively big.
        transferId: toHex(this.#host.random(16)),
        disposition: "attachment",
        ...(source.modified === undefined ? {} : { dates: { modification: source.modified } }),
        knowsOffset: true,
      };
      const prepared = await this.#host.prepare(
        transport,
        host,
        this.#host.setup !== "active",
      );
      this.#files.push({ index: first + at, description, source, prepared });
      choices.push({
        ...await this.#choice(prepared, transport, "sendonly", description),
        transport: transport === "tls" ? "TCP/TLS/MSRP" : "TCP/MSRP",
        setup: this.#host.setup,
      });
    }
    return choices;
  }

  /**
   * Which of our files the answer takes.
   * @param ours The offer. @param answer Its answer.
   */
  readAnswer(ours: SessionDescription, answer: SessionDescription): void {
    for (const file of this.#files) {
      const { transport } = msrpMediaOf(ours).find((it) => it.index === file.index) ?? {};
      const choice = checkMsrpAnswer(ours, answer, file.index, {
        transports: transport === undefined ? [] : [transport],
      });
      if (choice.media === undefined) {
        file.refusal = answer.media[file.index]?.port === 0
          ? "the other side does not take the file"
          : choice.refusal.warningText;
        continue;
      }
      const isOfferer = connectingSide(this.#host.setup, choice.media.setup) === "offerer";
      file.remote = { media: choice.media, role: isOfferer ? "active" : "passive" };
      file.knowsOffset = choice.media.attributes.some(({ name }) => name === "x-file-offset");
    }
  }

  /** Decides about the files of an offer; returns our half of those that are taken. */
  async answer(offer: SessionDescription, host: string): Promise<AcceptedMedium[]> {
    const accepted: AcceptedMedium[] = [];
    const offered = msrpMediaOf(offer).filter((it) => movesFile(it) && !it.isRefused);
    for (const [at, media] of offered.entries()) {
      const file: FileMedium = {
        index: media.index,
        ...await admitFile(media, at, this.#settings.reception),
      };
      if (file.sink === undefined) {
        this.#refused.push(file);
        continue;
      }
      this.#files.push(file);
      const transport = media.transport === "TCP/TLS/MSRP" ? "tls" : "tcp";
      const setup = answerSetup(media.setup, this.#host.setup === "active" ? "active" : "passive");
      file.prepared = await this.#host.prepare(transport, host, setup === "passive");
      file.remote = { media, role: setup };
      const answered = { ...answeredFile(file.description), knowsOffset: true };
      accepted.push({
        index: media.index,
        media: {
          ...await this.#choice(
            file.prepared,
            transport,
            answerDirection(media.direction, "recvonly"),
            answered,
          ),
          setup,
          maxSize: this.#limitOf(file.description),
        },
      });
    }
    return accepted;
  }

  /** Begins to receive, and lets {@link send} go on. Returns at once. */
  run(how: FileMediaRun): void {
    for (const file of this.#refused) {
      how.report(eventOf(file, "offered"));
      how.report(eventOf(file, "refused", { reason: file.refusal ?? "" }));
    }
    for (const file of this.#files) {
      how.report(eventOf(file, "offered"));
      if (file.refusal !== undefined) {
        how.report(eventOf(file, "refused", { reason: file.refusal }));
        void file.prepared?.close();
        continue;
      }
      how.report(eventOf(file, "accepted"));
      file.opening = this.#open(file, how);
      file.opening.catch(() => {}); // Told by whoever moves the file.
      if (file.sink !== undefined) file.moving = this.#receive(file, file.sink, how);
    }
    this.#opened.resolve(how);
  }

  /**
   * Sends the file that was offered as the one at `at`, and waits for its fate.
   * @throws {SottoError} `session/ended` when the call ended before.
   */
  async send(at: number): Promise<SendOutcome> {
    const how = await this.#opened.promise;
    const file = this.#files[at];
    if (file?.source === undefined) throw new RangeError(`there is no file ${at} to send`);
    if (file.remote === undefined) {
      return { status: "failed", cause: "response", reason: file.refusal ?? "" };
    }
    file.moving ??= this.#send(file, file.source, file.remote, how);
    return await file.moving;
  }

  /**
   * What an offer inside the dialog says of the file at `index` (§8.1, §8.4): goes on, or is
   * over.
   */
  readReoffer(media: MsrpMedia): "same" | "over" {
    const file = this.#files.find((it) => it.index === media.index);
    if (file === undefined || file.isOver) return "over";
    const offered = media.isRefused ? undefined : describedBy(media);
    if (offered !== undefined && judgeTransfer(file.description, offered) === "same-transfer") {
      return "same";
    }
    // Port 0 ends it; another file, or another transfer of it, is not begun on this medium.
    file.isGivenUp = true;
    this.#cancel(file);
    return "over";
  }

  /** Resolves when everything that comes in has come in, or failed. */
  async received(): Promise<void> {
    for (const { sink, moving } of this.#files) if (sink !== undefined) await moving;
  }

  /** Gives up what is on its way. Never rejects. */
  async close(): Promise<void> {
    this.#opened.reject(new SottoError("session/ended", "the session ended before the file"));
    for (const file of this.#files) this.#cancel(file);
    await Promise.all(this.#files.map(async (file) => {
      await file.prepared?.close();
      await file.moving?.catch(() => {}); // Reported before.
      await file.sink?.suspend();
      await file.source?.close();
    }));
  }

  #cancel(file: FileMedium): void {
    file.isOver = true;
    void file.session?.close();
  }

  /** §8.7: no more than was described, and no more than we take. */
  #limitOf({ selector: { size }, range }: FileDescription): number {
    const most = Math.min(size ?? Infinity, this.#settings.reception?.maxSize ?? Infinity);
    return Math.max(0, most - ((range?.start ?? 1) - 1));
  }

  async #choice(
    prepared: PreparedMsrp,
    transport: "tls" | "tcp",
    direction: MsrpMediaChoice["direction"],
    description: FileDescription,
  ): Promise<Omit<MsrpMediaChoice, "transport" | "setup">> {
    return {
      path: prepared.localPath.map((uri) => writeMsrpPath([uri])),
      acceptTypes: ["*"],
      fingerprints: await this.#host.fingerprints(transport),
      direction,
      attributes: fileAttributes(description),
    };
  }

  async #open(file: FileMedium, { timeout, signal }: FileMediaRun): Promise<MsrpSession> {
    const { prepared, remote, sink, description } = file;
    if (prepared === undefined || remote === undefined) {
      throw new Error("invariant: what was accepted is prepared; please report this");
    }
    const session = await prepared.open({
      ...openingFor(remote, prepared.localPath),
      acceptTypes: ["*"],
      allowUntrusted: this.#host.allowUntrusted,
      chunkSize: this.#host.chunkSize ??
        (isRelayed(remote, prepared.localPath) ? RELAYED_CHUNK : undefined),
      signal,
      timeoutMs: timeout,
      ...(sink === undefined ? {} : {
        streamsIncoming: true,
        maxSize: this.#limitOf(description),
        fileOffset: description.range === undefined ? sink.offset : 0,
      }),
    });
    file.session = session;
    if (file.isOver) await session.close();
    return session;
  }

  async #receive(file: FileMedium, sink: FileSink, how: FileMediaRun): Promise<SendOutcome> {
    const progress = new FileProgress(this.#host.clock, file, how.report);
    try {
      const session = await file.opening as MsrpSession;
      const base = (file.description.range?.start ?? 1) - 1;
      const path = await receiveFile(sink, { session, base, onProgress: (it) => progress.at(it) });
      file.isOver = true;
      how.report(eventOf(file, "done", { path }));
      return { status: "delivered" };
    } catch (error) {
      await sink.suspend();
      this.#closeSoon(file, how.signal);
      how.report(eventOf(file, "failed", {
        transferred: progress.transferred,
        reason: reasonOf(error),
      }));
      end(file, how);
      return { status: "failed", cause: "connection", reason: reasonOf(error) };
    }
  }

  /** The sender may read why, and then it is over, whatever the sender does. */
  #closeSoon({ session }: FileMedium, signal: AbortSignal): void {
    if (session === undefined) return;
    void delay(this.#host.clock, LAST_ANSWERS, signal).catch(() => {}).then(() => session.close());
  }

  async #send(
    file: FileMedium,
    source: FileSource,
    { media }: RemoteMedia,
    how: FileMediaRun,
  ): Promise<SendOutcome> {
    const progress = new FileProgress(this.#host.clock, file, how.report);
    let outcome: SendOutcome;
    try {
      const session = await file.opening as MsrpSession;
      outcome = outcomeOf(
        await sendFile(source, {
          session,
          media,
          knowsOffset: file.knowsOffset ?? false,
          clock: this.#host.clock,
          timeout: how.timeout,
          onProgress: (it) => progress.at(it),
        }),
      );
    } catch (error) {
      outcome = failureOf(error);
    }
    if (file.isGivenUp === true && outcome.cause === "connection") {
      const reason = "the other side does not take the file any more";
      outcome = { status: "failed", cause: "response", reason };
    }
    const { status, code, reason } = outcome;
    if (status === "delivered") {
      how.report(eventOf(file, "done", { transferred: source.size }));
    } else {
      how.report(eventOf(file, "failed", {
        transferred: progress.transferred,
        ...(code === undefined || code === 0 ? {} : { code }),
        ...(reason === undefined ? {} : { reason }),
      }));
      end(file, how);
    }
    file.isOver = true;
    return outcome;
  }
}

/** A file came to a bad end that the other side may not know of. */
function end(file: FileMedium, { onOver }: FileMediaRun): void {
  const isKnown = file.isOver === true;
  file.isOver = true;
  if (!isKnown) onOver(file.index);
}
