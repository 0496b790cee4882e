// One ApexCharts line chart. It draws what it is told, bounded in points; what stands on top of the curves is layer.js.
import ApexCharts from 'apexcharts';
import { decimate, MaxPoints } from './decimate.js';
import { smooth } from './smooth.js';
import { Axes, freeAxis, lengthAxis, logAxis, tickText, unitAxis, valueAxis } from './axes.js';
import { power } from './numbers.js';
import { Layer } from './layer.js';
import { legend } from './legend.js';
import { dashes, style } from './looks.js';
import { describe } from './describe.js';
import { DataTable } from './data-table.js';

const fewestLines = 4, pointsInAll = 4000, markedPoints = 40, clippedShare = .01;

// ApexCharts knows no color-mix().
const channels = hex => [1, 3, 5].map(at => parseInt(hex.slice(at, at + 2), 16));
const faded = (color, ground) => '#' + channels(color).map((c, i) => Math.round(.34 * c + .66 * channels(ground)[i]).toString(16).padStart(2, '0')).join('');

let count = 0;

export class LineChart {
  /**
   * @param {HTMLElement} figure with the places that ChartFigure.razor gives
   * @param {{ positive?: boolean, unit?: boolean }} kind positive: has a log axis and begins at 0; unit: lies between 0 and 1
   * @param {(range: {min: number, max: number}|null) => void} zoomed what a person chose with the mouse
   */
  constructor(figure, kind, zoomed) {
    this.figure = figure;
    this.kind = kind;
    this.zoomed = zoomed;
    this.target = figure.querySelector('[data-chart]');
    this.layer = new Layer(figure);
    this.table = new DataTable(figure);
    this.lines = [];
    this.view = { axis: 'step', smoothing: 0, log: false, clip: false, zoom: null };
  }

  /**
   * @param {{ name: string, run: string, color: string, dash: number, kind: string, smooth?: boolean, higherIsBetter?: boolean, x: number[], y: (number|null)[] }[]} lines
   * @param {{ axis: string, smoothing: number, log: boolean, clip: boolean, zoom: {min: number, max: number}|null }} view
   * @param {{ x: number, text: string }[]} events places on the axis with a word, such as a resume
   * @param {string} nothing what it says where there is no value
   */
  async draw(lines, view, events, nothing) {
    if (!this.figure.isConnected) return; // the page has been left; its component says so in a moment
    this.lines = lines;
    this.view = view;
    const ends = lines.map(line => line.x.at(-1)); // the columns grow while this draws
    const log = view.log && this.kind.positive, value = log ? v => Math.log10(v) : v => v;
    const most = Math.min(MaxPoints, Math.floor(pointsInAll / Math.max(fewestLines, lines.length)));
    const drawn = lines.map(line => this.#prepare(line, view, log, most));
    const frame = this.#frame(drawn, view, log, value);
    const series = drawn.flatMap(line => [
      ...line.smoothed ? [{ line, faint: true, points: line.raw.points }] : [],
      { line, faint: line.faint, points: (line.smoothed ?? line.raw).points },
    ]);
    const data = series.map((s, i) => ({ name: `${s.line.name}#${i}`, data: s.points.map(p => ({ x: p.x, y: p.y === null ? null : Math.min(frame.y.max, value(p.y)) })) }));
    const looks = {
      colors: series.map(s => s.faint ? faded(style(s.line.color), style('--surface')) : style(s.line.color)),
      stroke: { width: series.map(s => s.faint ? 1 : 2), dashArray: series.map(s => s.faint ? 0 : dashes[s.line.dash % dashes.length]), curve: 'straight', lineCap: 'butt' },
      markers: { size: series.map(s => !s.faint && s.points.length <= markedPoints && (s.line.kind === 'epochs' || s.points.length === 1) ? 4 : 0), strokeWidth: 0, hover: { sizeOffset: 0 } },
    };
    const noData = { text: nothing, style: { fontSize: '13px' } };
    // Axes and looks change seldom; only then the costlier way is taken.
    const key = JSON.stringify([frame, looks, noData, document.documentElement.dataset.theme]);
    const before = this.key;
    this.key = key;
    if (!this.chart) await this.#make({ series: data, noData, ...looks, ...this.#axes(frame, view, log) });
    else if (key === before) await this.chart.updateSeries(data, false);
    else await this.chart.updateOptions({ series: data, noData, ...looks, ...this.#axes(frame, view, log) }, false, false, false);
    if (this.destroyed) return;
    this.#place(frame, value);
    this.runs = series.map(s => s.line.run);
    this.layer.draw({ drawn, frame, view, log, value, events });
    legend(this.figure, lines);
    describe(this.figure, drawn, view, frame, log, nothing);
    this.table.fill(lines, drawn, view);
    this.figure.dataset.updates = Number(this.figure.dataset.updates ?? 0) + 1;
    // For whoever measures: these lines are drawn up to these places (`ecgpeft bench web`).
    this.figure.dispatchEvent(new CustomEvent('ecgpeft:drawn', { bubbles: true, detail: { lines, ends } }));
  }

  /** Brings the curves of one run forward; null is none. */
  light(run) {
    this.target.toggleAttribute('data-lit', run !== null);
    for (const curve of this.target.querySelectorAll('.apexcharts-line-series .apexcharts-series'))
      curve.classList.toggle('lit', run !== null && this.runs?.[Number(curve.getAttribute('data:realIndex'))] === run);
  }

  /** What the smoothed curve is at a point; worked out when somebody asks. */
  smoothedAt(line, i) {
    const known = this.smoothed ??= new WeakMap();
    if (!known.has(line)) known.set(line, smooth(line.y, this.view.smoothing));
    return known.get(line)[i];
  }

  destroy() {
    this.destroyed = true;
    this.layer.destroy();
    this.table.destroy();
    this.chart?.destroy();
  }

  #prepare(line, view, log, most) {
    const { min, max } = view.zoom ?? {};
    const y = log ? line.y.map(v => v > 0 ? v : Number.isFinite(v) ? null : v) : line.y;
    return {
      ...line,
      raw: decimate(line.x, y, min, max, most),
      smoothed: line.smooth && view.smoothing > 0 ? decimate(line.x, smooth(y, view.smoothing), min, max, most) : null,
      hidden: log ? line.y.filter((v, i) => v !== null && v <= 0 && Number.isFinite(v) && (!view.zoom || (line.x[i] >= min && line.x[i] <= max))).length : 0,
    };
  }

  /** What the axes depend on. */
  #frame(drawn, view, log, value) {
    const values = drawn.flatMap(line => line.raw.points).filter(p => p.y !== null).map(p => p.y);
    let low = Infinity, high = -Infinity, first = Infinity, last = -Infinity;
    for (const v of values) { low = Math.min(low, v); high = Math.max(high, v); }
    for (const line of drawn) for (const p of [...line.raw.points, ...line.raw.odd]) { first = Math.min(first, p.x); last = Math.max(last, p.x); }
    let clipped = 0;
    if (view.clip && values.length > 20) {
      const sorted = drawn.flatMap(line => line.y.filter((v, i) => Number.isFinite(v) && (!log || v > 0) && (!view.zoom || (line.x[i] >= view.zoom.min && line.x[i] <= view.zoom.max)))).sort((a, b) => a - b);
      const top = sorted[Math.ceil(sorted.length * (1 - clippedShare)) - 1];
      if (top < high) { high = top; clipped = -1; }
    }
    const y = log ? logAxis(low, high) : this.kind.unit && high > .5 && high <= 1 ? (low < 0 ? freeAxis(low, 1) : unitAxis(low)) : low < 0 ? freeAxis(low, high) : valueAxis(high);
    if (clipped < 0) clipped = drawn.reduce((sum, line) => sum + line.y.filter((v, i) => Number.isFinite(v) && value(v) > y.max && (!view.zoom || (line.x[i] >= view.zoom.min && line.x[i] <= view.zoom.max))).length, 0);
    return { y, x: view.zoom ? { ...view.zoom, ticks: 6 } : lengthAxis(view.axis, first, last), clipped };
  }

  #axes({ x, y }, view, log) {
    const muted = style('--ink-2'), line = style('--line'), axis = Axes[view.axis];
    return {
      grid: { borderColor: line, strokeDashArray: 0, padding: { left: 8, right: 12, top: -12 } },
      xaxis: {
        type: 'numeric', tickAmount: x.ticks, min: x.min, max: x.max,
        title: { text: axis.title, style: { fontWeight: 500, fontSize: '12px', color: muted } },
        axisBorder: { color: line }, axisTicks: { color: line }, tooltip: { enabled: false }, crosshairs: { show: false },
        labels: { formatter: v => Number.isFinite(Number(v)) ? axis.tick(Number(v)) : '', hideOverlappingLabels: true, rotate: 0 },
      },
      yaxis: { min: y.min, max: y.max, tickAmount: y.ticks, labels: { formatter: v => v === null || v === undefined ? '' : log ? (Math.abs(v - Math.round(v)) < 1e-6 ? power(Math.round(v)) : '') : tickText(v, y.decimals, Math.max(Math.abs(y.min), Math.abs(y.max))), minWidth: 40 } },
    };
  }

