// Keeps what an eye needs of a long series: first, lowest, highest and last point of each bucket (M4), so no spike is lost.

export const MaxPoints = 1000;

/**
 * @param {number[]} x ascending
 * @param {(number|null)[]} y as long as x; null is "no value", NaN and infinities are values that cannot be drawn: both are gaps
 * @param {number} from first x to draw; the neighbour outside is kept too, so that the line reaches the edge
 * @param {number} to last x to draw
 * @param {number} maxPoints at most so many
 * @returns {{ points: {x: number, y: number|null}[], total: number, drawn: number, odd: {x: number, y: number}[] }}
 *   points with null at gaps; how many finite ones there are in the window and how many of them are drawn; what is not finite
 */
export function decimate(x, y, from = -Infinity, to = Infinity, maxPoints = MaxPoints) {
  let first = 0, last = x.length - 1;
  while (first <= last && x[first] < from) first++;
  while (last >= first && x[last] > to) last--;
  const odd = [], finite = [], gaps = []; // gaps[k]: how many gaps lie before the k-th finite value
  let gap = 0, open = false, inside = 0, outside = 0;
  for (let i = Math.max(0, first - 1); i <= Math.min(x.length - 1, last + 1); i++) {
    const within = i >= first && i <= last;
    if (Number.isFinite(y[i])) {
      if (open && finite.length > 0) gap++;
      open = false;
      finite.push(i);
      gaps.push(gap);
      if (within) inside++;
      else if (i < first) outside = 1;
      continue;
    }
    open = true;
    if (typeof y[i] === 'number' && within) odd.push({ x: x[i], y: y[i] });
  }
  // The neighbours stand outside of the buckets: they must not push an extreme of the window out.
  const total = inside;
  const kept = total <= maxPoints ? finite.map((_, k) => k) : [
    ...outside ? [0] : [], ...extremes(x, y, finite.slice(outside, outside + inside), maxPoints - 2).map(k => k + outside), ...finite.length > outside + inside ? [finite.length - 1] : [],
  ];
  const points = [];
  let before = 0;
  for (const k of kept) {
    const i = finite[k];
    if (gaps[k] > before) points.push({ x: x[i], y: null });
    before = gaps[k];
    points.push({ x: x[i], y: y[i] });
  }
  return { points, total, drawn: kept.length, odd };
}

function extremes(x, y, finite, maxPoints) {
  const kept = [];
  for (const [start, end] of parts(finite.length, k => x[finite[k]], Math.floor(maxPoints / 4))) {
    let low = start, high = start;
    for (let k = start + 1; k < end; k++) {
      if (y[finite[k]] < y[finite[low]]) low = k;
      if (y[finite[k]] > y[finite[high]]) high = k;
    }
    kept.push(...[...new Set([start, low, high, end - 1])].sort((a, b) => a - b));
  }
  return kept;
}

/**
 * Stretches [start, end) of ascending places that lie in the same of so many equal parts of their range. Equal in places, not in points:
 * what was thinned before has fewer points, and would otherwise become coarser each time, the oldest of a long run most.
 */
function* parts(count, placeOf, most) {
  if (count === 0) return;
  const first = placeOf(0), width = (placeOf(count - 1) - first) / most || 1, partOf = i => Math.min(most - 1, Math.floor((placeOf(i) - first) / width));
  for (let start = 0, end; start < count; start = end) {
    const part = partOf(start);
    for (end = start + 1; end < count && partOf(end) === part;) end++;
    yield [start, end];
  }
}

/** Columns, the first of them ascending, with the rows that first, lowest, highest and last of each column's buckets need, so that every spike stays. */
export function thin(columns, buckets = 300) {
  const names = Object.keys(columns), places = columns[names[0]], kept = new Set();
  for (const [start, end] of parts(places.length, i => places[i], buckets)) {
    kept.add(start).add(end - 1);
    for (const name of names) {
      const values = columns[name];
      let low = -1, high = -1, broken = -1;
      for (let i = start; i < end; i++) {
        if (!Number.isFinite(values[i])) { if (broken < 0) broken = i; continue; }
        if (low < 0 || values[i] < values[low]) low = i;
        if (high < 0 || values[i] > values[high]) high = i;
      }
      for (const i of [low, high, broken]) if (i >= 0) kept.add(i);
    }
  }
  const order = [...kept].sort((a, b) => a - b);
  return Object.fromEntries(names.map(name => [name, order.map(i => columns[name][i])]));
}
