/** Text as a terminal got it (ECMA-48 SGR colours) → lines of runs with one style each. */

/** How a run of characters looks. Colours are CSS colours. */
export interface TextStyle {
  readonly color?: string;
  readonly background?: string;
  readonly bold?: boolean;
  readonly dim?: boolean;
  readonly italic?: boolean;
  readonly underline?: boolean;
}

/** Characters that share one style. */
export interface StyledRun {
  readonly text: string;
  readonly style: TextStyle;
}

/** The sixteen colours that programs count on, on a dark background. */
const PALETTE: readonly string[] = [
  "#1d2430",
  "#f2777a",
  "#7fd37f",
  "#e8a13a",
  "#6cb4f5",
  "#c99cf0",
  "#62cfcf",
  "#d5dbe5",
  "#7b8698",
  "#ff9a9c",
  "#a3e7a3",
  "#ffc56b",
  "#9acdff",
  "#dfc0ff",
  "#93e6e6",
  "#ffffff",
];

/** CSI sequences (of which only `m` is looked at), OSC sequences, and single escapes. */
const ESCAPE =
  // deno-lint-ignore no-control-regex
  /\u001b\[([0-9;:]*)[ -/]*([@-~])|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)|\u001b./g;

/** Lines of styled runs. A carriage return begins the line anew; other controls are dropped. */
export function parseAnsi(text: string): StyledRun[][] {
  const lines: StyledRun[][] = [];
  let style: TextStyle = {};
  for (const line of text.replaceAll("\r\n", "\n").split("\n")) {
    let runs: StyledRun[] = [];
    const add = (piece: string): void => {
      const afterReturn = piece.split("\r");
      if (afterReturn.length > 1) runs = [];
      // deno-lint-ignore no-control-regex
      const shown = (afterReturn.at(-1) ?? "").replace(/[\u0000-\u001f\u007f]/g, "");
      if (shown !== "") runs.push({ text: shown, style });
    };
    let from = 0;
    for (const match of line.matchAll(ESCAPE)) {
      add(line.slice(from, match.index));
      if (match[2] === "m") style = applySgr(style, match[1] ?? "");
      from = match.index + match[0].length;
    }
    add(line.slice(from));
    lines.push(runs);
  }
  while (lines.at(-1)?.length === 0) lines.pop();
  return lines;
}

/** `style` after Select Graphic Rendition with `parameters`. */
function applySgr(style: TextStyle, parameters: string): TextStyle {
  const codes = parameters.split(/[;:]/).map(Number);
  let next: { -readonly [K in keyof TextStyle]?: TextStyle[K] } = { ...style };
  for (let at = 0; at < codes.length; at++) {
    const code = codes[at] ?? 0;
    if (code === 0) next = {};
    else if (code === 1) next.bold = true;
    else if (code === 2) next.dim = true;
    else if (code === 3) next.italic = true;
    else if (code === 4) next.underline = true;
    else if (code === 22) delete next.bold, delete next.dim;
    else if (code === 23) delete next.italic;
    else if (code === 24) delete next.underline;
    else if (code === 39) delete next.color;
    else if (code === 49) delete next.background;
    else if (code === 38 || code === 48) {
      const [color, used] = extendedColor(codes.slice(at + 1));
      at += used;
      if (color !== undefined) next[code === 38 ? "color" : "background"] = color;
    } else {
      const color = basicColor(code);
      if (color !== undefined) next[color.ground] = color.color;
    }
  }
  return next;
}

function basicColor(code: number): { ground: "color" | "background"; color: string } | undefined {
  for (
    const [first, offset, ground] of [
      [30, 0, "color"],
      [40, 0, "background"],
      [90, 8, "color"],
      [100, 8, "background"],
    ] as const
  ) {
    const color = code >= first && code < first + 8 ? PALETTE[code - first + offset] : undefined;
    if (color !== undefined) return { ground, color };
  }
  return undefined;
}

/** What follows 38 or 48: `5;n` or `2;r;g;b`. Returns the colour and how many codes it took. */
function extendedColor(codes: readonly number[]): [string | undefined, number] {
  const [kind, a = 0, b = 0, c = 0] = codes;
  if (kind === 2) return [`rgb(${a},${b},${c})`, 4];
  if (kind !== 5) return [undefined, 1];
  if (a < 16) return [PALETTE[a], 2];
  if (a >= 232) {
    const gray = 8 + 10 * (a - 232);
    return [`rgb(${gray},${gray},${gray})`, 2];
  }
  const level = (it: number): number => it === 0 ? 0 : 55 + 40 * it;
  const [red, green, blue] = [
    Math.floor((a - 16) / 36),
    Math.floor((a - 16) / 6) % 6,
    (a - 16) % 6,
  ];
  return [`rgb(${level(red)},${level(green)},${level(blue)})`, 2];
}
