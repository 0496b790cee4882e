// What charts promise, without a browser: node --test
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lengthAxis, tickText, unitAxis } from '../src/charts/axes.js';
import { Curves } from '../src/charts/curves.js';
import { decimate } from '../src/charts/decimate.js';
import { places, stepsBetween } from '../src/charts/places.js';
import { smooth } from '../src/charts/smooth.js';

const range = (n, of) => Array.from({ length: n }, (_, i) => of(i));

test('a constant stays exactly that constant at every weight', () => {
  for (const weight of [.1, .9, .999, .9999]) for (const value of [.1, 1 / 3, 123.456]) assert.deepEqual(smooth(range(5000, () => value), weight), range(5000, () => value));
});

test('smoothing begins without a bias, passes over what is no number, and is off at 0', () => {
  const y = [4, 2, NaN, 2, null, 8];
  assert.equal(smooth(y, 0), y);
  const smoothed = smooth(y, .9);
  assert.equal(smoothed[0], 4);
  assert.ok(Math.abs(smoothed[1] - (4 * .9 * .1 + 2 * .1) / (1 - .81)) < 1e-12); // the moving average of Adam, corrected
  assert.ok(Number.isNaN(smoothed[2]));
  assert.equal(smoothed[4], null);
  assert.ok(smoothed[3] < smoothed[1] && smoothed[5] > smoothed[3]);
});

test('every extreme of a long series is drawn at every zoom, in few points', () => {
  const n = 100_000, x = range(n, i => i + 1), y = range(n, i => Math.sin(i / 1e4));
  for (const at of [70_000, 70_001, 12_345]) y[at] = at % 2 ? -50 : 50; // a high and a low spike side by side
  for (const [from, to] of [[1, n], [60_000, 80_000], [69_900, 70_100], [12_000, 13_000]]) {
    const { points, total, drawn } = decimate(x, y, from, to), inside = y.filter((_, i) => x[i] >= from && x[i] <= to);
    assert.ok(points.length <= 1000 && drawn === points.length && total >= inside.length);
    const values = points.filter(p => p.x >= from && p.x <= to).map(p => p.y);
    assert.equal(Math.max(...values), Math.max(...inside));
    assert.equal(Math.min(...values), Math.min(...inside));
    assert.ok(points.every((p, i) => i === 0 || p.x > points[i - 1].x));
  }
});

test('of each part the first and the last value are drawn, not only its extremes', () => {
  const n = 9960, parts = 249, x = range(n, i => i), y = range(n, i => Math.sin(i / 7)), drawn = new Set(decimate(x, y).points.map(p => p.x));
  for (let part = 0; part < parts; part++) assert.ok(drawn.has(part * n / parts) && drawn.has((part + 1) * n / parts - 1), `part ${part}`);
});

test('a run that is followed for long takes no more room than a shorter one, and every spike of it stays', () => {
  const none = { step: [], epoch: [], time: [], loss: [], learningRate: [], gradientNorm: [], segmentsPerSecond: [] }, idle = { time: [], cpuCores: [], memoryBytes: [], threads: [] }, each = 250;
  const curves = new Curves({ steps: none, redone: none, resumes: [], epochs: [], system: idle, totalSteps: 0, pace: null, sequence: 0 });
  const loss = step => ({ 4_001: 99, 44_443: 99, 44_444: -99, 70_001: 'NaN', 70_002: 'Infinity' })[step] ?? Math.sin(step);
  const rows = [];
  for (let from = 1; from <= 100_000; from += each) {
    const step = range(each, i => from + i), constant = value => step.map(() => value);
    const steps = { step, epoch: constant(1), time: step, loss: step.map(loss), learningRate: constant(.001), gradientNorm: constant(1), segmentsPerSecond: constant(10) };
    assert.ok(curves.apply({ fromSequence: from - 1, toSequence: from + each - 1, steps, redone: steps, resumes: [], epochs: [], system: idle, totalSteps: from + each - 1, pace: null }));
    rows.push(Math.max(curves.steps.step.length, curves.redone.step.length));
  }
  assert.ok(Math.max(...rows) <= Math.max(...rows.slice(0, 10_000 / each)) && Math.max(...rows) <= 6000, `${Math.max(...rows)} rows`);
  const at = step => curves.steps.loss[curves.steps.step.indexOf(step)];
  assert.deepEqual([4_001, 44_443, 44_444].map(at), [99, 99, -99]);
  assert.ok(curves.steps.loss.some(Number.isNaN) && curves.steps.loss.filter(v => !Number.isFinite(v)).length <= 2);
  // What is long ago is drawn no coarser than what was just now.
  for (let from = 0; from < 100_000; from += 10_000) assert.ok(curves.steps.step.filter(step => step > from && step <= from + 10_000).length >= 60, `steps after ${from}`);
  assert.deepEqual([curves.steps.step[0], curves.steps.step.at(-1), curves.total], [1, 100_000, 100_000]);
});

