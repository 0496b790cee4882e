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
