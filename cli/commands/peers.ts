/** `sotto peers …`: whom we trust. */
import { escapeText } from "../../lib/base/mod.ts";
import { formatFingerprint } from "../../lib/otr/mod.ts";
import type { TrustedPeer, TrustStore } from "../../lib/storage/mod.ts";
import type { Command } from "@commander-js/extra-typings";
import type { CommandContext, CommandModule } from "../command.ts";
import { ownKey } from "../identity/own_key.ts";
import {
  fingerprintArgument,
  fingerprintArguments,
  openTrust,
  peerAddress,
  printPeers,
  warnOfLookAlikes,
} from "../identity/trusted_peers.ts";
import { CliError, usageError } from "../output/cli_error.ts";
import { EXIT } from "../output/exit_code.ts";

/** The command. */
export const command: CommandModule = {
  configure(command, context) {
    command.description("Whom you trust: fingerprints by address, with how far each is trusted.");
    configureReading(command, context);
    configureChanging(command, context);
    configureFiles(command, context);
    command.addHelpText("after", "\nExample:\n  $ sotto peers trust bob@example.com");
  },
};

function configureReading(command: Command, context: CommandContext): void {
  command.command("list")
    .description("Every fingerprint that is recorded.")
    .option("--verified", "only those that are verified")
    .addHelpText("after", "\nExample:\n  $ sotto peers list --json")
    .action(async ({ verified }) => {
      const rows = (await openTrust(context)).rows();
      printPeers(context.printer, verified ? rows.filter(isVerified) : rows);
    });
  command.command("show")
    .description("What is recorded of one peer, and which other addresses look like it.")
    .argument("<peer>", "an address such as bob@example.com")
    .addHelpText("after", "\nExample:\n  $ sotto peers show bob@example.com")
    .action(async (peer) => {
      const aor = peerAddress(peer);
      const store = await openTrust(context);
      warnOfLookAlikes(context.printer, store, aor);
      printPeers(context.printer, knownRows(store, aor));
    });
  command.command("check")
    .description("Looks for lines that cannot be used, and for what Blink of 2013 would destroy.")
    .addHelpText("after", "\nExample:\n  $ sotto peers check || sotto peers edit")
    .action(async () => {
      const { checkPeers } = await import("./peers_check.ts");
      await checkPeers(context);
    });
}

function configureChanging(command: Command, context: CommandContext): void {
  command.command("add")
    .description("Records a fingerprint, not verified unless you say so.")
    .argument("<peer>", "an address such as bob@example.com")
    .argument("<fingerprint...>", "40 hexadecimal digits, in any spelling")
    .option("--verified", "you compared it with the peer's")
    .addHelpText(
      "after",
      "\nExample:\n  $ sotto peers add bob@example.com 4AF9F2B1 DB4EE051 B2C07452 6602C0BC 0BB2CE3C",
    )
    .action(async (peer, words, { verified }) => {
      const fingerprint = fingerprintArgument(words.join(" "));
      const aor = peerAddress(peer);
      const store = await openTrust(context);
      warnOfLookAlikes(context.printer, store, aor);
      if (verified) await store.verify(aor, fingerprint);
      else await store.learn(aor, fingerprint);
      printPeers(context.printer, rowsOf(store, aor, fingerprint));
    });
  command.command("trust")
    .description("Marks a fingerprint as verified, after you compared it by voice.")
    .argument("<peer>", "an address such as bob@example.com")
    .argument("[fingerprint...]", "which one, if several are known or it is new")
    .option("--yes", "you compared them already: do not ask")
    .addHelpText("after", "\nExample:\n  $ sotto peers trust bob@example.com")
    .action((peer, words, { yes }) => trustPeer(context, peer, words, yes === true));
  command.command("untrust")
    .description("Takes verification away; the fingerprint stays known.")
    .argument("<peer>", "an address such as bob@example.com")
    .argument("[fingerprint...]", "which one; every one if left out")
    .addHelpText("after", "\nExample:\n  $ sotto peers untrust bob@example.com")
    .action((peer, words) => untrustPeer(context, peer, words));
  command.command("remove")
    .description("Forgets a fingerprint, or everything about a peer.")
    .argument("<peer>", "an address such as bob@example.com")
    .argument("[fingerprint...]", "which one; every one if left out")
    .addHelpText("after", "\nExample:\n  $ sotto peers remove bob@example.com")
    .action((peer, words) => removePeer(context, peer, words));
}

