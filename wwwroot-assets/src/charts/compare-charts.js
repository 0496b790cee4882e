// Curves of several runs in one chart each. The component gives the numbers; zoom, tooltips and decimation are the chart's.
import { LineChart } from './chart.js';

export function attach(root) {
  let charts = [];
  const clear = () => { charts.forEach(c => c.destroy()); charts = []; };
  const themes = new MutationObserver(() => charts.forEach(c => c.restyle()));
  themes.observe(document.documentElement, { attributeFilter: ['data-theme'] });
  const unique = names => names.map((name, i) => names.indexOf(name) === i ? name : `${name} (${i + 1})`);

  return {
    draw(figures) {
      clear();
      for (const [name, { title, xTitle, series }] of Object.entries(figures)) {
        const figure = root.querySelector(`[data-figure="${name}"]`);
        figure.querySelector('[data-title]').textContent = title;
        figure.setAttribute('aria-label', `${title} by ${xTitle.toLowerCase()}`);
        const names = unique(series.map(s => s.name));
        const chart = new LineChart(figure, {
          xTitle, free: true, series: series.map((s, i) => {
            const y = s.y.map(v => v === null ? NaN : v);
            return { name: names[i], color: s.color, dashed: s.dashed, higherIsBetter: s.higherIsBetter, x: () => s.x, y: () => y };
          }),
        });
        chart.update({});
        charts.push(chart);
      }
    },
    dispose() {
      themes.disconnect();
      clear();
    },
  };
}
