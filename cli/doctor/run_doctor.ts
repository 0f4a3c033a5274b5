/** All checks in their order, printed as they come. */
import type { Check } from "../../lib/base/mod.ts";
import { checkListening } from "../../lib/session/mod.ts";
import { checkHome } from "../../lib/storage/mod.ts";
import type { CommandContext } from "../command.ts";
import { DEFAULT_LISTEN, type ListenFlag } from "../options/session.ts";
import { usageError } from "../output/cli_error.ts";
import { EXIT } from "../output/exit_code.ts";
import type { Printer } from "../output/printer.ts";
import { loadConfig } from "../config/config.ts";
import type { AccessFlags } from "../options/access.ts";
import { parseTarget } from "../session/addresses.ts";
import { resolveAccess } from "../session/sip_access.ts";
import { checkCall } from "./call_check.ts";
import { checkNetwork } from "./network_checks.ts";
import { checkPrograms } from "./program_checks.ts";

/** What is asked of the doctor. */
export interface DoctorRequest {
  /** Ports to look at; where `answer` listens if empty. */
  readonly listen: readonly ListenFlag[];
  /** Whose servers to look for. */
  readonly target: string | undefined;
  /** Whether to call it. */
  readonly calls: boolean;
  readonly transport: "udp" | "tcp" | "tls" | undefined;
  readonly tlsCa: string | undefined;
  readonly tlsInsecure: boolean;
  /** Milliseconds, for each question to somebody. */
  readonly timeout: number;
  readonly access: AccessFlags;
}

/** Runs the checks. The status is 1 when something fails that cannot be done without. */
export async function runDoctor(context: CommandContext, request: DoctorRequest): Promise<void> {
  const { printer, home, environment } = context;
  if (request.calls && request.target === undefined) {
    throw usageError("--call: whom? name a target");
  }
  const target = request.target === undefined ? undefined : parseTarget(request.target);
  const failed: Check[] = [];
  const tell = (checks: readonly Check[]): void => {
    for (const check of checks) printCheck(printer, check);
    failed.push(...checks.filter((it) => it.status === "failed" && it.isOptional !== true));
  };
  tell(await checkHome(home, { uid: userNumber(), now: Date.now() }));
  tell(await checkListening(addressesOf(request.listen)));
  tell(await checkPrograms(environment("PATH")));
  // Nobody is asked about anything unless a person names somebody.
  if (target !== undefined || request.access.account !== undefined) {
    const access = await resolveAccess(context, request, await loadConfig(context));
    const asked = { access, target, timeout: request.timeout, flags: request };
    for await (const check of checkNetwork(context, asked)) tell([check]);
    if (request.calls && target !== undefined) {
      for await (const check of checkCall(context, asked, target)) tell([check]);
    }
  }
  if (failed.length > 0) context.exit(EXIT.failed);
}

/** One result: a line, and for a failure what to do about it. */
export function printCheck(printer: Printer, check: Check): void {
  const { name, status, detail, hint } = check;
  printer.result("check", { name, status, detail, hint });
  const mark = { ok: "ok     ", failed: "FAILED ", skipped: "skipped" }[status];
  const colour = { ok: "green", failed: "red", skipped: "gray" } as const;
  const words = detail === undefined ? "" : `  ${detail}`;
  printer.text(`${printer.paint(colour[status], mark)} ${name.padEnd(20)}${words}`);
  if (hint !== undefined) printer.text(`        ${"".padEnd(20)}  -> ${hint}`);
}

function addressesOf(listen: readonly ListenFlag[]) {
  return (listen.length === 0 ? [DEFAULT_LISTEN] : listen).flatMap(({ host, port, transports }) =>
    transports.map((transport) => ({ host, port, transport }))
  );
}

function userNumber(): number | undefined {
  try {
    return Deno.uid() ?? undefined;
  } catch {
    return undefined; // Started without the permission: the check says that it does not know.
  }
}
