/** `sotto account …`: SIP accounts, kept in `config.toml`. */
import type { Command } from "@commander-js/extra-typings";
import type { CommandContext, CommandModule } from "../command.ts";

/** The command. */
export const command: CommandModule = {
  configure(command, context) {
    command.description("SIP accounts: addresses, credentials, proxies, relays.");
    configureAdd(command, context);
    command.command("list")
      .description("Every account, the default one marked.")
      .addHelpText("after", "\nExample:\n  $ sotto account list --json")
      .action(async () => {
        const { listAccounts } = await import("../accounts/show_accounts.ts");
        await listAccounts(context);
      });
    command.command("show")
      .description("What an account says; of a password only whether there is one.")
      .argument("[name]", "the account; the default one if left out")
      .addHelpText("after", "\nExample:\n  $ sotto account show work")
      .action(async (name) => {
        const { showAccount } = await import("../accounts/show_accounts.ts");
        await showAccount(context, name);
      });
    command.command("remove")
      .description("Forgets an account and its password. Comments in the file stay.")
      .argument("<name>", "the account")
      .addHelpText("after", "\nExample:\n  $ sotto account remove work")
      .action(async (name) => {
        const { removeAccount } = await import("../accounts/change_accounts.ts");
        await removeAccount(context, name);
      });
    command.command("default")
      .description("Which account sessions use that name none; without a name, none.")
      .argument("[name]", "the account")
      .addHelpText("after", "\nExample:\n  $ sotto account default work")
      .action(async (name) => {
        const { chooseDefault } = await import("../accounts/change_accounts.ts");
        await chooseDefault(context, name);
      });
    command.addHelpText(
      "after",
      "\nExample:\n  $ sotto account add work alice@example.com --register --default",
    );
  },
};

function configureAdd(command: Command, context: CommandContext): void {
  command.command("add")
    .description("Adds an account. The password is asked for, or read from a file.")
    .argument("<name>", "how you call it: for --account")
    .argument("<address>", "the SIP address: alice@example.com")
    .option("--display-name <name>", "shown to the other side")
    .option("--auth-user <user>", "user name of the digest (default: that of the address)")
    .option("--password-file <file>", "the password; it is copied")
    .addOption(
      command.createOption("--password <text>", "the password itself (others can read it: warns)"),
    )
    .option("--digest-min <hash>", "least digest: md5, sha-256, sha-512-256")
    .option("--proxy <uri>", "outbound proxy")
    .option("--transport <udp|tcp|tls>", "how SIP travels")
    .option("--register", "sessions register while they run")
    .option("--expires <seconds>", "how long a registration is asked for")
    .option("--relay <host[:port]>", "MSRP relay; or auto (by DNS), none")
    .option("--relay-insecure", "log in at the relay without TLS")
    .option("--msrp <tls|tcp>", "how MSRP travels")
    .option("--setup <role>", "who connects: active, passive, actpass")
    .option("--tls-cert <file>", "our certificate (PEM)")
    .option("--tls-key <file>", "its key")
    .option("--tls-ca <file>", "authorities to trust")
    .option("--otr <policy>", "require, prefer, accept or off")
    .option("--otr-versions <list>", "OTR versions offered and accepted")
    .option("--trust <level>", "least trust to send on: verified, known, any")
    .option("--default", "sessions that name no account use this one")
    .option("--replace", "change what is given in an account that is there")
    .addHelpText(
      "after",
      "\nExample:\n  $ sotto account add work alice@example.com --password-file <(pass sip)",
    )
    .action(async (name, address, options) => {
      const { addAccount } = await import("../accounts/change_accounts.ts");
      await addAccount(context, name, address, options);
    });
}
