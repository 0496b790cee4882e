// Charts that belong together: one horizontal axis, one zoom, one crosshair, one highlighted run, and the controls for them.
// What the controls say stands in the page's address, so a copied link shows the same curves.
import { LineChart } from './chart.js';
import { Axes } from './axes.js';
import { digits } from './numbers.js';
import { whenQuiet } from '../quiet.js';

const zoomStep = .5, keySteps = 1;
/** A chart that nobody sees is drawn anew after so many milliseconds at the earliest. */
const unseenPause = 1000, nearby = '200px';

export class ChartGroup {
  /**
   * @param {HTMLElement} root holds the figures
   * @param {Record<string, { positive?: boolean, unit?: boolean }>} kinds by the figures' names
   * @param {(name: string, axis: string) => { lines: object[], events?: object[], nothing?: string }} content what a chart shows now, and what it says where that is nothing
   * @param {{ axis?: string, looked?: (view: object) => void }} more the usual axis; who is told what is looked at
   */
  constructor(root, kinds, content, { axis = 'step', looked = () => { } } = {}) {
    this.root = root;
    this.content = content;
    this.looked = looked;
    this.usual = { axis, smoothing: 0, log: false, clip: false, zoom: null };
    this.view = { ...this.usual, ...this.#fromAddress() };
    this.also = {};
    this.waiting = new Set();
    this.end = new AbortController();
    const on = (target, type, listener) => target.addEventListener(type, listener, { signal: this.end.signal });

    this.charts = Object.entries(kinds).map(([name, kind]) => {
      const figure = root.querySelector(`[data-figure="${name}"]`), chart = new LineChart(figure, kind, range => this.zoom(range));
      chart.name = name;
      on(chart.target, 'pointermove', e => this.#hover(chart, e));
      on(chart.target, 'pointerleave', () => this.#leave());
      on(chart.target, 'keydown', e => this.#key(chart, e));
      on(chart.target, 'blur', () => this.#leave());
      return chart;
    });
    this.seen = new Set();
    this.sight = new IntersectionObserver(entries => {
      for (const { target, isIntersecting } of entries) {
        const chart = this.charts.find(one => one.figure === target);
        if (isIntersecting) this.seen.add(chart); else this.seen.delete(chart);
      }
      if (this.waiting.size > 0) this.#schedule();
    }, { rootMargin: nearby });
    for (const chart of this.charts) this.sight.observe(chart.figure);
    const controls = this.controls = root.querySelector('[data-controls]');
    on(controls.querySelector('[data-axis]'), 'change', e => this.set({ axis: e.target.value, zoom: null }));
    on(controls.querySelector('[data-smoothing]'), 'input', e => this.set({ smoothing: Number(e.target.value) }));
    on(controls.querySelector('[data-log]'), 'change', e => this.set({ log: e.target.checked }));
    on(controls.querySelector('[data-clip]'), 'change', e => this.set({ clip: e.target.checked }));
    on(controls.querySelector('[data-zoom-in]'), 'click', () => this.#scale(zoomStep));
    on(controls.querySelector('[data-zoom-out]'), 'click', () => this.#scale(1 / zoomStep));
    on(controls.querySelector('[data-follow]'), 'click', () => this.zoom(null));
    // A row, a key or a heading that names a run lights its curves up, and the other way round.
    on(document, 'pointerover', e => { const row = e.target.closest?.('[data-run]'); if (row && this.#knows(row.dataset.run)) this.light(row.dataset.run); });
    on(document, 'pointerout', e => { if (e.target.closest?.('[data-run]') && !e.relatedTarget?.closest?.('[data-run]')) this.light(null); });
    on(document, 'ecgpeft:log', () => this.set({ log: !this.view.log }));
    this.themes = new MutationObserver(() => this.refresh());
    this.themes.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    this.#showControls();
  }

  /** Draws every chart anew, one in each animation frame: first those in sight, the others in quiet moments. */
  refresh() {
    for (const chart of this.charts) this.waiting.add(chart);
    this.#schedule();
  }

  set(change) {
    this.view = { ...this.view, ...change };
    this.#showControls();
    this.#toAddress();
    if ('zoom' in change) this.looked(this.view);
    this.refresh();
  }

  /** Writes the view into the address again, with what else the page wants to stand there. */
  remember(also) {
    Object.assign(this.also, also);
    this.#toAddress();
  }

  zoom(range) {
    this.set({ zoom: range && range.max > range.min ? range : null });
  }

  light(run) {
    if (run === this.lit) return;
    this.lit = run;
    for (const chart of this.charts) chart.light(run);
    for (const row of document.querySelectorAll('[data-run]')) row.classList.toggle('lit', run !== null && row.dataset.run === run);
    // Not by :has() in the style sheet: with it every change anywhere has the styles of all elements above it worked out again.
    for (const figure of document.querySelectorAll('figure svg')) figure.classList.toggle('dimmed', figure.querySelector('[data-run].lit') !== null);
  }

  destroy() {
    this.end.abort();
    this.themes.disconnect();
    this.sight.disconnect();
    clearTimeout(this.later);
    cancelAnimationFrame(this.frame);
    this.light(null);
    for (const chart of this.charts) chart.destroy();
  }

  /** A run that has ended logs nothing more: nobody should wait for it. */
  get #nothing() { return this.root.hasAttribute('data-ended') ? 'No values were logged.' : 'No values yet.'; }

  #schedule() {
    if (this.frame || this.waiting.size === 0 || this.end.signal.aborted) return;
    clearTimeout(this.later);
    const due = this.#due(), draw = () => this.frame ||= requestAnimationFrame(() => this.#next());
    if (due && this.seen.has(due)) draw();
    else if (due) whenQuiet(() => { if (!this.end.signal.aborted) draw(); });
    else this.later = setTimeout(() => this.#schedule(), unseenPause / 4);
  }

  /** What is drawn next: what is in sight, else what never was drawn or not lately. */
  #due() {
    const waiting = [...this.waiting];
    return waiting.find(chart => this.seen.has(chart)) ?? waiting.find(chart => !(performance.now() - chart.drawnAt < unseenPause));
  }

  async #next() {
    const chart = this.#due();
    this.waiting.delete(chart);
    try {
      if (chart && !chart.destroyed) {
        const { lines, events = [], nothing = this.#nothing } = this.content(chart.name, this.view.axis);
        await chart.draw(lines, this.view, events, nothing);
        chart.drawnAt = performance.now();
        if (this.lit !== undefined) chart.light(this.lit);
      }
    } finally {
      this.frame = 0; // one that cannot be drawn keeps no other from it
      this.#schedule();
    }
  }

  #knows(run) { return this.charts.some(chart => chart.lines.some(line => line.run === run)); }

  #hover(chart, e) {
    const scale = chart.layer.scale, bounds = chart.target.getBoundingClientRect();
    if (!scale || e.buttons !== 0) return;
    this.#point(chart, scale.toX(e.clientX - bounds.left), e.clientY - bounds.top);
  }

  /** Every chart shows the place; the one that was pointed at says what is there, highest first. */
  #point(chart, x, pixelY) {
    const axis = Axes[this.view.axis], scale = chart.layer.scale;
    const rows = chart.lines.map(line => ({ line, i: nearest(line.x, x) })).filter(({ line, i }) => i >= 0 && line.y[i] !== null);
    if (rows.length === 0) return this.#leave();
    const at = rows.reduce((best, row) => Math.abs(row.line.x[row.i] - x) < Math.abs(best - x) ? row.line.x[row.i] : best, rows[0].line.x[rows[0].i]);
    const distance = row => Number.isFinite(row.line.y[row.i]) ? Math.abs(scale.y(row.line.y[row.i]) - pixelY) : Infinity;
    const near = pixelY === undefined ? rows[0] : rows.reduce((best, row) => distance(row) < distance(best) ? row : best);
    const run = new Set(chart.lines.map(line => line.run)).size > 1 ? near.line.run : null;
    rows.sort((a, b) => (Number.isNaN(a.line.y[a.i]) ? 1 : 0) - (Number.isNaN(b.line.y[b.i]) ? 1 : 0) || b.line.y[b.i] - a.line.y[a.i]);
    const smoothed = row => row.line.smooth && this.view.smoothing > 0 ? chart.smoothedAt(row.line, row.i) : null;
    const shown = rows.map(row => ({ name: row.line.name, color: row.line.color, lit: row.line.run === run, text: smoothed(row) === null ? digits(row.line.y[row.i]) : `${digits(row.line.y[row.i])} (smoothed ${digits(smoothed(row))})` }));
    const title = `${Axes[this.view.axis].title.replace(/ \(.*/, '')} ${axis.text(at)}`;
    for (const other of this.charts) other === chart ? other.layer.point(at, shown, title) : other.layer.point(at);
    this.light(run);
    return `${title}: ${shown.map(row => `${row.name} ${row.text}`).join(', ')}`;
  }

  #leave() {
    for (const chart of this.charts) chart.layer.hide();
    this.light(null);
  }

  #key(chart, e) {
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    const line = chart.lines[0], places = line?.x ?? [];
    const here = chart.layer.at === undefined ? -1 : nearest(places, chart.layer.at);
    const go = { ArrowRight: Math.min(places.length - 1, here + keySteps), ArrowLeft: here < 0 ? places.length - 1 : Math.max(0, here - keySteps), Home: 0, End: places.length - 1 }[e.key];
    if (go !== undefined && places.length > 0) chart.figure.querySelector('[data-live]').textContent = this.#point(chart, places[go]) ?? '';
    else if (e.key === '+') this.#scale(zoomStep);
    else if (e.key === '-') this.#scale(1 / zoomStep);
    else if (e.key === '0') this.zoom(null);
    else if (e.key === 'Escape') this.#leave();
    else return;
    e.preventDefault();
    e.stopPropagation();
  }

  /** Around the crosshair, else around the middle of what is shown. */
  #scale(factor) {
    const { x } = this.charts[0].layer.picture?.frame ?? {};
    if (!x) return;
    const middle = this.charts.find(chart => chart.layer.at !== undefined)?.layer.at ?? (x.min + x.max) / 2, half = (x.max - x.min) * factor / 2;
    const last = Math.max(...this.charts.flatMap(chart => chart.lines.map(line => line.x.at(-1) ?? 0))), first = Math.min(...this.charts.flatMap(chart => chart.lines.map(line => line.x[0] ?? 0)));
    const range = { min: Math.max(Math.min(first, 0), middle - half), max: middle + half };
    this.zoom(range.min <= first && range.max >= last ? null : range);
  }

  #showControls() {
    const { axis, smoothing, log, clip, zoom } = this.view, find = name => this.controls.querySelector(`[data-${name}]`);
    find('axis').value = axis;
    find('smoothing').value = smoothing;
    find('smoothing').setAttribute('aria-valuetext', smoothing > 0 ? `weight ${digits(smoothing)}` : 'off');
    find('smoothed').textContent = smoothing > 0 ? digits(smoothing) : 'off';
    find('log').checked = log;
    find('clip').checked = clip;
    find('follow').hidden = !zoom;
    this.root.toggleAttribute('data-zoomed', Boolean(zoom));
  }

  #fromAddress() {
    const query = new URLSearchParams(location.search), view = {};
    if (query.get('by') in Axes) view.axis = query.get('by');
    const smoothing = Number(query.get('smooth'));
    if (smoothing > 0 && smoothing < 1) view.smoothing = smoothing;
    if (query.get('log') === '1') view.log = true;
    if (query.get('clip') === '1') view.clip = true;
    const [min, max] = (query.get('zoom') ?? '').split('~').map(Number);
    if (max > min) view.zoom = { min, max };
    return view;
  }

  #toAddress() {
    const address = new URL(location.href), { axis, smoothing, log, clip, zoom } = this.view;
    const put = (name, value) => value ? address.searchParams.set(name, value) : address.searchParams.delete(name);
    put('by', axis === this.usual.axis ? '' : axis);
    for (const [name, value] of Object.entries(this.also)) put(name, value);
    put('smooth', smoothing || '');
    put('log', log ? '1' : '');
    put('clip', clip ? '1' : '');
    put('zoom', zoom ? `${Number(zoom.min.toPrecision(15))}~${Number(zoom.max.toPrecision(15))}` : '');
    if (address.href !== location.href) history.replaceState(history.state, '', address);
  }
}

/** Index of the x next to a place; -1 where there is none. */
function nearest(x, place) {
  let low = 0, high = x.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (x[middle] < place) low = middle + 1; else high = middle;
  }
  return low > 0 && Math.abs(x[low - 1] - place) <= Math.abs(x[low] - place) ? low - 1 : high < 0 ? -1 : low;
}
