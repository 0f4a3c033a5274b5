/** Not built yet: ends with 127. */
import type { CommandModule } from "../command.ts";

export const command: CommandModule = {
  configure(command, context) {
    command.argument("[arguments...]").allowUnknownOption().action(() =>
      context.unsupported("the command peers")
    );
  },
};
