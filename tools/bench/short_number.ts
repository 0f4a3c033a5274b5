/** Numbers as people read them in a table. */

/** Three significant digits, never in powers of ten: `0.0123`, `1.50`, `12.3`, `1,234`. */
export function shortNumber(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString("en");
  return value.toPrecision(3);
}

/** Milliseconds in the unit that suits them: `12.3 ms`, `45.6 µs`. */
export function shortTime(ms: number): string {
  return ms < 1 ? `${shortNumber(ms * 1000)} µs` : `${shortNumber(ms)} ms`;
}
