/** Ratios as a picture: how many times faster we are than each engine, on a logarithmic scale. */
import { type Comparison, OURS } from "./comparison.ts";
import type { Work } from "./works.ts";

const WIDTH = 900;
const LEFT = 284;
const RIGHT = 64;
const TOP = 62;
const BAR = 11;
const GAP = 10;
const FOOT = 30;
const TICKS: readonly number[] = [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000];

/** An engine's colour; engines that never do the same work share one. */
const SERIES: readonly { readonly engines: readonly string[]; readonly colour: string }[] = [
  { engines: ["libotr", "libgcrypt"], colour: "#3b6ea8" },
  { engines: ["go-otr3"], colour: "#2a9d8f" },
  { engines: ["otr.js"], colour: "#c98a1b" },
];

interface Bar {
  readonly ratio: number;
  readonly colour: string;
}

/** An SVG document, bars to the right of 1 where we are faster. Works without a ratio are left out. */
export function plotRatios({ ratios }: Comparison, works: readonly Work[], note: string): string {
  const rows = works.map(({ name, label }) => ({
    label,
    bars: SERIES.flatMap(({ engines, colour }): Bar[] => {
      const ratio = engines.map((it) => ratios[`${name}/${it}`]).find((it) => it !== undefined);
      return ratio === undefined ? [] : [{ ratio, colour }];
    }),
  })).filter((it) => it.bars.length > 0);
  const all = rows.flatMap((it) => it.bars.map((bar) => bar.ratio));
  const [least, most] = [Math.min(1, ...all) / 1.3, Math.max(1, ...all) * 1.3];
  const scale = (WIDTH - LEFT - RIGHT) / (Math.log(most) - Math.log(least));
  const place = (ratio: number): number => LEFT + (Math.log(ratio) - Math.log(least)) * scale;
  const parts: string[] = [];
  let y = TOP;
  for (const { label, bars } of rows) {
    const height = bars.length * BAR;
    parts.push(
      `<text x="${LEFT - 10}" y="${y + height / 2 + 4}" text-anchor="end">${
        escapeXml(label)
      }</text>`,
    );
    for (const [at, { ratio, colour }] of bars.entries()) {
      const [from, to] = [Math.min(1, ratio), Math.max(1, ratio)].map(place) as [number, number];
      const top = y + at * BAR;
      parts.push(
        `<rect x="${from.toFixed(1)}" y="${top + 1}" width="${(to - from).toFixed(1)}" height="${
          BAR - 2
        }" fill="${colour}"/>`,
        `<text class="n" x="${(to + 5).toFixed(1)}" y="${top + 9}">${shortRatio(ratio)}</text>`,
      );
    }
    y += height + GAP;
  }
  const axis = TICKS.filter((it) => it >= least && it <= most).map((it) => {
    const x = place(it).toFixed(1);
    const line = `<line x1="${x}" x2="${x}" y1="${TOP - 6}" y2="${y}" class="${
      it === 1 ? "one" : "tick"
    }"/>`;
    return `${line}<text x="${x}" y="${TOP - 12}" text-anchor="middle">${it} ×</text>`;
  });
  const height = y + FOOT;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="How many times faster ${OURS} is">
<style>text{font:12px system-ui,sans-serif;fill:#30363d}.n{font-size:10px}.tick{stroke:#d8dee4}.one{stroke:#57606a;stroke-width:1.5}.title{font-size:15px;font-weight:600}</style>
<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>
<text class="title" x="16" y="24">How many times faster ${OURS} is than</text>
${legend()}
${[...axis, ...parts].join("\n")}
<text class="n" x="16" y="${height - 10}">${escapeXml(note)}</text>
</svg>
`;
}

function legend(): string {
  let x = 352;
  return SERIES.map(({ engines, colour }) => {
    const title = engines.join(", ");
    const entry = `<rect x="${x}" y="14" width="11" height="11" fill="${colour}"/><text x="${
      x + 17
    }" y="24">${escapeXml(title)}</text>`;
    x += 40 + 7 * title.length;
    return entry;
  }).join("\n");
}

function shortRatio(ratio: number): string {
  return ratio >= 10 ? String(Math.round(ratio)) : String(Number(ratio.toPrecision(2)));
}

function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (it) => `&#${it.charCodeAt(0)};`);
}
