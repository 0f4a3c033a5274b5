/** `sotto fingerprint [PEER]`: what is read aloud to verify each other. */
import { escapeText } from "../../lib/base/mod.ts";
import { formatFingerprint } from "../../lib/otr/keys/mod.ts";
import type { TrustedPeer } from "../../lib/storage/mod.ts";
import type { CommandContext, CommandModule } from "../command.ts";
import { showOwnFingerprint } from "../identity/own_fingerprint.ts";
import {
  describeTrust,
  openTrust,
  peerAddress,
  warnOfLookAlikes,
} from "../identity/trusted_peers.ts";
import { CliError, usageError } from "../output/cli_error.ts";
import { EXIT } from "../output/exit_code.ts";

/** The command. */
export const command: CommandModule = {
  configure(command, context) {
    command
      .description("Shows your fingerprint, or every known one of a peer with its trust.")
      .argument("[peer]", "whose: an address such as bob@example.com")
      .option("--all", "yours, and those of every peer")
      .addHelpText("after", "\nExample:\n  $ sotto fingerprint bob@example.com")
      .action(async (peer, { all }) => {
        if (peer !== undefined && all) {
          throw usageError("--all shows every peer: leave out the peer or --all");
        }
        if (peer === undefined) await showOwnFingerprint(context, all === true);
        if (all) await showAll(context);
        if (peer !== undefined) await showPeer(context, peerAddress(peer));
      });
  },
};

async function showAll(context: CommandContext): Promise<void> {
  for (const row of (await openTrust(context)).rows()) {
    printResult(context, row);
    context.printer.text(`${escapeText(row.aor)}  ${describeRow(context, row)}`);
  }
}

async function showPeer(context: CommandContext, aor: string): Promise<void> {
  const store = await openTrust(context);
  warnOfLookAlikes(context.printer, store, aor);
  const rows = store.lookup(aor);
  if (rows.length === 0) {
    throw new CliError(
      "cli/unknown-peer",
      EXIT.failed,
      `no fingerprint of ${escapeText(aor)} is known`,
    );
  }
  for (const row of rows) {
    printResult(context, row);
    context.printer.text(describeRow(context, row));
  }
}

function printResult({ printer }: CommandContext, row: TrustedPeer): void {
  const { aor: owner, fingerprint, trust, how, line } = row;
  printer.result("fingerprint", { owner, fingerprint, trust, how, line });
}

function describeRow({ printer }: CommandContext, row: TrustedPeer): string {
  return `${formatFingerprint(row.fingerprint)}  ${describeTrust(printer, row)}`;
}
