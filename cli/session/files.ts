/** The files of a session command: those to send, and where those go that others send (RFC 5547). */
import { escapeText, SottoError } from "../../lib/base/mod.ts";
import type { ConversationPlan } from "../../lib/harness/mod.ts";
import type { FileReception, FileSettings, FileSource } from "../../lib/session/mod.ts";
import { OutgoingFile, ReceivedFile, TrustStore } from "../../lib/storage/mod.ts";
import type { CommandContext } from "../command.ts";
import type { SessionFlags } from "../options/session.ts";
import { CliError, usageError } from "../output/cli_error.ts";
import { EXIT } from "../output/exit_code.ts";
import { sizeText } from "../output/size_text.ts";
import type { EncryptionPolicy } from "../../lib/session/mod.ts";

/** Octets of one file that are taken unless `--receive-max` says otherwise: 4 GiB. */
export const DEFAULT_RECEIVE_MAX: number = 4 * 2 ** 30;

/** The files of a command's sessions. */
export interface SessionFiles extends AsyncDisposable {
  readonly settings: FileSettings;
  /** Nothing but files is planned: the call offers no chat. */
  readonly filesOnly: boolean;
}

/**
 * Opens what `--send-file` names, in its order, and the folder of `--receive-dir`.
 *
 * @throws {CliError} status 2 for a file that cannot be read, or a folder that is none.
 */
export async function openFiles(
  context: CommandContext,
  flags: SessionFlags,
  plan?: ConversationPlan,
): Promise<SessionFiles> {
  const reception = flags.receiveDir === undefined
    ? undefined
    : await openReception(flags.receiveDir, flags.receiveMax ?? DEFAULT_RECEIVE_MAX);
  const outgoing: FileSource[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(outgoing.map((it) => it.close()));
  };
  try {
    for (const path of flags.sendFiles) outgoing.push(await openToSend(context, path));
  } catch (error) {
    await close();
    throw error;
  }
  return {
    settings: { outgoing, reception },
    filesOnly: outgoing.length > 0 && plan !== undefined && hasOnlyFiles(flags, plan),
    [Symbol.asyncDispose]: close,
  };
}

/**
 * Files travel outside OTR: refused where encryption is required, and to a peer whose
 * fingerprint was verified once (unless OTR is switched off knowingly).
 *
 * @throws {CliError} status 7.
 */
export async function refuseUnprotectedFiles(
  context: CommandContext,
  flags: SessionFlags,
  encryption: EncryptionPolicy,
  peer?: string,
): Promise<void> {
  if (flags.sendFiles.length === 0) return;
  if (encryption === "require") {
    throw new CliError(
      "session/unencrypted",
      EXIT.unencrypted,
      "--send-file: files are not protected by OTR, and --otr require forbids plaintext",
    );
  }
  if (encryption === "off" || peer === undefined) return;
  const trust = await TrustStore.open(context.home.trustedPeersFile);
  if (!trust.lookup(peer).some((it) => it.trust === "verified")) return;
  throw new CliError(
    "session/unencrypted",
    EXIT.unencrypted,
    `--send-file: files are not protected by OTR, and ${
      escapeText(peer)
    } has a verified fingerprint`,
    { hint: "--otr off sends plaintext knowingly" },
  );
}

async function openToSend(context: CommandContext, path: string): Promise<OutgoingFile> {
  const shown = escapeText(path, 80);
  using progress = context.printer.progress(`reading ${shown}:`);
  try {
    return await OutgoingFile.open(path, {
      signal: context.signal,
      onProgress: (hashed, size) => progress.update(`${sizeText(hashed)} of ${sizeText(size)}`),
    });
  } catch (error) {
    if (!(error instanceof SottoError) || error.code !== "storage/unreadable") throw error;
    throw usageError(`--send-file: ${escapeText(error.message)}`);
  }
}

async function openReception(folder: string, maxSize: number): Promise<FileReception> {
  const info = await Deno.stat(folder).catch(() => undefined);
  if (info?.isDirectory !== true) {
    const why = info === undefined ? "there is no such folder" : "not a folder";
    throw usageError(`--receive-dir: ${escapeText(folder)}: ${why}`);
  }
  return {
    maxSize,
    accept: ({ name, size, hashes, continuesAt }) =>
      ReceivedFile.open(folder, { name, size, hashes, continuesAt }),
  };
}

/** Whether the steps are files and nothing else wants the chat. */
function hasOnlyFiles(flags: SessionFlags, plan: ConversationPlan): boolean {
  const steps = [...plan.steps];
  return steps.length > 0 &&
    steps.every((it) => "step" in it && it.step.type === "send-file") &&
    plan.smpSecret === undefined && flags.smpAnswerFile === undefined && !plan.echo;
}
