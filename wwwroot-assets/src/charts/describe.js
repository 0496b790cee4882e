// A chart in words: for those who cannot see it, and what was left out or changed, for those who can.
import { Axes, oddText } from './axes.js';
import { digits, whole } from './numbers.js';

const mostSentences = 4;

/** Many curves: how many, and which of them end lowest and highest. */
function ranking(drawn) {
  const last = drawn.map(line => ({ name: line.name, y: line.y.findLast(Number.isFinite) })).filter(line => line.y !== undefined).sort((a, b) => a.y - b.y);
  return `${last.length} curves. Last values: lowest ${digits(last[0].y)} (${last[0].name}), highest ${digits(last.at(-1).y)} (${last.at(-1).name}).`;
}

/** @param {string} nothing said of a chart that has no value */
export function describe(figure, all, view, frame, log, nothing) {
  const drawn = all.filter(line => !line.faint); // steps done twice count once
  const axis = Axes[view.axis];
  const sentences = drawn.map(line => {
    let last = -1, best = -1;
    for (let i = 0; i < line.y.length; i++) {
      if (!Number.isFinite(line.y[i])) continue;
      last = i;
      if (best < 0 || (line.higherIsBetter ? line.y[i] > line.y[best] : line.y[i] < line.y[best])) best = i;
    }
    return last < 0 ? null : `${line.name}: ${digits(line.y[last])} at ${axis.name} ${axis.text(line.x[last])}, ${line.higherIsBetter ? 'highest' : 'lowest'} ${digits(line.y[best])} at ${axis.text(line.x[best])}.`;
  }).filter(Boolean);
  const summary = (sentences.length > mostSentences ? ranking(drawn) : sentences.join(' ')) || nothing;

  const odd = drawn.flatMap(line => line.raw.odd), hidden = drawn.reduce((sum, line) => sum + line.hidden, 0);
  const notes = [];
  if (odd.length > 0) notes.push(odd.length === 1 ? `${oddText(odd[0], axis)}.` : `${whole(odd.length)} values are not finite, the first ${oddText(odd[0], axis)}.`);
  if (hidden > 0) notes.push(`Log axis: ${whole(hidden)} ${hidden === 1 ? 'value' : 'values'} at or below 0 cannot be shown.`);
  if (view.clip) notes.push(frame.clipped === 0 ? 'No outlier is clipped.' : `${whole(frame.clipped)} ${frame.clipped === 1 ? 'value lies' : 'values lie'} above the axis.`);
  const thinned = drawn.find(line => line.smoothed && line.total > line.y.length);
  const smoothing = !drawn.some(line => line.smoothed) ? '' : ` Smoothed (weight ${digits(view.smoothing)}${thinned ? `) over the ${whole(thinned.y.length)} of ${whole(thinned.total)} values that are here: first, lowest, highest, last of each part` : ')'}; the thin line is the raw one.`;

  set(figure.querySelector('[data-summary]'), summary + smoothing);
  set(figure.querySelector('[data-notes]'), notes.join(' '));
  figure.querySelector('[data-chart]').setAttribute('aria-label', [summary, ...notes].join(' '));
  figure.toggleAttribute('data-empty', sentences.length === 0);
  const shown = Math.max(0, ...drawn.map(line => line.raw.drawn)), window = Math.max(0, ...drawn.map(line => line.raw.total));
  const total = Math.max(0, ...drawn.map(line => line.total ?? line.y.filter(Number.isFinite).length));
  const count = figure.querySelector('[data-count]');
  set(count, total === 0 ? '' : `${whole(shown)} of ${whole(view.zoom ? window : total)} points`);
  count.dataset.points = total;
  count.dataset.drawn = shown;
}

// Only a text that has changed is written: nobody who listens hears it twice.
function set(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
