/** Points in time as trace files write them: milliseconds since 1970 ↔ text. Pure: no clock is read. */

/**
 * `2026-02-03T10:11:12.131Z`.
 *
 * @param at Milliseconds since 1970; what no date can show is shown as the nearest one.
 * @param digits Of the fraction of a second, 3 or 6.
 */
export function formatInstant(at: number, digits: 3 | 6 = 3): string {
  const within = Math.min(Math.max(Number.isFinite(at) ? at : 0, 0), LATEST);
  const micros = Math.round(within * 1000);
  const second = Math.floor(micros / 1_000_000);
  if (second !== lastSecond) {
    lastSecond = second;
    lastText = new Date(second * 1000).toISOString().slice(0, 20);
  }
  const fraction = String(micros - second * 1_000_000).padStart(6, "0");
  return `${lastText}${digits === 3 ? fraction.slice(0, 3) : fraction}Z`;
}

/** Traces come in order of time: the second of one line is nearly always that of the next. */
let lastSecond = 0;
let lastText = "1970-01-01T00:00:00.";

/**
 * Milliseconds since 1970 of an RFC 3339 date-time or of a log's local time
 * (`2026-02-03 10:11:12.131999`, taken as UTC, because the log does not name its zone);
 * `undefined` when `text` is neither.
 */
export function parseInstant(text: string): number | undefined {
  const match = INSTANT.exec(text.trim());
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction = "", zone = "Z"] = match;
  const whole = Date.UTC(
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
  );
  const [, sign, zoneHours = "0", zoneMinutes = "0"] = /^([+-])(\d\d):?(\d\d)$/.exec(zone) ?? [];
  const offset = (Number(zoneHours) * 60 + Number(zoneMinutes)) * (sign === "-" ? -1 : 1);
  return whole - offset * 60_000 + Number(`0.${fraction || "0"}`) * 1000;
}

const LATEST = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
const INSTANT =
  /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(Z|z|[+-]\d\d:?\d\d)?$/;
