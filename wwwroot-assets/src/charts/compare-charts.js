// Curves of several runs in one chart each, over the same hub as a single run's: whatever is chosen above them is drawn here.
import { ChartGroup } from './group.js';
import { watch } from './hub.js';
import { places } from './places.js';
import { RunData } from './run-data.js';

export function attach(root) {
  const known = new Map(); // run id -> { look, data, stop }
  const choice = root.querySelector('[data-metric]'), usual = choice.value;
  const wanted = new URLSearchParams(location.search).get('metric');
  if ([...choice.options].some(option => option.value === wanted)) choice.value = wanted;
  let metric = chosen();

  const content = (figure, axis) => ({
    lines: [...known.values()].filter(run => run.data.curves).map(({ look, data: { now } }) => figure === 'loss'
      ? { ...look, kind: 'steps', smooth: true, total: now.total, x: places(now, 'steps', axis), y: now.steps.loss }
      : { ...look, kind: 'epochs', higherIsBetter: figure === 'validation-metric' && metric.higherIsBetter, x: places(now, 'epochs', axis), y: now.epochs[figure === 'validation-loss' ? 'validationLoss' : metric.name] ?? now.epochs.epoch.map(() => null) }),
  });
  const group = new ChartGroup(root, { loss: { positive: true }, 'validation-loss': { positive: true }, 'validation-metric': { unit: true } }, content, { axis: 'epoch', looked: view => known.forEach(run => run.data.look(view)) });
  const problem = root.querySelector('[data-problem]');
  const unique = names => names.map((name, i) => names.indexOf(name) === i ? name : `${name} (${names.slice(0, i).filter(other => other === name).length + 1})`);

  const name = () => {
    metric = chosen();
    root.querySelector('[data-figure="validation-metric"] [data-title]').textContent = `Validation ${metric.title}`;
    group.remember({ metric: metric.name === usual ? '' : metric.name });
  };
  const change = () => { name(); group.refresh(); };
  choice.addEventListener('change', change);

  function chosen() {
    const [option] = choice.selectedOptions;
    return { name: option.value, title: option.text, higherIsBetter: option.dataset.better === 'higher' };
  }

  return {
    /** runs: [{ run, name, color, dash }] */
    draw(runs) {
      name();
      for (const [id, run] of known) if (!runs.some(other => other.run === id)) { run.stop(); known.delete(id); }
      const names = unique(runs.map(run => run.name));
      runs.forEach((look, i) => {
        const before = known.get(look.run);
        if (before) return void (before.look = { ...look, name: names[i] });
        const run = { look: { ...look, name: names[i] }, data: new RunData(() => group.refresh()) };
        known.set(look.run, run);
        run.stop = watch(look.run, curves => { root.removeAttribute('data-waiting'); problem.hidden = true; run.data.take(curves, group.view); group.refresh(); }, message => { root.removeAttribute('data-waiting'); problem.hidden = false; problem.textContent = message; });
      });
      group.refresh();
    },
    async dispose() {
      choice.removeEventListener('change', change);
      group.destroy();
      await Promise.all([...known.values()].map(run => run.stop()));
    },
  };
}
