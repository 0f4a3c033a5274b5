/** `config.toml` as commands see it: read once, with its warnings. */
import { type Config, loadConfig as loadConfigFile } from "../../lib/storage/mod.ts";
import type { CommandContext } from "../command.ts";

/**
 * The configuration; what it does not say is `undefined`. Warns of settings that are unknown.
 * @throws {SottoError} `storage/bad-config` and `storage/unreadable`, status 8.
 */
export async function loadConfig(
  { home, printer }: Pick<CommandContext, "home" | "printer">,
): Promise<Config> {
  const { config, warnings } = await loadConfigFile(home.configFile);
  for (const warning of warnings) printer.warning(warning);
  return config;
}
