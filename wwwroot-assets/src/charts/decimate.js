// Keeps what an eye needs of a long series: first, lowest, highest and last point of each bucket (M4), so no spike is lost.

export const MaxPoints = 1000;

/**
 * @param {number[]} x ascending
 * @param {number[]} y as long as x; values that are not finite are left out
 * @param {number} from first x to draw
 * @param {number} to last x to draw
 * @returns {{ points: {x: number, y: number}[], total: number }} at most MaxPoints points, and how many finite ones there were
 */
export function decimate(x, y, from = -Infinity, to = Infinity, maxPoints = MaxPoints) {
  const finite = [];
  for (let i = 0; i < x.length; i++) if (x[i] >= from && x[i] <= to && Number.isFinite(y[i])) finite.push(i);
  const total = finite.length;
  if (total <= maxPoints) return { points: finite.map(i => ({ x: x[i], y: y[i] })), total };

  const buckets = Math.floor(maxPoints / 4);
  const points = [];
  for (let b = 0; b < buckets; b++) {
    const start = Math.floor(b * total / buckets), end = Math.floor((b + 1) * total / buckets);
    let low = start, high = start;
    for (let k = start + 1; k < end; k++) {
      if (y[finite[k]] < y[finite[low]]) low = k;
      if (y[finite[k]] > y[finite[high]]) high = k;
    }
    for (const k of [...new Set([start, low, high, end - 1])].sort((a, b) => a - b)) points.push({ x: x[finite[k]], y: y[finite[k]] });
  }
  return { points, total };
}

/** Columns with the rows that first, lowest, highest and last of each column's buckets need, so that every spike stays. */
export function thin(columns, buckets = 300) {
  const names = Object.keys(columns), count = columns[names[0]].length, kept = new Set();
  for (let b = 0; b < buckets; b++) {
    const start = Math.floor(b * count / buckets), end = Math.floor((b + 1) * count / buckets);
    if (start >= end) continue;
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
