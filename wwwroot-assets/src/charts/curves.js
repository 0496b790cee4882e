// What a chart knows of a run: columns of numbers, fed by one snapshot and then increments.

const number = value => value === null || value === undefined ? NaN : Number(value); // "NaN" and "Infinity" come as text

/** Appends, or replaces the point that a resumed run did again. */
function put(columns, key, row) {
  const keys = columns[key];
  let at = keys.length;
  while (at > 0 && keys[at - 1] > row[key]) at--;
  const again = at > 0 && keys[at - 1] === row[key];
  for (const name of Object.keys(columns)) columns[name].splice(again ? at - 1 : at, again ? 1 : 0, row[name]);
}

export class Curves {
  constructor(snapshot) {
    this.steps = { step: snapshot.steps.step.map(Number), loss: snapshot.steps.loss.map(number) };
    this.epochs = { epoch: [], trainingLoss: [], validationLoss: [], f1: [], accuracy: [], auroc: [] };
    for (const epoch of snapshot.epochs) this.#putEpoch(epoch);
    this.sequence = snapshot.sequence;
  }

  /** False when something is missing between what is known and this increment. */
  apply(increment) {
    if (increment.toSequence <= this.sequence) return true;
    if (increment.fromSequence !== this.sequence) return false;
    const { step, loss } = increment.steps;
    for (let i = 0; i < step.length; i++) put(this.steps, 'step', { step: step[i], loss: number(loss[i]) });
    for (const epoch of increment.epochs) this.#putEpoch(epoch);
    this.sequence = increment.toSequence;
    return true;
  }

  #putEpoch(e) {
    put(this.epochs, 'epoch', {
      epoch: e.epoch, trainingLoss: number(e.trainingLoss), validationLoss: number(e.validationLoss),
      f1: number(e.f1), accuracy: number(e.accuracy), auroc: number(e.auroc),
    });
  }
}
