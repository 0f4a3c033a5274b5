/** A transcript as a picture of a terminal: lines appear one after another, then it starts again. */
import type { StyledRun, TextStyle } from "./ansi_text.ts";

/** How the picture looks and moves. */
export interface PictureOptions {
  /** Text in the title bar. */
  readonly title: string;
  /** Width in characters; longer lines are cut, marked with `…`. Default 100. */
  readonly columns?: number;
  /** Height in lines; a longer transcript scrolls. Default 32. */
  readonly rows?: number;
  /** Milliseconds between two lines. Default 350. */
  readonly lineInterval?: number;
  /** Milliseconds that the last line stands before the picture begins again. Default 6000. */
  readonly pause?: number;
}

const CELL_WIDTH = 8.4;
const LINE_HEIGHT = 19;
const PADDING = 18;
const TITLE_HEIGHT = 34;

/** An SVG document. Viewers who ask for less motion see the last screen at once. */
export function renderTerminal(lines: readonly StyledRun[][], options: PictureOptions): string {
  const { title, columns = 100, rows = 32, lineInterval = 350, pause = 6_000 } = options;
  const shownRows = Math.min(rows, lines.length);
  const width = Math.ceil(columns * CELL_WIDTH + 2 * PADDING);
  const height = Math.ceil(shownRows * LINE_HEIGHT + 2 * PADDING + TITLE_HEIGHT);
  const total = lines.length * lineInterval + pause;
  const texts = lines.map((runs, index) => {
    const y = (index + 1) * LINE_HEIGHT - 5;
    const begin = (100 * index * lineInterval) / total;
    return `<text class="l" y="${y}" style="animation-name:l${index}">${
      writeRuns(cutRuns(runs, columns))
    }</text><style>@keyframes l${index}{0%,${percent(begin)}{opacity:0}${
      percent(begin + 0.01)
    },100%{opacity:1}}</style>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" xml:space="preserve" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${
    escapeXml(title)
  }">
<style>
text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;white-space:pre;fill:#d5dbe5}
.l,.s{animation-duration:${total}ms;animation-iteration-count:infinite;animation-timing-function:step-end}
.s{animation-name:s}
@keyframes s{${scrollFrames(lines.length, rows, lineInterval, total)}}
@media (prefers-reduced-motion:reduce){.l{animation:none}.s{animation:none;transform:translateY(${-scrolled(
    lines.length,
    rows,
  )}px)}}
</style>
<rect width="${width}" height="${height}" rx="9" fill="#161b24"/>
<rect width="${width}" height="${TITLE_HEIGHT}" rx="9" fill="#222a36"/>
<circle cx="20" cy="17" r="6" fill="#f2777a"/><circle cx="40" cy="17" r="6" fill="#e8a13a"/><circle cx="60" cy="17" r="6" fill="#7fd37f"/>
<text x="${width / 2}" y="22" text-anchor="middle" style="fill:#8b97a9">${escapeXml(title)}</text>
<svg x="${PADDING}" y="${TITLE_HEIGHT + PADDING / 2}" width="${width - 2 * PADDING}" height="${
    shownRows * LINE_HEIGHT + PADDING / 2
  }"><g class="s">
${texts.join("\n")}
</g></svg>
</svg>
`;
}

/** How far the screen has moved up, in pixels, when `count` lines are out. */
function scrolled(count: number, rows: number): number {
  return Math.max(0, count - rows) * LINE_HEIGHT;
}

function scrollFrames(count: number, rows: number, interval: number, total: number): string {
  const frames = ["0%{transform:translateY(0)}"];
  for (let line = rows + 1; line <= count; line++) {
    const at = percent((100 * (line - 1) * interval) / total);
    frames.push(`${at}{transform:translateY(${-scrolled(line, rows)}px)}`);
  }
  return `${frames.join("")}100%{transform:translateY(${-scrolled(count, rows)}px)}`;
}

function percent(value: number): string {
  return `${Math.min(100, value).toFixed(2)}%`;
}

/** `runs` cut to `columns` characters. */
function cutRuns(runs: readonly StyledRun[], columns: number): StyledRun[] {
  const length = runs.reduce((sum, it) => sum + [...it.text].length, 0);
  if (length <= columns) return [...runs];
  const cut: StyledRun[] = [];
  let left = columns - 1;
  for (const run of runs) {
    const characters = [...run.text].slice(0, left);
    left -= characters.length;
    if (characters.length > 0) cut.push({ text: characters.join(""), style: run.style });
  }
  return [...cut, { text: "…", style: { dim: true } }];
}

function writeRuns(runs: readonly StyledRun[]): string {
  let column = 0;
  return runs.map(({ text, style }) => {
    // Every run says where it starts, so that a font of another width cannot shift the rest.
    const x = (column * CELL_WIDTH).toFixed(1);
    const length = [...text].length;
    column += length;
    const fit = `x="${x}" textLength="${(length * CELL_WIDTH).toFixed(1)}"`;
    return `<tspan ${fit}${writeStyle(style)}>${escapeXml(text)}</tspan>`;
  }).join("");
}

function writeStyle(style: TextStyle): string {
  const rules: string[] = [];
  if (style.color !== undefined) rules.push(`fill:${style.color}`);
  if (style.bold === true) rules.push("font-weight:bold");
  if (style.dim === true) rules.push("opacity:.6");
  if (style.italic === true) rules.push("font-style:italic");
  if (style.underline === true) rules.push("text-decoration:underline");
  return rules.length === 0 ? "" : ` style="${rules.join(";")}"`;
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
