/** `sotto otr …`: work on OTR messages and transcripts. Each subcommand is loaded by its name. */
import type { CommandModule } from "../command.ts";

/** Subcommands of the contract that a later release brings. */
const LATER: Readonly<Record<string, string>> = {
  parse: "show the fields of OTR messages",
  sesskeys: "compute session keys from a private and a public key",
  mackey: "compute a MAC key from an encryption key",
  readforge: "decrypt a message and forge others like it",
  modify: "change the plaintext of a message",
  remac: "authenticate a message anew",
  decrypt: "decrypt a transcript with a key log",
};

/** The command. */
export const command: CommandModule = {
  configure(command, context) {
    command
      .description("Works on OTR messages and transcripts.")
      .addHelpText("after", "\nExample:\n  $ sotto otr peer < operations.jsonl");
    command.command("peer")
      .summary("host one OTR conversation for another program")
      .description("Hosts one OTR conversation for another program, in JSON Lines.")
      .addHelpText(
        "after",
        `
Reads one operation a line from stdin and writes events to stdout; docs/interop/otr.md
describes them. Keys are kept in otr-peer/NAME below the home.

Example:
  $ echo '{"op":"init","name":"alice","versions":"23"}' | sotto otr peer`,
      )
      .action(async () => {
        const { runOtrPeer } = await import("./otr_peer.ts");
        await runOtrPeer(context);
      });
    for (const [name, summary] of Object.entries(LATER)) {
      command.command(name, { hidden: true })
        .description(summary)
        .argument("[arguments...]")
        .allowUnknownOption()
        .helpOption(false)
        .action(() => context.unsupported(`otr ${name}`));
    }
  },
};
