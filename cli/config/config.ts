/** `config.toml` as commands see it: read once, with its warnings. */
import { type Config, exposureOf, loadConfig as loadConfigFile } from "../../lib/storage/mod.ts";
import type { CommandContext } from "../command.ts";

/** What of the context is needed. */
export type ConfigContext = Pick<CommandContext, "home" | "printer">;

/** The same for everybody who asks in one run. */
const loaded = new WeakMap<ConfigContext, Promise<Config>>();

/**
 * The configuration; what it does not say is `undefined`. Warns of settings that are unknown,
 * and of a password that others can read.
 * @throws {SottoError} `storage/bad-config` and `storage/unreadable`, status 8.
 */
export function loadConfig(context: ConfigContext): Promise<Config> {
  const config = loaded.get(context) ?? load(context);
  loaded.set(context, config);
  return config;
}

async function load({ home, printer }: ConfigContext): Promise<Config> {
  const path = home.configFile;
  const { config, warnings } = await loadConfigFile(path);
  for (const warning of warnings) printer.warning(warning);
  if (config.accounts.some(({ password }) => password !== undefined)) {
    const exposure = await exposureOf(path);
    if (exposure !== undefined) printer.warning(`${path} has a password: ${exposure}`);
  }
  return config;
}
