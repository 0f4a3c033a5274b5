/** `sotto peers check`: what in `trusted_peers` needs a person. */
import { blinkHazards, parseTrustedPeers, TrustStore } from "../../lib/storage/mod.ts";
import type { CommandContext } from "../command.ts";
import { describeWarning } from "../identity/trusted_peers.ts";
import { EXIT } from "../output/exit_code.ts";

/** Reports each line at fault; status 1 when there is one that we cannot use as it stands. */
export async function checkPeers(context: CommandContext): Promise<void> {
  const { home, printer } = context;
  const path = home.trustedPeersFile;
  const store = await TrustStore.open(path);
  const hazards = blinkHazards(parseTrustedPeers(store.bytes));
  for (const warning of store.warnings) {
    printer.result("problem", { kind: "malformed", ...warning });
    printer.warning(describeWarning(warning));
  }
  for (const { line, message } of hazards) {
    printer.result("problem", { kind: "blink-2013", path, line, message });
    printer.warning(describeWarning({ path, line, message }));
  }
  const { length: rows } = store.rows();
  const { length: faults } = store.warnings;
  printer.text(
    `${path}: ${count(rows, "row")}, ${count(faults, "line")} at fault, ` +
      `${count(hazards.length, "warning")} about Blink of 2013`,
  );
  if (faults > 0) context.exit(EXIT.failed);
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
