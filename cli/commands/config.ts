/** `sotto config path`: where everything lies. The rest comes with accounts. */
import type { CommandModule } from "../command.ts";

/** The command. */
export const command: CommandModule = {
  configure(command, context) {
    command.description("Shows where the configuration and everything else of yours lives.");
    command.command("path")
      .description("Prints the paths of the home folder and of every file in it.")
      .addHelpText("after", "\nExample:\n  $ sotto config path --json")
      .action(() => {
        const { home } = context;
        const paths = {
          home: home.path,
          config: home.configFile,
          privateKey: home.privateKeyFile,
          trustedPeers: home.trustedPeersFile,
          smpVerified: home.smpVerifiedFile,
          instanceTags: home.instanceTagsFile,
          smpFailures: home.smpFailuresFile,
          tlsCertificate: home.tlsCertificateFile,
          tlsKey: home.tlsKeyFile,
          contacts: home.contactsFile,
          history: home.historyFile,
        };
        context.printer.result("paths", { ...paths, source: context.homeSource });
        for (const [name, path] of Object.entries(paths)) {
          context.printer.text(`${name.padEnd(16)}${path}`);
        }
      });
    for (const name of ["show", "get", "set", "edit"]) {
      command.command(name, { hidden: true })
        .argument("[arguments...]")
        .allowUnknownOption()
        .helpOption(false)
        .action(() => context.unsupported(`the command config ${name}`));
    }
    command.addHelpText("after", "\nExample:\n  $ sotto config path");
  },
};
