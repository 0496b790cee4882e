// The horizontal axes that curves can have, and round numbers on all of them.
import { clock, decimalSign, digits, fixed, upTo, whole } from './numbers.js';

/** "NaN @ 812"; where the axis counts something else than steps, it says what. */
export const oddText = (p, axis) => `${digits(p.y)} @ ${axis === Axes.step ? '' : `${axis.name} `}${axis.text(p.x)}`;

export function duration(seconds) {
  const s = Math.max(0, Math.round(seconds));
  return s >= 3600 ? `${Math.floor(s / 3600)} h ${String(Math.floor(s % 3600 / 60)).padStart(2, '0')} min` : s >= 60 ? `${Math.floor(s / 60)} min ${String(s % 60).padStart(2, '0')} s` : `${s} s`;
}

const epochs = value => upTo(value, 2);

/** title on the axis, name in a sentence, text of a value, label of a tick. */
export const Axes = {
  step: { title: 'Step', name: 'step', text: whole, tick: whole, whole: true },
  epoch: { title: 'Epoch', name: 'epoch', text: epochs, tick: epochs },
  segments: { title: 'Segments seen', name: 'segment', text: whole, tick: whole, whole: true },
  active: { title: 'Active time (pauses taken out)', name: 'active time', text: duration, tick: duration },
  clock: { title: 'Clock', name: 'clock', text: clock, tick: clock },
};

/** The label of a tick on a value axis that ends at `max`: nobody counts the zeros of very large and very small ones. */
export function tickText(value, decimals, max) {
  if (value !== 0 && (max >= 1e6 || max < 1e-4)) return value.toExponential(1).replace('.0e', 'e').replace('e+', 'e').replace('.', decimalSign());
  return fixed(value, decimals);
}

/** A value axis from 0 that holds `high`: four equal parts of round size. */
export function valueAxis(high) {
  if (!(high > 0)) return { min: 0, max: 1, ticks: 4, decimals: 2 };
  const power = 10 ** Math.floor(Math.log10(high));
  const lead = [1, 1.2, 1.6, 2, 2.4, 3, 4, 5, 6, 8, 10].find(l => l * power >= high * 1.0001) ?? 12;
  const part = lead * power / 4;
  let decimals = 0;
  while (decimals < 12 && Math.abs(part * 10 ** decimals - Math.round(part * 10 ** decimals)) > 1e-6 * part * 10 ** decimals) decimals++;
  return { min: 0, max: lead * power, ticks: 4, decimals };
}

/** A value axis for what lies between 0 and 1 and has been above a half, to 1: from 0 where values are low, else from the tenth below the lowest, so that good runs are told apart and a thousandth does not look like much. */
export function unitAxis(low) {
  const tenths = low < .5 ? 0 : Math.min(9, Math.floor(low * 10 + 1e-9));
  const ticks = [4, 0, 0, 0, 0, 5, 4, 3, 4, 5][tenths];
  return { min: tenths / 10, max: 1, ticks, decimals: 2 };
}

/** A value axis around `low` to `high`, wherever they lie: round ends, three to six parts. */
export function freeAxis(low, high) {
  if (!(high >= low)) return { min: 0, max: 1, ticks: 4, decimals: 2 };
  if (high === low) { const room = Math.abs(low) * .1 || .5; low -= room; high += room; }
  const part = roundPart((high - low) / 5);
  const first = Math.floor(low / part + 1e-9), last = Math.ceil(high / part - 1e-9);
  return { min: first * part, max: last * part, ticks: last - first, decimals: decimalsOf(part) };
}

/** Whole powers of ten around positive values; the axis itself shows their logarithms. */
export function logAxis(low, high) {
  if (!(low > 0)) return { min: -1, max: 0, ticks: 1 };
  const min = Math.floor(Math.log10(low) + 1e-9), max = Math.max(min + 1, Math.ceil(Math.log10(high) - 1e-9));
  const part = Math.ceil((max - min) / 6);
  return { min, max: min + Math.ceil((max - min) / part) * part, ticks: Math.ceil((max - min) / part) };
}

/** A horizontal axis from 0 (clocks begin at the first value) to a round end, in at most seven parts. */
export function lengthAxis(name, first, last) {
  if (!(last >= first)) return { min: 0, max: 1, ticks: 1 };
  if (name === 'clock') return { min: first, max: Math.max(last, first + 1000), ticks: 5 };
  const part = name === 'active' ? ([1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 43200, 86400].find(p => last / p <= 7) ?? 86400) : Axes[name].whole ? Math.ceil(roundPart(last / 7)) : roundPart(last / 7);
  const ticks = Math.max(1, Math.ceil(last / part - 1e-9));
  return { min: 0, max: ticks * part, ticks };
}

function roundPart(about) {
  if (!(about > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(about));
  return [1, 2, 2.5, 5, 10].map(l => l * power).find(p => p >= about * .9999) ?? 10 * power;
}

function decimalsOf(part) {
  for (let decimals = 0; decimals < 12; decimals++) if (Math.abs(part * 10 ** decimals - Math.round(part * 10 ** decimals)) < 1e-6) return decimals;
  return 12;
}
