// Which line is which: colour and dash, as on every other page.
import { dashes } from './looks.js';

export function legend(figure, lines) {
  const list = figure.querySelector('[data-legend]'), key = JSON.stringify(lines.map(({ name, run, color, dash }) => [name, run, color, dash]));
  if (list.key === key) return;
  list.key = key;
  list.replaceChildren(...lines.length < 2 ? [] : lines.map(line => {
    const item = document.createElement('li'), svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg'), stroke = document.createElementNS(svg.namespaceURI, 'path');
    svg.setAttribute('class', 'run-line');
    svg.setAttribute('width', 30);
    svg.setAttribute('height', 8);
    svg.setAttribute('aria-hidden', 'true');
    stroke.setAttribute('d', 'M1 4H29');
    stroke.setAttribute('style', `stroke:var(${line.color});stroke-width:2.4;stroke-dasharray:${dashes[line.dash % dashes.length] || 'none'}`);
    svg.append(stroke);
    if (new Set(lines.map(other => other.run)).size > 1) item.dataset.run = line.run;
    item.append(svg, line.name);
    return item;
  }));
}
