/** `sotto register`: an account at its registrar, and what the registrar says. */
import type { CommandModule } from "../command.ts";
import { declareAccess, readAccess } from "../options/access.ts";

/** The command. */
export const command: CommandModule = {
  configure(command, context) {
    const typed = command
      .description("Registers an account, shows what the registrar says, and takes it back.")
      .argument("[account]", "its name or address; the default one if left out")
      .option("--keep", "stay registered until stopped")
      .option("--no-unregister", "leave the registration to run out by itself")
      .option("--from <aor>", "the address, without an account")
      .option("--expires <seconds>", "how long to ask for (default: 600)")
      .option("--transport <udp|tcp|tls>", "how SIP travels")
      .option("--listen <host:port>", "where SIP is received")
      .option("--tls-cert <file>", "our certificate (PEM)")
      .option("--tls-key <file>", "its key")
      .option("--tls-ca <file>", "authorities to trust")
      .option("--tls-insecure", "take any certificate of the server")
      .option("--tls-fingerprint <sha-256>", "take only this certificate")
      .option("--timeout <time>", "wait so long for the registrar (default: 20s)")
      .option("--trace <file>", "record what goes over the wire (.pcapng or .jsonl)");
    declareAccess(typed, "register");
    typed.addHelpText("after", "\nExample:\n  $ sotto register work --keep --json");
    typed.action(async (account) => {
      const { runRegister } = await import("../session/run_register.ts");
      const said = typed.opts() as Record<string, unknown>;
      const access = readAccess(
        account === undefined ? said : { ...said, account },
        context.environment,
      );
      await runRegister(context, access, said);
    });
  },
};
