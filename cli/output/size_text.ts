/** Sizes for people: `10 MiB`. */

/** So many octets, in the largest unit that leaves at least one, with at most one digit after the point. */
export function sizeText(octets: number): string {
  let value = octets;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  const digits = unit === 0 || value >= 100 ? Math.floor(value) : Math.floor(value * 10) / 10;
  return `${digits} ${UNITS[unit]}`;
}

const UNITS = ["octets", "KiB", "MiB", "GiB", "TiB"] as const;
