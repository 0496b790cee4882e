// One ApexCharts line chart that draws a bounded window, once a frame at the most.
import ApexCharts from 'apexcharts';
import { decimate } from './decimate.js';
import { freeAxis, stepAxis, valueAxis } from './axes.js';

const style = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const digits = value => Math.abs(value) >= 1000 || (value !== 0 && Math.abs(value) < 1e-3) ? value.toExponential(1) : value.toPrecision(3);

let count = 0;

export class LineChart {
  /**
   * series: [{ name, color (css variable), x(curves), y(curves), dashed, faint, shown }]
   * total(curves): how many points there are in all, where the curves are thinned; detailed: a zoom asks for its own stretch
   * marks(curves): [{ x, text }] to draw as upright lines
   */
  constructor(figure, { xTitle, series, max, integerX, free, total, detailed, marks }) {
    this.figure = figure;
    this.series = series.map(s => ({ shown: true, ...s }));
    this.xTitle = xTitle;
    this.view = null; // what a person zoomed to
    this.curves = null;
    this.integerX = integerX;
    this.max = max;
    this.total = total;
    this.detailed = detailed;
    this.marks = marks ?? (() => []);
    this.detail = null; // the zoomed stretch as the run has it
    this.free = free; // the value axis need not begin at 0
    this.target = figure.querySelector('[data-chart]');
    this.chart = new ApexCharts(this.target, this.#options());
    this.ready = this.chart.render();
    this.frame = 0;
  }

  update(curves) {
    const other = curves !== this.curves;
    this.curves = curves;
    if (other && this.view) this.#look(); // a new snapshot knows no stretch yet
    this.frame ||= requestAnimationFrame(() => { this.frame = 0; this.#draw(); });
  }

  restyle() {
    if (this.destroyed) return;
    this.key = null;
    this.chart.updateOptions(this.#options(), false, false, false);
    if (this.curves) this.update(this.curves);
  }

  show(name, shown) {
    this.series.find(s => s.name === name).shown = shown;
    this.restyle();
  }

  destroy() {
    this.destroyed = true;
    cancelAnimationFrame(this.frame);
    this.curves?.details?.delete(this.detail);
    this.chart.destroy();
  }

  async #draw() {
    await this.ready;
    if (this.destroyed) return;
    const drawn = this.#visible().map(s => ({ ...s, ...decimate(s.x(this.#data()), s.y(this.#data()), this.view?.min, this.view?.max) }));
    const series = drawn.map(s => ({ name: s.name, data: s.points }));
    // Axes and markers change seldom; only then the costlier way is taken.
    const frame = this.#frame(drawn), key = JSON.stringify(frame);
    if (key === this.key) this.chart.updateSeries(series, false);
    else {
      this.key = key;
      this.chart.updateOptions({ series, ...this.#axes(frame), annotations: { xaxis: frame.marks.map(mark => this.#mark(mark)) }, markers: { size: frame.alone || this.integerX ? 4 : 0 } }, false, false, false);
    }
    this.#describe(drawn);
  }

  /** What is drawn: the stretch that was zoomed to, once it is there. */
  #data() { return this.detail ?? this.curves; }

  #mark({ x, text }) {
    const muted = style('--ink-2');
    return { x, borderColor: muted, strokeDashArray: 4, label: { text, orientation: 'horizontal', position: 'top', style: { color: muted, background: style('--surface') } } };
  }

  /** Asks for the stretch that was zoomed to; until it comes the thinned curve is shown. */
  async #look() {
    this.curves?.details?.delete(this.detail);
    this.detail = null;
    if (!this.detailed || !this.view) return;
    const { view, curves } = this;
    const detail = await curves.detail(view.min, view.max, Math.round(this.target.clientWidth) || 600).catch(() => null); // the thinned curve stays
    if (!detail) return;
    if (this.destroyed || this.view !== view || this.curves !== curves) curves.details.delete(detail);
    else {
      this.detail = detail;
      this.update(curves);
    }
  }

  #visible() { return this.series.filter(s => s.shown); }

  /** What the axes and markers depend on. */
  #frame(drawn) {
    const points = drawn.flatMap(s => s.points);
    const high = points.reduce((most, p) => Math.max(most, p.y), 0);
    const last = points.reduce((most, p) => Math.max(most, p.x), 0);
    return {
      y: this.free ? freeAxis(points.reduce((least, p) => Math.min(least, p.y), Infinity), points.reduce((most, p) => Math.max(most, p.y), -Infinity)) : this.max === 1 ? { min: points.some(p => p.y < 0) ? -1 : 0, max: 1, ticks: 4, decimals: 2 } : valueAxis(high),
      x: this.view ? { min: this.view.min, max: this.view.max, ticks: 6 } : this.integerX ? {} : stepAxis(last),
      marks: this.marks(this.curves ?? { resumes: [] }),
      alone: points.length > 0 && drawn.every(s => s.points.length <= 1),
    };
  }

  #axes({ x, y }) {
    const muted = style('--ink-2'), line = style('--line');
    return {
      xaxis: {
        type: 'numeric', decimalsInFloat: 0, tickAmount: x.ticks, min: x.min, max: x.max,
        title: { text: this.xTitle, style: { fontWeight: 500, fontSize: '12px', color: muted } },
        axisBorder: { color: line }, axisTicks: { color: line }, tooltip: { enabled: false },
        labels: { formatter: v => Number.isFinite(Number(v)) ? Math.round(Number(v)).toLocaleString('en-US') : '' },
      },
      yaxis: { min: y.min ?? 0, max: y.max, tickAmount: y.ticks, labels: { formatter: v => v === null || v === undefined ? '' : v.toFixed(y.decimals), minWidth: 36 } },
    };
  }

  /** The figure in words, for those who cannot see it, and what was left out, for those who can. */
  #describe(drawn) {
    const all = s => { const y = s.y(this.curves); return y.filter(Number.isFinite).length; };
    const sentences = drawn.filter(s => s.total > 0 && !s.faint).map(s => {
      const x = s.x(this.curves), y = s.y(this.curves);
      let last = -1, best = -1;
      for (let i = 0; i < y.length; i++) {
        if (!Number.isFinite(y[i])) continue;
        last = i;
        if (best < 0 || (s.higherIsBetter ? y[i] > y[best] : y[i] < y[best])) best = i;
      }
      return `${s.name}: ${digits(y[last])} at ${this.xTitle.toLowerCase()} ${x[last]}, ${s.higherIsBetter ? 'highest' : 'lowest'} ${digits(y[best])} at ${x[best]}.`;
    });
    const bad = drawn.flatMap(s => { const x = s.x(this.curves), y = s.y(this.curves); return x.filter((_, i) => Number.isNaN(y[i]) || Math.abs(y[i]) === Infinity); });
    if (bad.length > 0 && !this.quietGaps) sentences.push(`${bad.length} ${bad.length === 1 ? 'value is' : 'values are'} not finite, first at ${this.xTitle.toLowerCase()} ${bad[0]}.`);
    this.figure.querySelector('[data-summary]').textContent = sentences.join(' ') || 'No values yet.';
    this.target.setAttribute('aria-label', sentences.join(' ') || 'No values yet.');
    this.figure.toggleAttribute('data-empty', sentences.length === 0);

    const shown = Math.max(0, ...drawn.filter(s => !s.faint).map(s => s.points.length)), total = drawn.length > 0 && this.total ? this.total(this.#data()) : Math.max(0, ...drawn.map(all));
    const text = this.figure.querySelector('[data-count]');
    text.textContent = total === 0 ? '' : `${shown.toLocaleString('en-US')} of ${total.toLocaleString('en-US')} points`;
    text.dataset.points = total;
  }

  #options() {
    const muted = style('--ink-2'), line = style('--line'), series = this.#visible();
    return {
      chart: {
        id: this.id ??= `chart-${++count}`, type: 'line', height: 240, fontFamily: 'inherit', background: 'transparent', foreColor: muted,
        animations: { enabled: false }, zoom: { enabled: true, type: 'x', allowMouseWheelZoom: false }, redrawOnParentResize: true,
        toolbar: { show: true, offsetY: -4, tools: { download: false, selection: false, pan: false, zoom: true, zoomin: true, zoomout: true, reset: true } },
        events: { zoomed: (_, { xaxis }) => this.#zoom(xaxis) },
      },
      series: series.map(s => ({ name: s.name, data: [] })),
      colors: series.map(s => style(s.color) + (s.faint ? '66' : '')),
      stroke: { width: series.map(s => s.faint ? 1.25 : s.dashed ? 1.5 : 2), dashArray: series.map(s => s.dashed ? 5 : 0), curve: 'straight' },
      markers: { size: this.integerX ? 4 : 0, strokeWidth: 0, hover: { sizeOffset: 2 } },
      legend: { show: series.length > 1, position: 'bottom', horizontalAlign: 'left', markers: { size: 5 }, onItemClick: { toggleDataSeries: false } },
      grid: { borderColor: line, strokeDashArray: 0, padding: { left: 8, right: 12 } },
      ...this.#axes(this.#frame([])),
      tooltip: { theme: document.documentElement.dataset.theme, x: { formatter: v => `${this.xTitle} ${Math.round(v).toLocaleString('en-US')}` }, y: { formatter: v => v === null || v === undefined ? '' : v.toPrecision(4) } },
      noData: { text: 'No values yet', style: { color: muted, fontSize: '13px' } },
      dataLabels: { enabled: false },
    };
  }

  #zoom(xaxis) {
    this.view = xaxis?.min === undefined || xaxis?.max === undefined ? null : { min: xaxis.min, max: xaxis.max };
    this.#look();
    if (this.curves) this.update(this.curves);
  }
}
