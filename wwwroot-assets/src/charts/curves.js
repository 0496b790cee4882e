// What a chart knows of a run: columns of numbers, fed by one snapshot and then increments. A long run is kept thinned; a chart that
// is zoomed in asks for its own stretch.
import { thin } from './decimate.js';

/** More rows than this are thinned: enough for any screen, and little to keep. */
const MostRows = 6000;

const stepColumns = ['step', 'epoch', 'time', 'loss', 'learningRate', 'gradientNorm', 'segmentsPerSecond'];
const epochColumns = [
  'epoch', 'step', 'time', 'trainingLoss', 'validationLoss', 'seconds', 'accuracy', 'precision', 'recall', 'f1', 'auroc', 'specificity', 'balancedAccuracy', 'mcc', 'averagePrecision', 'brier', 'ece', 'logLoss',
];
const systemColumns = ['time', 'cpuCores', 'memoryBytes', 'threads'];

// "NaN" and "Infinity" come as text; null stays null: there is no such value, which is not the same as one that is not a number.
const number = value => value === null || value === undefined ? null : Number(value);
const numbers = (columns, names) => Object.fromEntries(names.map(name => [name, columns[name].map(number)]));

/** Appends, or replaces the point that a resumed run did again. */
function put(columns, key, row) {
  const keys = columns[key];
  let at = keys.length;
  while (at > 0 && keys[at - 1] > row[key]) at--;
  const again = at > 0 && keys[at - 1] === row[key];
  for (const name of Object.keys(columns)) columns[name].splice(again ? at - 1 : at, again ? 1 : 0, row[name]);
}

const rows = columns => Object.values(columns)[0].map((_, i) => Object.fromEntries(Object.keys(columns).map(name => [name, columns[name][i]])));

export class Curves {
  /** ask(from, to, buckets) resolves to a stretch of the steps. */
  constructor(snapshot, ask) {
    this.ask = ask;
    this.details = new Set();
    this.steps = numbers(snapshot.steps, stepColumns);
    this.redone = numbers(snapshot.redone, stepColumns);
    this.resumes = snapshot.resumes;
    this.epochs = Object.fromEntries(epochColumns.map(name => [name, []]));
    for (const epoch of snapshot.epochs) this.#putEpoch(epoch);
    this.system = numbers(snapshot.system, systemColumns);
    this.total = snapshot.totalSteps;
    this.pace = snapshot.pace;
    this.sequence = snapshot.sequence;
  }

  /** False when something is missing between what is known and this increment. */
  apply(increment) {
    if (increment.toSequence <= this.sequence) return true;
    if (increment.fromSequence !== this.sequence) return false;
    for (const row of rows(numbers(increment.steps, stepColumns))) {
      put(this.steps, 'step', row);
      for (const detail of this.details) detail.put(row);
    }
    for (const row of rows(numbers(increment.redone, stepColumns))) put(this.redone, 'step', row);
    for (const epoch of increment.epochs) this.#putEpoch(epoch);
    for (const row of rows(numbers(increment.system, systemColumns))) put(this.system, 'time', row);
    this.resumes = [...this.resumes, ...increment.resumes];
    if (this.steps.step.length > MostRows) this.steps = thin(this.steps);
    if (this.redone.step.length > MostRows) this.redone = thin(this.redone);
    this.total = increment.totalSteps;
    this.pace = increment.pace ?? this.pace;
    this.sequence = increment.toSequence;
    return true;
  }

  /** The same curves with the steps of a stretch as the run has them; it follows the run until it is dropped from `details`. */
  async detail(from, to, buckets) {
    [from, to] = [Math.max(0, Math.ceil(from)), Math.max(0, Math.floor(to))];
    const missed = [];
    const waiting = { put: row => missed.push(row) };
    this.details.add(waiting);
    try {
      const window = await this.ask(from, to, buckets);
      const detail = new Detail(this, window);
      for (const row of missed) detail.put(row);
      this.details.add(detail);
      return detail;
    } finally {
      this.details.delete(waiting);
    }
  }

  #putEpoch(e) {
    put(this.epochs, 'epoch', Object.fromEntries(epochColumns.map(name => [name, number(e[name])])));
  }
}

/** Curves whose steps are one stretch in full detail. */
class Detail {
  constructor(curves, window) {
    this.curves = curves;
    this.steps = numbers(window.steps, stepColumns);
    [this.from, this.to, this.total] = [window.from, window.to, window.total];
  }

  get redone() { return this.curves.redone; }
  get resumes() { return this.curves.resumes; }
  get epochs() { return this.curves.epochs; }
  get system() { return this.curves.system; }
  get pace() { return this.curves.pace; }

  put(row) {
    if (row.step < this.from || row.step > this.to) return;
    const last = this.steps.step.at(-1) ?? -1;
    put(this.steps, 'step', row);
    if (row.step > last) this.total++;
    if (this.steps.step.length > MostRows) this.steps = thin(this.steps);
  }
}
