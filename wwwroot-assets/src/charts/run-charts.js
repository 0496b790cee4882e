// The curves of one run. The component gives the element and the run; everything else goes over the hub.
import { LineChart } from './chart.js';
import { watch } from './hub.js';

const epoch = c => c.epochs.epoch;
const step = c => c.steps.step;
const minutes = c => c.system.time.map(time => Math.round((time - c.system.time[0]) / 600) / 100);

const metrics = [
  ['F1', 'f1', true], ['AUROC', 'auroc', true], ['Accuracy', 'accuracy', true], ['Precision', 'precision', true], ['Recall', 'recall', true], ['Specificity', 'specificity', true],
  ['Balanced accuracy', 'balancedAccuracy', true], ['MCC', 'mcc', true], ['Average precision', 'averagePrecision', true], ['Brier', 'brier', false], ['ECE', 'ece', false],
];

export function attach(root, runId) {
  const figure = name => root.querySelector(`[data-figure="${name}"]`);
  // One value a step. What a resumed run did again is drawn faint below, and counted once.
  const bySteps = (name, title, column, color) => new LineChart(figure(name), {
    xTitle: 'Step', detailed: true, total: c => c.total, marks: c => c.resumes.map(r => ({ x: r.step, text: `resumed after ${r.step.toLocaleString('en-US')}` })),
    series: [
      { name: title, color, x: step, y: c => c.steps[column] },
      { name: 'Done again after a resume', color, faint: true, shown: false, x: c => c.redone.step, y: c => c.redone[column] },
    ],
  });
  const bySystem = (name, title, y, color) => new LineChart(figure(name), { xTitle: 'Minutes', series: [{ name: title, color, x: minutes, y }] });
  const validation = new LineChart(figure('validation-metrics'), {
    xTitle: 'Epoch', integerX: true, max: 1,
    series: metrics.map(([name, column, higherIsBetter], i) => ({ name, color: `--series-${(i + 2) % 8 + 1}`, higherIsBetter, shown: name === 'F1', x: epoch, y: c => c.epochs[column] })),
  });
  const stepCharts = [
    bySteps('training-loss', 'Training loss', 'loss', '--series-1'), bySteps('learning-rate', 'Learning rate', 'learningRate', '--series-4'),
    bySteps('gradient-norm', 'Gradient norm', 'gradientNorm', '--series-3'), bySteps('speed', 'Segments/s', 'segmentsPerSecond', '--series-6'),
  ];
  const charts = [
    ...stepCharts, validation,
    new LineChart(figure('validation-loss'), {
      xTitle: 'Epoch', integerX: true, series: [
        { name: 'Validation loss', color: '--series-2', x: epoch, y: c => c.epochs.validationLoss },
        { name: 'Training loss', color: '--series-1', dashed: true, x: epoch, y: c => c.epochs.trainingLoss },
      ],
    }),
    bySystem('processor', 'Cores at work', c => c.system.cpuCores, '--series-5'), bySystem('memory', 'Memory in MB', c => c.system.memoryBytes.map(bytes => bytes / 1048576), '--series-7'),
  ];

  const toggles = [...root.querySelectorAll('[data-toggle]')];
  const toggle = e => {
    const pressed = e.currentTarget.getAttribute('aria-pressed') !== 'true';
    e.currentTarget.setAttribute('aria-pressed', String(pressed));
    validation.show(e.currentTarget.dataset.toggle, pressed);
  };
  for (const button of toggles) button.addEventListener('click', toggle);

  const themes = new MutationObserver(() => charts.forEach(c => c.restyle()));
  themes.observe(document.documentElement, { attributeFilter: ['data-theme'] });

  let again = false; // steps were done twice, and are shown
  const problem = root.querySelector('[data-problem]');
  const stop = watch(runId,
    curves => {
      problem.hidden = true;
      root.dataset.sequence = curves.sequence;
      if (curves.redone.step.length > 0 && !again) {
        again = true;
        stepCharts.forEach(c => c.show('Done again after a resume', true));
      }
      charts.forEach(c => c.update(curves));
    },
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
