// What lies over the curves: marks where a value is not a number, where something was cut off, where a run was taken up again,
// the words beside a lone point, and the crosshair with its readout. A bounded number of elements, whatever the run.
import { Axes, oddText } from './axes.js';
import { digits } from './numbers.js';

const mostMarks = 60, mostWords = 3, wordHeight = 15;

export class Layer {
  constructor(figure) {
    this.root = figure.querySelector('[data-layer]');
    this.marks = make('div', 'marks');
    this.cross = make('i', 'crosshair');
    this.readout = make('div', 'readout');
    this.root.append(this.marks, this.cross, this.readout);
    this.hide();
  }

  draw(picture) {
    this.picture = picture;
    this.replace();
  }

  /** Anew at the places of a chart that was resized. */
  replace() {
    if (!this.picture || !this.scale) return;
    const { drawn, frame, view, events, value } = this.picture, box = this.scale.box(), axis = Axes[view.axis];
    const inside = x => x >= frame.x.min && x <= frame.x.max;
    const odd = drawn.flatMap(line => line.raw.odd.filter(p => inside(p.x)).map(p => ({ ...p, line })));
    const marks = odd.slice(0, mostMarks).map((p, i) => {
      const text = oddText(p, axis), left = this.scale.x(p.x), alone = odd.length <= mostWords && (i === 0 || left - this.scale.x(odd[i - 1].x) > 110);
      const mark = make('i', `mark ${Number.isNaN(p.y) ? 'nan' : p.y > 0 ? 'up' : 'down'}`, { left, top: box.top + (p.y === -Infinity ? box.height - 2 : 2) }, `${p.line.name}: ${text}`);
      mark.style.color = `var(${p.line.color})`;
      if (alone) mark.append(make('span', this.#beside(left, box), null, '', text));
      mark.dataset.odd = text;
      return mark;
    });
    const cut = frame.clipped ? drawn.flatMap(line => line.raw.points.filter(p => p.y !== null && value(p.y) > frame.y.max).map(p => ({ ...p, line }))) : [];
    marks.push(...cut.slice(0, mostMarks).map(p => {
      const mark = make('i', 'mark cut', { left: this.scale.x(p.x), top: box.top }, `${p.line.name}: ${digits(p.y)} @ ${axis.text(p.x)}, above the axis`);
      mark.style.color = `var(${p.line.color})`;
      return mark;
    }));
    marks.push(...events.filter(e => inside(e.x)).slice(-mostMarks).map(e => make('i', 'event', { left: this.scale.x(e.x), top: box.top, height: box.height }, e.text)));
    const lone = drawn.length > 4 ? [] : drawn.map(line => line.raw.points.filter(p => p.y !== null)).filter(points => points.length === 1 && inside(points[0].x))
      .map(([p]) => ({ left: this.scale.x(p.x), top: this.scale.y(p.y), text: digits(p.y) })).sort((a, b) => a.top - b.top);
    for (const [i, { left, text }] of lone.entries()) {
      // One below the other where two dots are close.
      if (i > 0 && Math.abs(left - lone[i - 1].left) < 90) lone[i].top = Math.max(lone[i].top, lone[i - 1].top + wordHeight);
      marks.push(make('span', `${this.#beside(left, box)} lone`, { left, top: lone[i].top }, '', text));
    }
    this.marks.replaceChildren(...marks);
    if (this.at !== undefined) this.point(this.at, this.rows, this.title);
  }

  /** A word stands right of its mark; where the chart ends soon, left of it. */
  #beside(left, box) { return left > box.left + box.width - 90 ? 'word leftward' : 'word'; }

  /** The crosshair at x; with rows also what the curves are there. */
  point(x, rows = null, title = '') {
    const box = this.scale?.box();
    if (!box || x < this.picture.frame.x.min || x > this.picture.frame.x.max) return this.hide();
    Object.assign(this, { at: x, rows, title });
    const left = this.scale.x(x);
    put(this.cross, { left, top: box.top, height: box.height });
    this.cross.hidden = false;
    this.readout.hidden = !rows;
    if (!rows) return;
    this.readout.replaceChildren(make('b', '', null, '', title), ...rows.map(row => {
      const line = make('div', row.lit ? 'lit' : '');
      const swatch = make('i', 'swatch');
      swatch.style.background = `var(${row.color})`;
      line.append(swatch, make('span', 'name', null, '', row.name), make('span', 'value', null, '', row.text));
      return line;
    }));
    const right = left > box.left + box.width / 2;
    put(this.readout, { left: right ? left - 12 : left + 12, top: box.top + 4 });
    this.readout.classList.toggle('right', right);
  }

  hide() {
    this.at = undefined;
    this.cross.hidden = this.readout.hidden = true;
  }

  destroy() { this.root.replaceChildren(); }
}

function make(tag, className, place, title, text) {
  const element = document.createElement(tag);
  element.className = className;
  if (place) put(element, place);
  if (title) element.title = title;
  if (text) element.textContent = text;
  return element;
}

function put(element, place) {
  for (const [name, value] of Object.entries(place)) element.style[name] = `${value.toFixed(1)}px`;
}
