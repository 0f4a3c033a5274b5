/** Dates as RFC 5322 §3.3 writes them, with a numeric zone as RFC 5547 §6 wants. */

/**
 * Reads `Mon, 15 May 2006 15:01:31 +0300`.
 * @returns Milliseconds since 1970 in UTC, or `undefined` when it is no such date, or one before
 * 1900, which §3.3 does not allow.
 */
export function parseDateTime(text: string): number | undefined {
  const match = DATE_TIME.exec(text.trim().replace(/ +/g, " "));
  if (match === null) return undefined;
  const [, day, month = "", year, hour, minute, second = "0", sign, zoneHours, zoneMinutes] = match;
  const days = daysSince1970(Number(year), MONTHS.indexOf(month), Number(day));
  const isTime = Number(hour) < 24 && Number(minute) < 60 && Number(second) <= 60 &&
    Number(zoneMinutes) < 60;
  if (days === undefined || !isTime) return undefined;
  const zone = (Number(zoneHours) * 60 + Number(zoneMinutes)) * (sign === "-" ? -1 : 1);
  const minutes = (days * 24 + Number(hour)) * 60 + Number(minute) - zone;
  const at = (minutes * 60 + Number(second)) * 1000;
  return isWritable(at) ? at : undefined;
}

/**
 * Writes an instant in UTC, in whole seconds.
 * @param at Milliseconds since 1970.
 * @throws {RangeError} before 1900 and after 9999.
 */
export function writeDateTime(at: number): string {
  const seconds = Math.floor(at / 1000);
  const days = Math.floor(seconds / DAY);
  if (!isWritable(at)) throw new RangeError(`not a date: ${at}`);
  let year = 1970 + Math.floor(days / 365.2425);
  while (firstDay(year) > days) year--;
  while (firstDay(year + 1) <= days) year++;
  let rest = days - firstDay(year);
  let month = 0;
  for (; rest >= lengthOf(year, month); month++) rest -= lengthOf(year, month);
  const time = seconds - days * DAY;
  const clock = [time / 3600, time / 60 % 60, time % 60].map((it) => two(Math.floor(it))).join(":");
  const weekday = WEEKDAYS[((days + 4) % 7 + 7) % 7];
  return `${weekday}, ${two(rest + 1)} ${MONTHS[month]} ${year} ${clock} +0000`;
}

/** RFC 5322 §3.3: years from 1900, and four digits. */
function isWritable(at: number): boolean {
  const days = Math.floor(at / 1000 / DAY);
  return days >= -25_567 && days <= 2_932_896;
}

/** Of a date of the Gregorian calendar; the month counts from 0. */
function daysSince1970(year: number, month: number, day: number): number | undefined {
  if (month < 0 || day < 1 || day > lengthOf(year, month)) return undefined;
  let days = firstDay(year) + day - 1;
  for (let before = 0; before < month; before++) days += lengthOf(year, before);
  return days;
}

/** The first of January, in days since 1970. */
function firstDay(year: number): number {
  const last = year - 1;
  const leaps = (it: number): number =>
    Math.floor(it / 4) - Math.floor(it / 100) + Math.floor(it / 400);
  return (year - 1970) * 365 + leaps(last) - leaps(1969);
}

function lengthOf(year: number, month: number): number {
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month === 1 && isLeap ? 29 : LENGTHS[month] ?? 0;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}

const DAY = 86_400;
const LENGTHS: readonly number[] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const MONTHS: readonly string[] = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
const WEEKDAYS: readonly string[] = "Sun Mon Tue Wed Thu Fri Sat".split(" ");
// date-time = [ day-of-week "," ] date time;  time = time-of-day zone;  zone = ( "+" / "-" ) 4DIGIT
const DATE_TIME =
  /^(?:[A-Z][a-z]{2}, ?)?(\d{1,2}) ([A-Z][a-z]{2}) (\d{4}) (\d{2}):(\d{2})(?::(\d{2}))? ([+-])(\d{2})(\d{2})$/;
