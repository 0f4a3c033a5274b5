/** `sotto doctor`: what works, what does not, and what to do about it. */
import type { CommandModule } from "../command.ts";
import { declareAccess, readAccess } from "../options/access.ts";
import { choice } from "../options/checks.ts";
import { duration, parseListen } from "../options/session.ts";
import type { DoctorRequest } from "../doctor/run_doctor.ts";

/** The command. */
export const command: CommandModule = {
  configure(command, context) {
    const typed = command
      .description("Checks what sotto needs, and says what to do about what is wrong.")
      .argument("[target]", "whose servers to look for; without it and --account, nobody is asked")
      .option("--call", "call the target, send one message, and tell where it hangs")
      .option("--transport <udp|tcp|tls>", "how SIP travels")
      .addOption(
        command.createOption("--listen <host:port>", "ports that should be free").argParser(
          (value: string, all: string[] | undefined) => [...(all ?? []), value],
        ),
      )
      .option("--tls-ca <file>", "authorities to trust")
      .option("--tls-insecure", "take any certificate")
      .option("--timeout <time>", "wait so long for each answer (default: 10s)");
    declareAccess(typed, "doctor");
    typed.addHelpText("after", "\nExample:\n  $ sotto doctor --account work --verbose");
    typed.action(async (target) => {
      const { runDoctor } = await import("../doctor/run_doctor.ts");
      const said = typed.opts() as Record<string, unknown>;
      await runDoctor(context, {
        ...readDoctor(said, target),
        access: readAccess(said, context.environment),
      });
    });
  },
};

function readDoctor(
  said: Readonly<Record<string, unknown>>,
  target: string | undefined,
): Omit<DoctorRequest, "access"> {
  const text = (name: string): string | undefined => said[name] as string | undefined;
  return {
    target,
    calls: said["call"] === true,
    listen: (said["listen"] as string[] | undefined ?? []).map(parseListen),
    transport: choice("--transport", text("transport"), ["udp", "tcp", "tls"]),
    tlsCa: text("tlsCa"),
    tlsInsecure: said["tlsInsecure"] === true,
    timeout: duration("--timeout", text("timeout") ?? "10s"),
  };
}
