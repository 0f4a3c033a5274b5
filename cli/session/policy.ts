/** Which policy holds for a session: flags may tighten what the configuration says, not loosen it. */
import type { EncryptionPolicy, TrustLevel } from "../../lib/session/mod.ts";
import type { Account } from "../../lib/storage/mod.ts";
import type { CommandContext } from "../command.ts";
import { loadConfig } from "../config/config.ts";
import type { SessionFlags } from "../options/session.ts";
import { usageError } from "../output/cli_error.ts";
import { chooseAccount } from "./sip_access.ts";

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
 * Flags, then the tighter of the account and what holds for all in `config.toml`, then
 * `--otr prefer --trust known`.
 *
 * @throws {CliError} status 2 when a flag loosens the configuration without `--override-contact`.
 */
export async function resolvePolicy(
  context: CommandContext,
  flags: SessionFlags,
): Promise<SessionPolicy> {
  const config = await loadConfig(context);
  const account: Partial<Account> = chooseAccount(flags, config) ?? {};
  const encryption = tighter(ENCRYPTION, account.otr, config.otr.policy);
  const trust = tighter(TRUST, account.trust, config.trust.level);
  if (!flags.overrideContact) {
    const file = context.home.configFile;
    refuseLoosening("--otr", ENCRYPTION, flags.otr, encryption, file);
    refuseLoosening("--trust", TRUST, flags.trust, trust, file);
  }
  return {
    encryption: flags.otr ?? encryption ?? "prefer",
    trust: flags.trust ?? trust ?? "known",
    versions: flags.otrVersions ?? account.otrVersions ?? config.otr.versions ?? [3, 2],
  };
}

function tighter<T>(order: readonly T[], ...said: readonly (T | undefined)[]): T | undefined {
  return order.findLast((it) => said.includes(it));
}

function refuseLoosening<T extends string>(
  name: string,
  order: readonly T[],
  flag: T | undefined,
  said: T | undefined,
  file: string,
): void {
  if (flag === undefined || said === undefined || order.indexOf(flag) >= order.indexOf(said)) {
    return;
  }
  throw usageError(
    `${name} ${flag} loosens what ${file} says (${said})`,
    "--override-contact says that you mean it",
  );
}
