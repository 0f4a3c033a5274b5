/** `sotto doctor`: what works, what does not, and what to do about it. */
import { parseListen } from "../options/session.ts";
import type { CommandModule } from "../command.ts";

/** The command. */
export const command: CommandModule = {
  configure(command, context) {
    command
      .description("Checks what sotto needs, and says what to do about what is wrong.")
      .addOption(
        command.createOption("--listen <host:port>", "ports that should be free").argParser(
          (value: string, all: string[] | undefined) => [...(all ?? []), value],
        ),
      )
      .addHelpText("after", "\nExample:\n  $ sotto doctor --json")
      .action(async ({ listen }) => {
        const { runDoctor } = await import("../doctor/run_doctor.ts");
        await runDoctor(context, {
          listen: (listen as string[] | undefined ?? []).map(parseListen),
        });
      });
  },
};
