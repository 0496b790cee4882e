// Where the points of a run stand on each of the axes.

/**
 * @param {object} curves or a stretch of them
 * @param {'steps'|'redone'|'epochs'|'system'} kind
 * @param {string} axis one of Axes
 * @returns {number[]} ascending, as long as the columns of that kind
 */
export const places = (curves, kind, axis) => axis === 'epoch' && kind === 'epochs' ? curves.epochs.epoch : placesOf(curves, curves[kind], axis);

function placesOf(curves, { step, time }, axis) {
  const pace = curves.pace, steps = () => step ?? stepsAt(curves, time);
  switch (axis) {
    case 'epoch': return steps().map(s => s / (pace?.stepsPerEpoch || 1));
    case 'segments': return steps().map(s => Math.round(s * (pace ? pace.trainingSegments / pace.stepsPerEpoch : 1)));
    case 'active': return activeSeconds(curves, time);
    case 'clock': return time;
    default: return steps();
  }
}

/** Steps that have places in a range of an axis, one more at each side. */
export function stepsBetween(curves, axis, { min, max }) {
  const at = places(curves, 'steps', axis), { step } = curves.steps;
  const first = at.findIndex(x => x >= min), last = at.findLastIndex(x => x <= max);
  return { from: step[Math.max(0, (first < 0 ? at.length : first) - 1)] ?? 0, to: step[Math.min(at.length - 1, last + 1)] ?? 0 };
}

/** The resumes of a run on an axis, with words. */
export function resumesOn(curves, axis) {
  const at = placesOf(curves, { step: curves.resumes.map(r => r.step), time: curves.resumes.map(r => Date.parse(r.time)) }, axis);
  return curves.resumes.map((r, i) => ({ x: at[i], text: `Resumed after step ${r.step}` }));
}

function stepsAt({ steps }, times) {
  let i = 0;
  return times.map(time => {
    while (i + 1 < steps.time.length && steps.time[i + 1] <= time) i++;
    return steps.step[i] ?? 0;
  });
}

/** Seconds under a worker: what lies between the end of one worker and the start of the next does not count. */
function activeSeconds(curves, times) {
  const begun = [{ time: curves.pace?.started ?? times[0] ?? 0, seconds: 0 }, ...curves.resumes.map(r => ({ time: Date.parse(r.time), seconds: r.activeSeconds }))];
  let i = 0;
  return times.map(time => {
    while (i + 1 < begun.length && begun[i + 1].time <= time) i++;
    return begun[i].seconds + Math.max(0, time - begun[i].time) / 1000;
  });
}
