/** `sotto lab`: a network to try everything in, on this machine, until it is stopped. */
import { escapeText, SottoError, utf8 } from "../../lib/base/mod.ts";
import { type BotActivity, Lab, type LabUser, parseLabUsers } from "../../lib/lab/mod.ts";
import { platformRandom, SystemClock } from "../../lib/session/mod.ts";
import { KeyStore } from "../../lib/storage/mod.ts";
import {
  type Certificate,
  certificateFingerprint,
  makeSelfSignedCertificate,
} from "../../lib/transport/mod.ts";
import type { CommandContext, CommandModule } from "../command.ts";
import { generateKey } from "../identity/own_key.ts";
import { labGuide } from "../lab/guide.ts";
import { declareLabOptions, isLoopback, type LabFlags, readLabFlags } from "../lab/options.ts";
import { readInputFile } from "../options/input_file.ts";
import { usageError } from "../output/cli_error.ts";
import { readSecret } from "../options/secret.ts";
import { VERSION } from "../version.ts";

/** The command. */
export const command: CommandModule = {
  configure(command, context) {
    command.description(
      "A network to try everything in, on this machine, with peers that answer. Until stopped.",
    );
    declareLabOptions(command);
    command.addHelpText("after", "\nExample:\n  $ sotto lab --listen 127.0.0.1:5080");
    command.action(async (said) => {
      const flags = readLabFlags(said);
      const hosts = new Set([...flags.listen, ...flags.listenTls].map((it) => it.host));
      for (const host of hosts) {
        if (isLoopback(host)) continue;
        context.printer.warning(
          `whoever reaches ${escapeText(host)} can use this lab: it is made for one machine`,
        );
      }
      await run(context, flags);
    });
  },
};

async function run(context: CommandContext, flags: LabFlags): Promise<void> {
  const { printer, signal } = context;
  const certificate = await certificateOf(flags);
  const { smpSecretFile } = flags;
  // The same key at every start: whoever met the echo before need not be alarmed.
  const { key } = await new KeyStore(context.home.labKeyFile)
    .loadOrCreate(() => generateKey(context));
  const users = await usersOf(flags);
  await using lab = await Lab.open({
    listen: flags.listen,
    listenTls: flags.listenTls,
    clock: new SystemClock(),
    random: platformRandom,
    userAgent: `sotto/${VERSION}`,
    certificate,
    key,
    users,
    ...(flags.domain === undefined ? {} : { domain: flags.domain }),
    ...(flags.fault === undefined ? {} : { fault: flags.fault }),
    ...(flags.digest === undefined ? {} : { server: { algorithms: flags.digest } }),
    allowsInsecureRelay: flags.relayInsecure,
    smpSecret: smpSecretFile === undefined
      ? utf8(flags.smpSecret)
      : await readSecret("--smp-secret-file", smpSecretFile),
    onActivity: (activity) => tell(context, activity),
  });
  const stopped = new Promise<void>((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
    if (signal.aborted) resolve();
  });
  const tlsFingerprint = await certificateFingerprint(certificate.certPem);
  printer.event("listening", {
    uris: lab.sip,
    sip: lab.sip,
    msrp: lab.msrp,
    bots: lab.bots,
    domain: lab.domain,
    users: users.map((it) => it.name),
    tlsFingerprint,
  });
  const smpSecret = smpSecretFile === undefined ? flags.smpSecret : undefined;
  for (
    const line of labGuide(lab, {
      smpSecret,
      tlsFingerprint,
      users: users.map((it) => it.name),
    })
  ) printer.text(line);
  printer.note("the lab is open; Ctrl-C closes it");
  await stopped;
}

function tell({ printer }: CommandContext, { bot, what, peer, reason }: BotActivity): void {
  printer.event("bot", { bot, what, peer, reason });
  const why = reason === undefined ? "" : ` (${escapeText(reason)})`;
  printer.note(`${bot}: ${escapeText(peer)} ${what}${why}`);
}

/** @throws {CliError} status 2 for a file that cannot be read or is none. */
async function usersOf({ users, usersFile }: LabFlags): Promise<readonly LabUser[]> {
  if (usersFile === undefined) return users;
  const text = new TextDecoder().decode(await readInputFile(usersFile));
  try {
    return [...parseLabUsers(text, usersFile), ...users];
  } catch (error) {
    if (error instanceof SottoError) throw usageError(error.message);
    throw error;
  }
}

async function certificateOf({ tlsCert, tlsKey }: LabFlags): Promise<Certificate> {
  if (tlsCert === undefined || tlsKey === undefined) {
    return await makeSelfSignedCertificate({
      commonName: "sotto lab",
      names: ["localhost", "127.0.0.1", "::1"],
    });
  }
  const text = async (file: string) => new TextDecoder().decode(await readInputFile(file));
  return { certPem: await text(tlsCert), keyPem: await text(tlsKey) };
}
