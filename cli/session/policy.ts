/** Which policy holds for a session: flags may tighten what the configuration says, not loosen it. */
import type { EncryptionPolicy, TrustLevel } from "../../lib/session/mod.ts";
import type { CommandContext } from "../command.ts";
import { loadConfig } from "../config/config.ts";
import type { SessionFlags } from "../options/session.ts";
import { usageError } from "../output/cli_error.ts";

/** The policy of a session. */
export interface SessionPolicy {
  readonly encryption: EncryptionPolicy;
  readonly trust: TrustLevel;
  readonly versions: readonly (2 | 3)[];
}

/** From loose to tight. */
const ENCRYPTION: readonly EncryptionPolicy[] = ["off", "accept", "prefer", "require"];
const TRUST: readonly TrustLevel[] = ["any", "known", "verified"];

/**
 * Flags, then `config.toml`, then `--otr prefer --trust known`.
 *
 * @throws {CliError} status 2 when a flag loosens the configuration without `--override-contact`.
 */
export async function resolvePolicy(
  context: CommandContext,
  flags: SessionFlags,
): Promise<SessionPolicy> {
  const config = await loadConfig(context);
  const loosens = <T>(order: readonly T[], flag: T | undefined, said: T | undefined): boolean =>
    flag !== undefined && said !== undefined && order.indexOf(flag) < order.indexOf(said);
  if (!flags.overrideContact) {
    if (loosens(ENCRYPTION, flags.otr, config.otr.policy)) {
      throw usageError(
        `--otr ${flags.otr} loosens what ${context.home.configFile} says (${config.otr.policy})`,
        "--override-contact says that you mean it",
      );
    }
    if (loosens(TRUST, flags.trust, config.trust.level)) {
      throw usageError(
        `--trust ${flags.trust} loosens what ${context.home.configFile} says (${config.trust.level})`,
        "--override-contact says that you mean it",
      );
    }
  }
  return {
    encryption: flags.otr ?? config.otr.policy ?? "prefer",
    trust: flags.trust ?? config.trust.level ?? "known",
    versions: flags.otrVersions ?? config.otr.versions ?? [3, 2],
  };
}
