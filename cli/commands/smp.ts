/** `sotto smp`: verifies a peer with a shared secret; success is saved as trust. */
import type { CommandModule } from "../command.ts";
import { SessionOptions } from "../options/session.ts";
import { usageError } from "../output/cli_error.ts";
import { parseTarget } from "../session/addresses.ts";
import { CallRoom } from "../session/call_room.ts";
import { throwUnlessDone } from "../session/outcome.ts";
import { ownAnswer, planFor } from "../session/plan.ts";

export const command: CommandModule = {
  configure(command, context) {
    const typed = command.argument("<target>", "a SIP URI, or user@domain");
    const options = new SessionOptions(typed, context, "smp");
    typed.addHelpText(
      "after",
      "\nExample:\n  $ sotto smp sip:bob@192.0.2.7 --secret-file s.txt --question 'where did we meet?'",
    );
    typed.action(async (target) => {
      const flags = options.read();
      if (flags.otr === "off") {
        throw usageError("--otr off: without OTR there is nothing to verify");
      }
      const party = parseTarget(target);
      const plan = await planFor(context, flags, "smp", undefined);
      await using room = await CallRoom.open(
        context,
        { ...flags, otr: "require" },
        "smp",
        ownAnswer(flags, plan),
      );
      const result = await room.call(party, plan);
      throwUnlessDone(result.result, result.blocked);
    });
  },
};