  /** Made with what it shows first: an empty chart that is filled later would be drawn twice. */
  async #make(content) {
    const options = {
      chart: {
        id: this.id ??= `chart-${++count}`, type: 'line', foreColor: 'var(--ink-2)', height: 260, fontFamily: 'inherit', background: 'transparent',
        animations: { enabled: false }, zoom: { enabled: true, type: 'x', allowMouseWheelZoom: false }, redrawOnParentResize: true,
        // Its toolbar cannot be reached by keyboard; the buttons beside the axis choice do the same.
        toolbar: { show: false, tools: { download: false, selection: false, pan: false, zoom: true, zoomin: false, zoomout: false, reset: false }, autoSelected: 'zoom' },
        events: {
          zoomed: (_, { xaxis }) => this.zoomed(xaxis?.min === undefined || xaxis?.max === undefined ? null : { min: xaxis.min, max: xaxis.max }),
          updated: () => this.layer.replace(),
        },
      },
      fill: { opacity: 1 }, legend: { show: false }, tooltip: { enabled: false }, dataLabels: { enabled: false },
      states: { hover: { filter: { type: 'none' } }, active: { filter: { type: 'none' } } },
      ...content,
    };
    const chart = new ApexCharts(this.figure.querySelector('[data-plot]'), options);
    await chart.render();
    // Before it is drawn it cannot be destroyed.
    if (this.destroyed) chart.destroy(); else this.chart = chart;
  }

  /** Where a value lies in pixels, as long as the axes stay what they are. */
  #place({ x, y }, value) {
    const plot = this.chart.w.globals;
    this.layer.scale = {
      x: v => plot.translateX + (v - x.min) / (x.max - x.min) * plot.gridWidth,
      y: v => plot.translateY + (1 - (value(v) - y.min) / (y.max - y.min)) * plot.gridHeight,
      toX: pixel => x.min + (pixel - plot.translateX) / plot.gridWidth * (x.max - x.min),
      box: () => ({ left: plot.translateX, top: plot.translateY, width: plot.gridWidth, height: plot.gridHeight }),
    };
  }
}
