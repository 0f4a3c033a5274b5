/** `sotto complete -- WORDS…`: what could stand in the place of the last word. For scripts of shells. */
import { RootCommand, script } from "@bomb.sh/tab";
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { loadConfig, TrustStore } from "../../lib/storage/mod.ts";
import type { CommandModule } from "../command.ts";
import { buildProgram } from "../program.ts";

/** The command; hidden, because people do not type it. */
export const command: CommandModule = {
  configure(command, context) {
    command
      .description("What could stand in the place of the last word.")
      .argument("[words...]")
      .action(async (words) => {
        const program = await buildProgram(words, context, () => {});
        const { trustedPeersFile } = context.home;
        const peers = await TrustStore.open(trustedPeersFile).then(
          (store) => [...new Set(store.rows().map(({ aor }) => aor))],
          () => [], // A file that cannot be read is no reason to disturb somebody's typing.
        );
        const accounts = await loadConfig(context.home.configFile).then(
          ({ config }) => config.accounts.map(({ name }) => name),
          () => [],
        );
        const names = { peers, accounts };
        context.printer.raw(captureOutput(() => suggestions(program, names).parse([...words])));
      });
  },
};

/** The script for a shell, which calls `sotto complete`. */
export function completionScript(shell: "bash" | "zsh" | "fish"): string {
  return shell === "bash" ? BASH_SCRIPT : captureOutput(() => script(shell, "sotto", "sotto"));
}

/**
 * The library's own script for bash needs the package bash-completion, and evaluates what was
 * typed: `sotto peers show $(…)` and the tab key would run it. This one does neither. Where
 * nothing fits, bash goes on with names of files.
 */
const BASH_SCRIPT = `# bash completion for sotto

_sotto() {
  local line=\${COMP_LINE:0:COMP_POINT} value rest
  local -a words
  read -ra words <<< "$line"
  [[ $line == *[[:space:]] ]] && words+=("")
  # Bash splits words at @, : and = as well, and replaces only what is behind the last of them.
  local cur=\${words[\${#words[@]}-1]} split=\${COMP_WORDS[COMP_CWORD]}
  local kept=\${cur%"$split"}
  COMPREPLY=()
  while IFS=$'\\t' read -r value rest; do
    [[ $value == :* ]] || COMPREPLY+=("\${value#"$kept"}")
  done < <(sotto complete -- "\${words[@]:1}" 2>/dev/null)
}
complete -o default -F _sotto sotto
`;

/** What this home knows by name. */
interface Names {
  readonly peers: readonly string[];
  readonly accounts: readonly string[];
}

/** Everything that can be typed, in the words of the completion library. */
function suggestions(program: CommandUnknownOpts, names: Names): RootCommand {
  const root = new RootCommand();
  declareOptions(program, root, names);
  declareCommands(program, "", root, names);
  return root;
}

type Target = Pick<RootCommand, "option"> | Pick<ReturnType<RootCommand["command"]>, "option">;

function declareCommands(
  parent: CommandUnknownOpts,
  path: string,
  root: RootCommand,
  names: Names,
): void {
  for (const command of parent.createHelp().visibleCommands(parent)) {
    const name = `${path}${command.name()}`;
    const target = root.command(name, command.summary() || command.description());
    declareOptions(command, target, names);
    for (const argument of command.registeredArguments) {
      const choices = argument.argChoices ??
        (["peer", "target"].includes(argument.name()) ? names.peers : accountsFor(path, names));
      target.argument(
        argument.name(),
        (complete) => choices.forEach((choice) => complete(choice, "")),
        argument.variadic,
      );
    }
    declareCommands(command, `${name} `, root, names);
  }
}

/** The argument of `account show`, `account remove` and their kin is an account. */
function accountsFor(path: string, { accounts }: Names): readonly string[] {
  return path === "account " ? accounts : [];
}

function declareOptions(command: CommandUnknownOpts, target: Target, names: Names): void {
  for (const option of command.options) {
    const name = option.long?.slice(2);
    // Global options are hidden below the top, and are nonetheless typed there.
    if (name === undefined || option.hidden && !GLOBAL.has(name)) continue;
    const takesValue = option.required || option.optional;
    const { description, argChoices = name === "account" ? names.accounts : [] } = option;
    if (takesValue) {
      target.option(
        name,
        description,
        (complete) => argChoices.forEach((choice) => complete(choice, "")),
      );
    } else target.option(name, description);
  }
}

const GLOBAL: ReadonlySet<string> = new Set([
  "home",
  "json",
  "quiet",
  "verbose",
  "color",
  "no-input",
]);

/** The library prints by itself; here, everything goes through the printer. */
function captureOutput(run: () => void): string {
  const lines: string[] = [];
  const original = globalThis.console;
  globalThis.console = { ...original, log: (...words: unknown[]) => lines.push(words.join(" ")) };
  try {
    run();
  } finally {
    globalThis.console = original;
  }
  return lines.map((line) => `${line}\n`).join("");
}
