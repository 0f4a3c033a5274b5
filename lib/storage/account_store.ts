/**
 * The accounts of one home, added and taken away in `config.toml`. A person writes that file
 * too: only the lines of the account change, and a change that would touch more is refused.
 */
import { equalBytes, utf8 } from "../base/bytes.ts";
import { SottoError } from "../base/errors.ts";
import { Secret } from "../base/secret.ts";
import { type Account, type AccountSettings, isAccountName } from "./account.ts";
import { ACCOUNT_SETTINGS } from "./account_schema.ts";
import { writeAtomically } from "./atomic_write.ts";
import { type Config, parseConfig, readConfigText } from "./config_file.ts";
import { lockFile, type LockOptions } from "./file_lock.ts";
import { readWholeFile } from "./private_file.ts";
import { removeToml, setTomlValue, type TomlValue } from "./toml_text.ts";

/** See the module comment. */
export class AccountStore {
  /** `config.toml`. It need not exist. */
  readonly path: string;
  readonly #lock: LockOptions;

  /** @param path The file; nothing is touched yet. */
  constructor(path: string, lock: LockOptions = {}) {
    this.path = path;
    this.#lock = lock;
  }

  /**
   * Adds an account.
   *
   * @returns The account as it is read back; `undefined` when there is one of that name
   * already, and nothing was changed.
   * @throws {RangeError} when `name` is none.
   * @throws {SottoError} `storage/bad-config` when a setting, or the file, is none;
   * `storage/entangled`, `storage/unreadable`, `storage/unwritable`, `storage/lock-timeout`,
   * `storage/changing`. The file is as it was.
   */
  async add(name: string, settings: AccountSettings): Promise<Account | undefined> {
    if (!isAccountName(name)) throw new RangeError("expected the name of an account");
    let exists = false;
    const config = await this.#change((text, before) => {
      exists = before.accounts.some((it) => it.name === name);
      return exists ? text : written(text, name, settings);
    });
    return exists ? undefined : config.accounts.find((it) => it.name === name);
  }

  /**
   * Changes what `settings` say and leaves the rest of the account as it is. Throws as
   * {@link add} does.
   * @returns The account as it is read back; `undefined` when there is none of that name.
   */
  async update(name: string, settings: Partial<AccountSettings>): Promise<Account | undefined> {
    const config = await this.#change((text, before) => {
      if (!before.accounts.some((it) => it.name === name)) return text;
      let changed = text;
      // One of them at a time: the new one is the one that counts.
      if (settings.password !== undefined) changed = without(changed, name, "password-file");
      if (settings.passwordFile !== undefined) changed = without(changed, name, "password");
      return written(changed, name, settings);
    });
    return config.accounts.find((it) => it.name === name);
  }

  /**
   * Takes an account away, and with it that it was the default. Throws as {@link add} does.
   * @returns Whether there was one.
   */
  async remove(name: string): Promise<boolean> {
    let existed = false;
    await this.#change((text, before) => {
      existed = before.accounts.some((it) => it.name === name);
      if (!existed) return text;
      const changed = removeToml(text, ["accounts", name]);
      return before.defaultAccount === name ? removeToml(changed, ["default-account"]) : changed;
    });
    return existed;
  }

  /**
   * Says which account sessions use that name none; `undefined` for none. Throws as
   * {@link add} does.
   * @returns Whether there is such an account.
   */
  async setDefault(name: string | undefined): Promise<boolean> {
    let exists = true;
    await this.#change((text, before) => {
      exists = name === undefined || before.accounts.some((it) => it.name === name);
      if (!exists) return text;
      return name === undefined
        ? removeToml(text, ["default-account"])
        : setTomlValue(text, [], "default-account", name);
    });
    return exists;
  }

  /** Changes the text as it is now, under the lock; again when somebody wrote meanwhile. */
  async #change(change: (text: string, before: Config) => string): Promise<Config> {
    using _lock = await lockFile(this.path, this.#lock);
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
      const before = await readConfigText(this.path) ?? "";
      const after = this.#inThisFile(() => change(before, parseConfig(before, this.path).config));
      // What would not be read again is not written.
      const { config } = parseConfig(after, this.path);
      if (after === before) return config;
      const written = await writeAtomically(this.path, utf8(after), {
        confirm: async () =>
          equalBytes(await readWholeFile(this.path) ?? new Uint8Array(), utf8(before)),
      });
      if (written) return config;
    }
    throw new SottoError("storage/changing", `${this.path} keeps changing: nothing was written`);
  }

  #inThisFile<T>(act: () => T): T {
    try {
      return act();
    } catch (error) {
      if (!(error instanceof SottoError) || error.code !== "storage/entangled") throw error;
      throw new SottoError(error.code, `${this.path}: ${error.message}: change it by hand`, {
        cause: error,
      });
    }
  }
}

const MOST_ATTEMPTS = 20;

function written(text: string, name: string, settings: Partial<AccountSettings>): string {
  let changed = text;
  for (const [field, [key]] of Object.entries(ACCOUNT_SETTINGS)) {
    const value = settings[field as keyof AccountSettings];
    if (value === undefined) continue;
    changed = setTomlValue(changed, ["accounts", name], key, tomlOf(value));
  }
  return changed;
}

function without(text: string, name: string, key: string): string {
  return removeToml(text, ["accounts", name, key]);
}

function tomlOf(value: NonNullable<AccountSettings[keyof AccountSettings]>): TomlValue {
  if (!(value instanceof Secret)) return value;
  return value.expose((bytes) => new TextDecoder().decode(bytes));
}
