// The three curves of one run. The component gives the element and the run; everything else goes over the hub.
import { LineChart } from './chart.js';
import { watch } from './hub.js';

const epoch = c => c.epochs.epoch;

export function attach(root, runId) {
  const figure = name => root.querySelector(`[data-figure="${name}"]`);
  const charts = [
    new LineChart(figure('training-loss'), { xTitle: 'Step', series: [{ name: 'Training loss', color: '--series-1', x: c => c.steps.step, y: c => c.steps.loss }] }),
    new LineChart(figure('validation-loss'), {
      xTitle: 'Epoch', integerX: true, series: [
        { name: 'Validation loss', color: '--series-2', x: epoch, y: c => c.epochs.validationLoss },
        { name: 'Training loss', color: '--series-1', dashed: true, x: epoch, y: c => c.epochs.trainingLoss },
      ],
    }),
    new LineChart(figure('validation-metrics'), {
      xTitle: 'Epoch', integerX: true, max: 1, series: [
        { name: 'F1', color: '--series-3', higherIsBetter: true, x: epoch, y: c => c.epochs.f1 },
        { name: 'AUROC', color: '--series-4', higherIsBetter: true, shown: false, x: epoch, y: c => c.epochs.auroc },
        { name: 'Accuracy', color: '--series-5', higherIsBetter: true, shown: false, x: epoch, y: c => c.epochs.accuracy },
      ],
    }),
  ];

  const toggles = [...root.querySelectorAll('[data-toggle]')];
  const toggle = e => {
    const pressed = e.currentTarget.getAttribute('aria-pressed') !== 'true';
    e.currentTarget.setAttribute('aria-pressed', String(pressed));
    charts[2].show(e.currentTarget.dataset.toggle, pressed);
  };
  for (const button of toggles) button.addEventListener('click', toggle);

  const themes = new MutationObserver(() => charts.forEach(c => c.restyle()));
  themes.observe(document.documentElement, { attributeFilter: ['data-theme'] });

  const problem = root.querySelector('[data-problem]');
  const stop = watch(runId,
    curves => { problem.hidden = true; root.dataset.sequence = curves.sequence; charts.forEach(c => c.update(curves)); },
    message => { problem.hidden = false; problem.textContent = message; });

  return {
    async dispose() {
      themes.disconnect();
      for (const button of toggles) button.removeEventListener('click', toggle);
      await stop();
      charts.forEach(c => c.destroy());
    },
  };
}