function configureFiles(command: Command, context: CommandContext): void {
  command.command("import")
    .description("Adds what a file of Blink, sipsimple, libotr or of peers list --json says.")
    .argument("<file>", "the file, - for stdin")
    .option("--peer <address>", "whose fingerprints they are, where the file does not say")
    .option("--dry-run", "only show what would be added")
    .addHelpText("after", "\nExample:\n  $ sotto peers import ~/.purple/otr.fingerprints")
    .action(async (file, options) => {
      const { importPeers } = await import("./peers_transfer.ts");
      await importPeers(context, file, options);
    });
  command.command("export")
    .description("Writes what is recorded for another program, to stdout or a file.")
    .argument("[file]", "the file, - for stdout", "-")
    .addOption(
      command.createOption("--format <format>", "whose format")
        .choices(["blink", "libotr", "json"] as const).default("blink" as const),
    )
    .option("--account <name>", "your account's name in a libotr file")
    .option("--protocol <name>", "its protocol in a libotr file", "prpl-jabber")
    .option("--force", "replace a file that is there")
    .addHelpText("after", "\nExample:\n  $ sotto peers export trusted_peers --format blink")
    .action(async (file, options) => {
      const { exportPeers } = await import("./peers_transfer.ts");
      await exportPeers(context, file, options);
    });
  command.command("edit")
    .description("Opens a copy in $VISUAL or $EDITOR, checks it, and applies it at once.")
    .addHelpText("after", "\nExample:\n  $ EDITOR=nano sotto peers edit")
    .action(async () => {
      const { editPeers } = await import("./peers_edit.ts");
      await editPeers(context);
    });
}

async function trustPeer(
  context: CommandContext,
  peer: string,
  words: readonly string[],
  yes: boolean,
): Promise<void> {
  const { printer, prompt } = context;
  const aor = peerAddress(peer);
  const named = fingerprintArguments(words);
  const store = await openTrust(context);
  warnOfLookAlikes(printer, store, aor);
  const fingerprint = named ?? onlyFingerprint(store.lookup(aor), aor);
  if (!yes) {
    // Without a terminal the question is refused before a key is made for it.
    const ours = prompt.available ? (await ownKey(context)).key.fingerprint : "";
    const question = [
      `Read both aloud, over a channel where you know the voice of ${escapeText(aor)}:`,
      `  yours   ${formatFingerprint(ours)}`,
      `  theirs  ${formatFingerprint(fingerprint)}`,
      "Are both the same at both ends?",
    ].join("\r\n");
    if (!await prompt.confirm(question, { flag: "--yes" })) {
      throw new CliError("cli/declined", EXIT.failed, "nothing was changed");
    }
  }
  await store.verify(aor, fingerprint);
  printPeers(printer, rowsOf(store, aor, fingerprint));
}

function onlyFingerprint(known: readonly TrustedPeer[], aor: string): string {
  const [first, second] = known;
  if (first === undefined) throw unknownPeer(aor, "pass the fingerprint that the peer told you");
  if (second === undefined) return first.fingerprint;
  const all = known.map(({ fingerprint }) => formatFingerprint(fingerprint)).join(", ");
  throw usageError(
    `${escapeText(aor)} has several fingerprints: ${all}`,
    "pass the one that you compared",
  );
}

async function untrustPeer(
  context: CommandContext,
  peer: string,
  words: readonly string[],
): Promise<void> {
  const aor = peerAddress(peer);
  const named = fingerprintArguments(words);
  const store = await openTrust(context);
  const rows = knownRows(store, aor, named);
  for (const { fingerprint } of rows) await store.unverify(aor, fingerprint);
  printPeers(context.printer, knownRows(store, aor, named));
}

async function removePeer(
  context: CommandContext,
  peer: string,
  words: readonly string[],
): Promise<void> {
  const { printer } = context;
  const aor = peerAddress(peer);
  const named = fingerprintArguments(words);
  const store = await openTrust(context);
  const rows = knownRows(store, aor, named);
  await store.remove(aor, named);
  for (const { fingerprint, trust } of rows) {
    printer.result("removed", { peer: aor, fingerprint, trust });
    printer.text(`removed ${escapeText(aor)}  ${formatFingerprint(fingerprint)}`);
  }
}

function isVerified({ trust }: TrustedPeer): boolean {
  return trust === "verified";
}

function rowsOf(store: TrustStore, aor: string, fingerprint?: string): TrustedPeer[] {
  return store.lookup(aor).filter((row) =>
    fingerprint === undefined || row.fingerprint === fingerprint
  );
}

function knownRows(store: TrustStore, aor: string, fingerprint?: string): TrustedPeer[] {
  const rows = rowsOf(store, aor, fingerprint);
  if (rows.length === 0) throw unknownPeer(aor);
  return rows;
}

function unknownPeer(aor: string, hint?: string): CliError {
  return new CliError(
    "cli/unknown-peer",
    EXIT.failed,
    `no such fingerprint of ${escapeText(aor)} is known`,
    { hint },
  );
}
