/** `sotto completions SHELL`: prints a script that asks `sotto complete` for every word. */
import type { CommandModule } from "../command.ts";

/** The command. */
export const command: CommandModule = {
  configure(command, context) {
    command
      .description("Prints the completion script for a shell.")
      .addArgument(
        command.createArgument("<shell>", "for which").choices(["bash", "zsh", "fish"] as const),
      )
      .addHelpText("after", "\nExample:\n  $ source <(sotto completions bash)")
      .action(async (shell) => {
        const { completionScript } = await import("./complete.ts");
        context.printer.raw(completionScript(shell));
      });
  },
};
