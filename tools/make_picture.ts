/**
 * Runs the demonstration and draws what it printed: docs/media/demo.svg, and the plain
 * transcript beside it. Paths and ports of this run are replaced by lasting ones, so that
 * the picture names nobody's machine.
 */
import { parseAnsi, type StyledRun } from "./picture/ansi_text.ts";
import { renderTerminal } from "./picture/terminal_svg.ts";

const ROOT = new URL("../", import.meta.url);
const MEDIA = new URL("docs/media/", ROOT);

/** Lines of the picture; the transcript beside it has all. */
const MOST_LINES = 52;
/** Lines at the end that the picture shows whatever was left out before them. */
const LAST_LINES = 2;

/** `lines`, with the middle left out where there are too many, and a line that says so. */
export function shorten(lines: readonly StyledRun[][]): StyledRun[][] {
  if (lines.length <= MOST_LINES) return [...lines];
  const kept = MOST_LINES - LAST_LINES - 1;
  const text = `       … ${lines.length - kept - LAST_LINES} more lines`;
  return [
    ...lines.slice(0, kept),
    [{ text, style: { dim: true } }],
    ...lines.slice(-LAST_LINES),
  ];
}

/** `transcript` with temporary folders and the checkout's own path replaced. */
export function withoutMachine(transcript: string, root: string, temporary: string): string {
  return transcript
    .replaceAll(root, "./")
    .replace(new RegExp(`${escapeRegExp(temporary)}/[\\w.-]+`, "g"), "/tmp/sotto-demo");
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

async function main(): Promise<number> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", "demo"],
    cwd: ROOT,
    env: { FORCE_COLOR: "1", SOTTO_DEMO_COLOR: "always" },
    stdin: "null",
  }).output();
  if (code !== 0) {
    await Deno.stderr.write(stderr);
    return code;
  }
  const root = decodeURIComponent(ROOT.pathname);
  const transcript = withoutMachine(
    `\u001b[1m$ npx -y deno@2.9.6 task demo\u001b[0m\n${new TextDecoder().decode(stdout)}`,
    root,
    (Deno.env.get("TMPDIR") ?? "/tmp").replace(/\/$/, ""),
  );
  const lines = parseAnsi(transcript);
  await Deno.mkdir(MEDIA, { recursive: true });
  await Deno.writeTextFile(
    new URL("demo.svg", MEDIA),
    renderTerminal(shorten(lines), { title: "sotto: a private call, verified" }),
  );
  const plain = lines.map((runs) => runs.map((it) => it.text).join("").trimEnd()).join("\n");
  await Deno.writeTextFile(new URL("demo.txt", MEDIA), `${plain}\n`);
  return 0;
}

if (import.meta.main) Deno.exit(await main());
