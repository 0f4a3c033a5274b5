/** `sotto answer`: the other end, waiting for calls. */
import type { CommandModule } from "../command.ts";
import { SessionOptions } from "../options/session.ts";
import { usageError } from "../output/cli_error.ts";
import { CallRoom } from "../session/call_room.ts";
import { openFiles } from "../session/files.ts";
import { throwUnlessDone } from "../session/outcome.ts";
import { ownAnswer, planFor } from "../session/plan.ts";

export const command: CommandModule = {
  configure(command, context) {
    const typed = command.argument("[input]", "- to send each line of stdin");
    const options = new SessionOptions(typed, context, "answer");
    typed.addHelpText(
      "after",
      "\nExample:\n  $ sotto answer --listen 127.0.0.1:5071 --echo --smp-answer-file s.txt --json",
    );
    typed.action(async (input) => {
      const flags = options.read();
      if (flags.once && flags.count !== undefined) {
        throw usageError("--once is --count 1: give one of them");
      }
      const calls = flags.once ? 1 : flags.count;
      if (input !== undefined && calls !== 1) {
        throw usageError("- sends stdin to one caller: it needs --once");
      }
      const plan = await planFor(context, flags, "answer", input);
      await using files = await openFiles(context, flags);
      const answer = ownAnswer(flags, plan);
      await using room = await CallRoom.open(context, flags, "answer", answer, files);
      // The first call that did not go as expected gives the status.
      let failure: unknown;
      for await (const { result, blocked } of room.answer(plan, calls)) {
        try {
          throwUnlessDone(result, blocked);
        } catch (error) {
          failure ??= error;
          if (calls !== 1) room.report(error);
        }
      }
      if (failure !== undefined && calls !== undefined) throw failure;
    });
  },
};
