// The values that a chart draws, as a table. It is made when somebody opens it.
import { download } from '../page.js';
import { Axes } from './axes.js';
import { digits, whole } from './numbers.js';

const mostRows = 1000;

export class DataTable {
  constructor(figure) {
    this.details = figure.querySelector('[data-table]');
    this.opened = () => this.#build();
    this.details.addEventListener('toggle', this.opened);
  }

  fill(lines, drawn, view) {
    this.content = { lines, drawn, view };
    if (this.details.open) this.#build();
  }

  destroy() { this.details.removeEventListener('toggle', this.opened); }

  #build() {
    const place = this.details.querySelector('div');
    if (!this.details.open || !this.content) return place.replaceChildren();
    const { lines, drawn, view } = this.content, axis = Axes[view.axis];
    // The drawn points, and those that cannot be drawn: each at its own place, as it is.
    const rows = new Map();
    drawn.forEach((line, column) => {
      for (const p of [...line.raw.points.filter(p => p.y !== null), ...line.raw.odd]) {
        if (!rows.has(p.x)) rows.set(p.x, []);
        rows.get(p.x)[column] = p.y;
      }
    });
    const all = [...rows].sort((a, b) => a[0] - b[0]), shown = all.slice(0, mostRows);
    const total = Math.max(0, ...lines.map(line => line.y.filter(v => v !== null).length));
    const table = document.createElement('table');
    table.className = 'data values';
    const caption = table.createCaption();
    caption.textContent = shown.length >= total ? `All ${whole(total)} values.` : `${whole(shown.length)} of ${whole(total)} values: first, lowest, highest and last of each part of the axis. Zoom in for the others.`;
    const head = table.createTHead().insertRow();
    head.append(cell('th', axis.title), ...lines.map(line => cell('th', line.name)));
    const body = table.createTBody();
    for (const [x, values] of shown) body.insertRow().append(cell('th', axis.text(x), 'row'), ...lines.map((_, column) => cell('td', values[column] === undefined ? '–' : digits(values[column]))));
    const file = document.createElement('button');
    Object.assign(file, { type: 'button', className: 'tiny', textContent: 'CSV' });
    file.title = 'These values as a file';
    file.addEventListener('click', () => download(`${this.details.closest('[data-figure]').dataset.figure}.csv`, 'text/csv', csv(axis.title, lines, shown)));
    place.replaceChildren(file, table);
  }
}

/** Whole values with a decimal point, whatever the reader's language. */
function csv(title, lines, rows) {
  const quoted = text => /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  return [[title, ...lines.map(line => line.name)].map(quoted), ...rows.map(([x, values]) => [x, ...lines.map((_, column) => values[column] ?? '')])].map(row => row.join(',')).join('\n') + '\n';
}

function cell(tag, text, scope = 'col') {
  const element = document.createElement(tag);
  element.textContent = text;
  element.className = 'num';
  if (tag === 'th') element.scope = scope;
  return element;
}
