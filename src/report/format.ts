const digits = (x: number): string => (x < 9.995 ? x.toFixed(2) : x < 99.95 ? x.toFixed(1) : x.toFixed(0));

/** A number with the unit that keeps it short: the first whose value is below 1000. */
function scaled(x: number, step: number, units: readonly string[]): string {
  let unit = 0;
  let value = x;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= step;
    unit++;
  }
  return (unit === 0 ? String(Math.round(value)) : digits(value)) + units[unit];
}

/** `4288 B`, `119 KB`, `1.07 MB` (powers of 1000). */
export const bytes = (n: number): string => scaled(n, 1000, [' B', ' KB', ' MB', ' GB', ' TB']);

/** `784`, `10.6K`, `1.20M`. */
export const count = (n: number): string => scaled(n, 1000, ['', 'K', 'M', 'G', 'T']);

/** `96.4 %` */
export const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

/** Milliseconds as `5.83 us`, `1.25 ms`, `2.10 s`. */
export function duration(ms: number): string {
  if (ms < 0.9995) return `${digits(ms * 1000)} us`;
  return ms < 999.5 ? `${digits(ms)} ms` : `${digits(ms / 1000)} s`;
}

const NS = 1e6;

/** Nanoseconds as `5.83 µs`, `1.25 ms`, `2.10 s`. */
export const time = (ns: number): string => duration(ns / NS).replace(' us', ' µs');

/** The unit that keeps a time short: its name, and how many ns it has. */
export const timeUnit = (ns: number): { name: string; ns: number } =>
  ns < NS ? { name: 'µs', ns: 1e3 } : ns < 1e3 * NS ? { name: 'ms', ns: NS } : { name: 's', ns: 1e3 * NS };

/** Numbers at ticks: `0`, `500`, `2.5K`, `1M`. */
export const tick = (n: number): string => (n < 1000 ? String(n) : n < 1e6 ? `${n / 1e3}K` : `${n / 1e6}M`);

/** At most `width` characters of a name; its end, which tells layers apart, stays. */
export function clipName(name: string, width: number): string {
  const characters = [...name];
  return characters.length <= width ? name : `…${characters.slice(1 - width).join('')}`;
}
