/** `sotto call`: one session for scripts. */
import type { CommandModule } from "../command.ts";
import { SessionOptions } from "../options/session.ts";
import { parseTarget } from "../session/addresses.ts";
import { CallRoom } from "../session/call_room.ts";
import { openFiles, refuseUnprotectedFiles } from "../session/files.ts";
import { throwUnlessDone } from "../session/outcome.ts";
import { ownAnswer, planFor } from "../session/plan.ts";
import { resolvePolicy } from "../session/policy.ts";

export const command: CommandModule = {
  configure(command, context) {
    const typed = command.argument("<target>", "a SIP URI, or user@domain")
      .argument("[input]", "- to send each line of stdin");
    const options = new SessionOptions(typed, context, "call");
    typed.addHelpText(
      "after",
      "\nExample:\n  $ sotto call sip:bob@192.0.2.7 --otr require --send hello --expect hello",
    );
    typed.action(async (target, input) => {
      const flags = options.read();
      const party = parseTarget(target);
      const plan = await planFor(context, flags, "call", input);
      const { encryption } = await resolvePolicy(context, flags);
      await refuseUnprotectedFiles(context, flags, encryption, party.aor);
      await using files = await openFiles(context, flags, plan);
      const answer = ownAnswer(flags, plan);
      await using room = await CallRoom.open(context, flags, "call", answer, files);
      const result = await room.call(party, plan);
      throwUnlessDone(result.result, result.blocked);
    });
  },
};