test('what is not finite is a gap and is told; what is not there is a gap only', () => {
  const { points, odd, total } = decimate([1, 2, 3, 4, 5, 6, 7], [1, NaN, NaN, 2, -Infinity, null, 3]);
  assert.deepEqual(points.map(p => p.y), [1, null, 2, null, 3]);
  assert.deepEqual(odd.map(p => p.x), [2, 3, 5]);
  assert.equal(total, 3);
});

const run = (stepsPerEpoch, epochs) => {
  const n = stepsPerEpoch * epochs, step = range(n, i => i + 1);
  return { steps: { step, time: step.map(s => s * 1000) }, epochs: { epoch: range(epochs, i => i + 1), step: range(epochs, i => (i + 1) * stepsPerEpoch), time: range(epochs, i => (i + 1) * stepsPerEpoch * 1000) }, resumes: [], pace: { stepsPerEpoch, trainingSegments: 1600, started: 0 } };
};

test('batches of 16 and of 32 end together by epoch and by segments, not by step', () => {
  const [small, large] = [run(100, 3), run(50, 3)], last = (r, axis) => places(r, 'steps', axis).at(-1);
  assert.equal(last(small, 'epoch'), last(large, 'epoch'));
  assert.equal(last(small, 'segments'), 4800);
  assert.equal(last(large, 'segments'), 4800);
  assert.notEqual(last(small, 'step'), last(large, 'step'));
  assert.deepEqual(places(small, 'epochs', 'segments'), [1600, 3200, 4800]);
});

test('a pause of an hour is no active time', () => {
  const r = run(10, 1), hour = 3_600_000;
  r.steps.time = r.steps.step.map(s => s * 1000 + (s > 5 ? hour : 0));
  r.resumes = [{ step: 5, time: new Date(5500 + hour).toISOString(), activeSeconds: 5.2 }];
  const active = places(r, 'steps', 'active');
  assert.equal(active[4], 5);
  assert.ok(Math.abs(active[5] - 5.7) < 1e-9);
  assert.equal(places(r, 'steps', 'clock')[5] - places(r, 'steps', 'clock')[4], hour + 1000);
});

test('a score has an axis from 0, or from the tenth below the lowest where all are good, never a narrower one', () => {
  for (const [low, min, ticks] of [[.2, 0, 4], [.499, 0, 4], [.5, .5, 5], [.699, .6, 4], [.7, .7, 3], [.86, .8, 4], [.9, .9, 5], [.9994, .9, 5], [1, .9, 5]]) {
    assert.deepEqual(unitAxis(low), { min, max: 1, ticks, decimals: 2 });
    assert.ok(Math.abs((1 - min) / ticks * 100 % 1) < 1e-9 || Math.abs((1 - min) / ticks * 100 % 1 - 1) < 1e-9, 'ticks are whole hundredths');
  }
});

test('a zoom on any axis is a range of steps, one more at each side', () => {
  assert.deepEqual(stepsBetween(run(100, 3), 'epoch', { min: 1, max: 2 }), { from: 99, to: 201 });
  assert.deepEqual(stepsBetween(run(100, 3), 'step', { min: -5, max: 9999 }), { from: 1, to: 300 });
});

test('ticks say where they stand: whole steps, and no rows of zeros', () => {
  globalThis.document = { documentElement: { dataset: {} } };
  for (const steps of [1, 3, 7, 9, 15, 17, 40, 88, 264]) {
    const { max, ticks } = lengthAxis('step', 0, steps);
    assert.ok(Number.isInteger(max / ticks) && max >= steps && ticks <= 7, `${steps}: ${ticks} parts up to ${max}`);
  }
  assert.deepEqual([tickText(2.4e16, 0, 2.4e16), tickText(0, 0, 2.4e16), tickText(16_000, 0, 16_000), tickText(5e-6, 6, 2e-5), tickText(.25, 2, 1)], ['2.4e16', '0', '16,000', '5e-6', '0.25']);
  document.documentElement.dataset.locale = 'de-DE';
  assert.equal(tickText(2.4e16, 0, 2.4e16), '2,4e16');
});
