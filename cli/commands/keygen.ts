/** `sotto keygen`: makes, replaces, imports and exports our key. */
import { escapeText } from "../../lib/base/mod.ts";
import { type DsaPrivateKey, formatFingerprint } from "../../lib/otr/mod.ts";
import { exportKey, type ImportedKeys, importKeys, type KeyFormat } from "../../lib/storage/mod.ts";
import type { CommandContext, CommandModule } from "../command.ts";
import { generateKey, ownKey, ownKeyStore } from "../identity/own_key.ts";
import { readInputFile } from "../options/input_file.ts";
import { writeOutputFile } from "../options/output_file.ts";
import { CliError, usageError } from "../output/cli_error.ts";
import { EXIT } from "../output/exit_code.ts";

interface KeygenOptions {
  readonly regenerate?: true | undefined;
  readonly yes?: true | undefined;
  readonly import?: string | undefined;
  readonly export?: string | undefined;
  readonly format?: string | undefined;
  readonly account?: string | undefined;
  readonly protocol?: string | undefined;
  readonly force?: true | undefined;
}

/** The command. */
export const command: CommandModule = {
  configure(command, context) {
    command
      .description("Makes your key if there is none, and shows its fingerprint.")
      .option("--regenerate", "replace the key after a backup; peers must verify you anew")
      .option("--import <file>", "take the key from a file of Blink, libotr or PKCS #8")
      .option("--export <file>", "write the key to a file, - for stdout")
      .addOption(
        command.createOption("--format <format>", "of the exported file").choices(
          ["blink", "libotr", "pkcs8"],
        ),
      )
      .option("--account <name>", "the account in a libotr file")
      .option("--protocol <name>", "its protocol there, for example prpl-jabber")
      .option("--force", "let --export replace a file")
      .option("--yes", "do not ask before --regenerate")
      .addHelpText("after", "\nExample:\n  $ sotto keygen --export otr.key --format pkcs8")
      .action(async (options) => {
        checkOptions(options);
        if (options.import !== undefined) await importKey(context, options.import, options);
        else if (options.regenerate) await regenerate(context, options);
        else if (options.export !== undefined) await exportTo(context, options.export, options);
        else {
          const { key, created } = await ownKey(context);
          if (!created) context.printer.note("the key was there already");
          show(context, key);
        }
      });
  },
};

function checkOptions(options: KeygenOptions): void {
  if (options.export !== undefined && (options.import !== undefined || options.regenerate)) {
    const other = options.import === undefined ? "--regenerate" : "--import";
    throw usageError(`--export and ${other} exclude each other: run sotto keygen twice`);
  }
  if (options.export === undefined && (options.format !== undefined || options.force)) {
    const flag = options.format === undefined ? "--force" : "--format";
    throw usageError(`${flag} is for --export`);
  }
}

function show({ printer }: CommandContext, key: DsaPrivateKey): void {
  const { fingerprint } = key;
  printer.result("fingerprint", { owner: "self", fingerprint, trust: "verified" });
  printer.text(formatFingerprint(fingerprint));
}

async function regenerate(context: CommandContext, { yes }: KeygenOptions): Promise<void> {
  const { printer, prompt } = context;
  const store = await ownKeyStore(context);
  if (!yes && !printer.json && prompt.available) {
    const question = "Replace your key? Every peer will see a changed fingerprint.";
    if (!await prompt.confirm(question, { flag: "--yes" })) {
      throw new CliError("cli/declined", EXIT.failed, "the key stays as it is");
    }
  }
  await install(context, await generateKey(context), store);
}

async function importKey(
  context: CommandContext,
  path: string,
  options: KeygenOptions,
): Promise<void> {
  const key = await chooseKey(context, importKeys(await readInputFile(path)), options);
  const store = await ownKeyStore(context);
  const { key: current, created } = options.regenerate
    ? { key: undefined, created: false }
    : await store.loadOrCreate(() => key);
  if (created) {
    context.printer.note(`imported the key: ${store.path}`);
  } else if (current !== undefined && current.fingerprint !== key.fingerprint) {
    throw new CliError(
      "cli/exists",
      EXIT.damaged,
      `there is another key already, ${formatFingerprint(current.fingerprint)}`,
      { hint: "add --regenerate to replace it after a backup" },
    );
  } else if (options.regenerate) return await install(context, key, store);
  show(context, key);
}

async function install(
  context: CommandContext,
  key: DsaPrivateKey,
  store: Awaited<ReturnType<typeof ownKeyStore>>,
): Promise<void> {
  const backup = await store.replace(key, Date.now());
  if (backup !== undefined) context.printer.note(`the key before is kept: ${backup}`);
  show(context, key);
}

/** The one key of the file, or the one of the account that the person names. */
async function chooseKey(
  { prompt }: CommandContext,
  { keys }: ImportedKeys,
  { account, protocol }: KeygenOptions,
): Promise<DsaPrivateKey> {
  const names = keys.map((it) =>
    `${escapeText(it.account ?? "")} (${escapeText(it.protocol ?? "")})`
  );
  const matching = keys.filter((it) =>
    (account === undefined || it.account === account) &&
    (protocol === undefined || it.protocol === protocol)
  );
  const [only] = matching;
  if (only === undefined) {
    throw usageError(`the file has no such account, but ${names.join(", ")}`);
  }
  if (new Set(matching.map(({ key }) => key.fingerprint)).size === 1) return only.key;
  const flag = `--account with one of ${names.join(", ")}`;
  const answer = await prompt.line(`Which account? ${names.join(", ")}`, { flag });
  const chosen = matching.find((it) => it.account === answer.trim());
  if (chosen === undefined) throw usageError(`the file has no account ${escapeText(answer)}`);
  return chosen.key;
}

async function exportTo(
  context: CommandContext,
  path: string,
  { format = "blink", account = "sotto", protocol = "sip", force }: KeygenOptions,
): Promise<void> {
  const { key } = await ownKey(context);
  const content = exportKey(key, format as KeyFormat, { account, protocol });
  await writeOutputFile(path, content, {
    printer: context.printer,
    force: force === true,
    binary: format === "blink",
  });
  content.fill(0);
  if (path !== "-") context.printer.note(`the key is in ${path}: keep it to yourself`);
}
