// Round numbers on axes.

/** A value axis from 0 that holds `high`: four equal parts of round size. */
export function valueAxis(high) {
  if (!(high > 0)) return { max: 1, ticks: 4, decimals: 2 };
  const power = 10 ** Math.floor(Math.log10(high));
  const lead = [1, 1.2, 1.6, 2, 2.4, 3, 4, 5, 6, 8, 10].find(l => l * power >= high * 1.0001) ?? 12;
  const part = lead * power / 4;
  let decimals = 0;
  while (decimals < 12 && Math.abs(part * 10 ** decimals - Math.round(part * 10 ** decimals)) > 1e-6 * part * 10 ** decimals) decimals++;
  return { max: lead * power, ticks: 4, decimals };
}

/** A step axis from 0 to a round number at or above `last`, in at most seven round parts. */
export function stepAxis(last) {
  const power = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, last / 6))));
  const part = [1, 2, 5, 10].map(l => l * power).find(p => last / p <= 7) ?? 10 * power;
  const ticks = Math.max(1, Math.ceil(last / part));
  return { min: 0, max: ticks * part, ticks };
}

/** A value axis around `low` to `high`, wherever they lie: round ends, three to six parts. */
export function freeAxis(low, high) {
  if (!(high >= low)) return { min: 0, max: 1, ticks: 4, decimals: 2 };
  if (high === low) { const room = Math.abs(low) * .1 || .5; low -= room; high += room; }
  const power = 10 ** Math.floor(Math.log10((high - low) / 4));
  const part = [1, 2, 2.5, 5, 10].map(l => l * power).find(p => Math.ceil(high / p - 1e-9) - Math.floor(low / p + 1e-9) <= 6) ?? 10 * power;
  const first = Math.floor(low / part + 1e-9), last = Math.ceil(high / part - 1e-9);
  return { min: first * part, max: last * part, ticks: last - first, decimals: Math.max(0, Math.ceil(-Math.log10(part) - 1e-9) + (part / power === 2.5 ? 1 : 0)) };
}
