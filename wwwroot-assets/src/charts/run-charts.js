// The curves of one run. The component gives the element and the run; everything else goes over the hub.
import { Curves } from './curves.js';
import { ChartGroup } from './group.js';
import { watch } from './hub.js';
import { places, resumesOn } from './places.js';
import { RunData } from './run-data.js';

const metrics = [
  ['F1', 'f1', true], ['AUROC', 'auroc', true], ['Accuracy', 'accuracy', true], ['Precision', 'precision', true], ['Recall', 'recall', true], ['Specificity', 'specificity', true],
  ['Balanced accuracy', 'balancedAccuracy', true], ['MCC', 'mcc', true], ['Average precision', 'averagePrecision', true], ['Brier', 'brier', false], ['ECE', 'ece', false],
];
const usual = ['f1'], metricColors = 6;

const stepFigures = { 'training-loss': ['Training loss', 'loss'], 'learning-rate': ['Learning rate', 'learningRate'], 'gradient-norm': ['Gradient norm', 'gradientNorm'], speed: ['Segments/s', 'segmentsPerSecond', true] };
const systemFigures = { processor: ['Cores at work', s => s.cpuCores, true], memory: ['Memory in MB', s => s.memoryBytes.map(bytes => bytes === null ? null : bytes / 1e6)] };
const kinds = {
  'training-loss': { positive: true }, 'validation-loss': { positive: true }, 'validation-metrics': { unit: true },
  'learning-rate': { positive: true }, 'gradient-norm': { positive: true }, speed: {}, processor: {}, memory: {},
};

/** @param {string|null} ended the curves of a run that has ended, as the hub says them */
export function attach(root, runId, ended) {
  const { color, dash } = root.dataset, own = { run: runId, color, dash: Number(dash) };
  const named = new URLSearchParams(location.search).get('metrics')?.split(',') ?? usual;
  const shown = new Set(metrics.filter(([, column]) => named.includes(column)).map(([title]) => title));
  const data = new RunData(() => group.refresh());

  const content = (figure, axis) => {
    const curves = data.now;
    if (!curves) return { lines: [] };
    const at = kind => places(curves, kind, axis), ofEpochs = (name, column, more) => ({ ...own, name, kind: 'epochs', x: at('epochs'), y: curves.epochs[column], ...more });
    if (figure === 'validation-loss') return { lines: [ofEpochs('Validation loss', 'validationLoss'), ofEpochs('Training loss, mean of the epoch', 'trainingLoss', { color: '--ink-2', dash: own.dash + 1 })] };
    if (figure === 'validation-metrics') {
      return { nothing: shown.size === 0 ? 'No metric is chosen.' : undefined, lines: metrics.filter(([name]) => shown.has(name)).map(([name, column, higherIsBetter]) => {
        const i = metrics.findIndex(m => m[0] === name);
        return ofEpochs(name, column, { higherIsBetter, ...i === 0 ? {} : { color: `--series-${(Number(own.color.at(-1)) - 1 + i) % metricColors + 1}`, dash: Math.floor(i / metricColors) } });
      }) };
    }
    if (figure in systemFigures) {
      const [name, of, higherIsBetter] = systemFigures[figure];
      return { lines: [{ ...own, name, kind: 'system', higherIsBetter, x: at('system'), y: of(curves.system) }] };
    }
    // One value a step. What a resumed run did again is drawn faint below, and counted once.
    const [name, column, higherIsBetter] = stepFigures[figure];
    const lines = [{ ...own, name, kind: 'steps', of: curves.steps, smooth: true, higherIsBetter, total: curves.total, x: at('steps'), y: curves.steps[column] }];
    if (curves.redone.step.length > 0) lines.unshift({ ...own, name: 'Done again after a resume', kind: 'redone', faint: true, x: at('redone'), y: curves.redone[column] });
    return { lines, events: resumesOn(curves, axis) };
  };
  const group = new ChartGroup(root, kinds, content, { looked: view => data.look(view) });

  const toggles = [...root.querySelectorAll('[data-toggle]')];
  const toggle = e => {
    const name = e.currentTarget.dataset.toggle;
    if (!shown.delete(name)) shown.add(name);
    press();
    const chosen = metrics.filter(([title]) => shown.has(title)).map(([, column]) => column).join() || 'none';
    group.remember({ metrics: chosen === usual.join() ? '' : chosen });
    group.refresh();
  };
  const press = () => { for (const button of toggles) button.setAttribute('aria-pressed', String(shown.has(button.dataset.toggle))); };
  press();
  for (const button of toggles) button.addEventListener('click', toggle);

  const problem = root.querySelector('[data-problem]');
  const show = curves => { problem.hidden = true; root.removeAttribute('data-waiting'); root.dataset.sequence = curves.sequence; data.take(curves, group.view); };
  if (ended) {
    show(new Curves(JSON.parse(ended)));
    group.refresh();
  }
  const stop = watch(runId,
    curves => {
      const drawn = data.curves?.sequence === curves.sequence && data.curves !== curves; // nothing has come since the page was made
      show(curves);
      if (!drawn) group.refresh();
    },
    message => { root.removeAttribute('data-waiting'); problem.hidden = false; problem.textContent = message; });

  return {
    /** The run has ended, or goes on. */
    end(ended) {
      root.toggleAttribute('data-ended', ended);
      group.refresh();
    },
    async dispose() {
      for (const button of toggles) button.removeEventListener('click', toggle);
      group.destroy(); // first: nothing is drawn any more while the hub is told
      await stop();
    },
  };
}
