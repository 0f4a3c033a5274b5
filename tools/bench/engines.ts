/** The engines that can be compared here: ours, and those of other people that are installed. */
import { findProgram } from "../../tests/helpers/live_peer.ts";
import { EngineProcess } from "./engine_process.ts";

/** An engine that runs, or why it does not. */
export type FoundEngine =
  | { readonly process: EngineProcess }
  | { readonly missing: string; readonly reason: string };

type Start = (folder: string) => Promise<EngineProcess>;

const ROOT = new URL("../../", import.meta.url);
const GO_PATH = "/usr/share/gocode";
const OTR3 = `${GO_PATH}/src/github.com/twstrike/otr3`;

const OTR3_PACKAGE = "golang-github-twstrike-otr3-dev";

const ENGINES: Readonly<Record<string, Start>> = {
  "sotto": () => startScript("sotto_driver.ts"),
  async "libotr"(folder) {
    const program = `${folder}/libotr_driver`;
    const source = pathOf("libotr_driver.c");
    await build("gcc", ["-O2", "-o", program, source, "-lotr", "-lgcrypt"]);
    return await EngineProcess.start(program);
  },
  async "go-otr3"(folder) {
    const program = `${folder}/otr3_driver`;
    if (!exists(OTR3)) throw new Error(`${OTR3_PACKAGE} is not installed`);
    await build("go", ["build", "-o", program, pathOf("otr3_driver.go")], {
      GO111MODULE: "off",
      GOPATH: GO_PATH,
      GOCACHE: `${folder}/go-cache`,
    });
    return await EngineProcess.start(program, await packagedVersion(OTR3_PACKAGE));
  },
  "otr.js": () => startScript("otrjs_driver.ts"),
};

/** The names by which {@link startEngines} knows them. */
export const ENGINE_NAMES: readonly string[] = Object.keys(ENGINES);

/**
 * Builds and starts engines. Ours must start; another one may be missing.
 *
 * @param folder For what is built; it must outlive the processes.
 * @throws {Error} when our own does not start.
 */
export async function startEngines(
  names: readonly string[],
  folder: string,
): Promise<FoundEngine[]> {
  const found: FoundEngine[] = [];
  for (const name of names) {
    try {
      const process = await ENGINES[name]?.(folder);
      if (process !== undefined) found.push({ process });
    } catch (error) {
      if (name === "sotto") throw error;
      const [reason = ""] = (error instanceof Error ? error.message : String(error)).split("\n");
      found.push({ missing: name, reason });
    }
  }
  return found;
}

function startScript(name: string): Promise<EngineProcess> {
  const args = [
    "run",
    "--quiet",
    "--no-prompt",
    "--allow-all",
    "--config",
    pathOf("deno.json", ROOT),
  ];
  return EngineProcess.start(Deno.execPath(), [...args, pathOf(name)]);
}

async function build(
  compiler: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  if (findProgram(compiler) === undefined) throw new Error(`${compiler} is not installed`);
  const { success, stderr } = await new Deno.Command(compiler, { args: [...args], env }).output();
  if (success) return;
  const complaint = new TextDecoder().decode(stderr).trim();
  const fault = /^.*(?:error|cannot find).*$/m.exec(complaint)?.[0] ?? complaint;
  throw new Error(fault.replaceAll(decodeURIComponent(ROOT.pathname), ""));
}

/** The version of a Debian package; nothing where there is no Debian. */
async function packagedVersion(name: string): Promise<string[]> {
  if (findProgram("dpkg-query") === undefined) return [];
  const { success, stdout } = await new Deno.Command("dpkg-query", {
    args: ["--show", "--showformat", "${Version}", name],
    stderr: "null",
  }).output();
  return success ? [new TextDecoder().decode(stdout)] : [];
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false; // Not installed, or not for us to see.
  }
}

function pathOf(name: string, base: string | URL = import.meta.url): string {
  return decodeURIComponent(new URL(name, base).pathname);
}
