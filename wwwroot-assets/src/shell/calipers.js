// Calipers on ECG paper: milliseconds, beats a minute and millivolts between two points. With the mouse one drags; with the keyboard c sets
// them and Shift with the arrows moves the second point.
const sheet = '.strip .paper', keyStep = 3;
let held = null;

function measure(paper, { x1, y1, x2, y2 }) {
  const { second, height, unit } = paper.dataset, parts = [];
  if (second) {
    const milliseconds = Math.abs(x2 - x1) / second * 1000;
    parts.push(`${Math.round(milliseconds)} ms`);
    if (milliseconds >= 100) parts.push(`${Math.round(60_000 / milliseconds)} bpm`);
  }
  if (height) parts.push(`${((y1 - y2) / height).toLocaleString(document.documentElement.dataset.locale, { minimumFractionDigits: 2, maximumFractionDigits: 2 })} ${unit}`);
  return parts.join(' · ') || 'The scales are unknown.';
}

function draw(paper, at) {
  let box = paper.querySelector('.caliper');
  if (!box) {
    box = Object.assign(document.createElement('div'), { className: 'caliper' });
    box.append(Object.assign(document.createElement('output'), { role: 'status' }));
    paper.append(box);
  }
  paper.caliper = at;
  Object.assign(box.style, { left: `${Math.min(at.x1, at.x2)}px`, top: `${Math.min(at.y1, at.y2)}px`, width: `${Math.abs(at.x2 - at.x1)}px`, height: `${Math.abs(at.y2 - at.y1)}px` });
  box.firstChild.textContent = measure(paper, at);
}

function clear(paper) {
  paper.querySelector('.caliper')?.remove();
  paper.caliper = null;
}

const place = (paper, e) => { const bounds = paper.getBoundingClientRect(); return { x: e.clientX - bounds.left + paper.scrollLeft, y: e.clientY - bounds.top + paper.scrollTop }; };

export function followCalipers() {
  document.addEventListener('pointerdown', e => {
    const paper = e.target.closest?.(sheet);
    if (!paper || e.button !== 0 || e.pointerType === 'touch') return;
    const { x, y } = place(paper, e);
    if (y > paper.clientHeight - 2) return; // its scroll bar
    clear(paper);
    held = { paper, x, y };
  });
  document.addEventListener('pointermove', e => {
    if (!held) return;
    const { x, y } = place(held.paper, e);
    if (Math.hypot(x - held.x, y - held.y) > 3) { draw(held.paper, { x1: held.x, y1: held.y, x2: x, y2: y }); e.preventDefault(); }
  });
  document.addEventListener('pointerup', () => { held = null; });
  // Before the page's own keys: Shift and an arrow is not the next segment.
  document.addEventListener('keydown', e => {
    const paper = e.target.closest?.(sheet);
    if (!paper || e.ctrlKey || e.metaKey || e.altKey) return;
    const move = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[e.key];
    if (e.key === 'c' && paper.caliper || e.key === 'Escape' && paper.caliper) clear(paper);
    else if (e.key === 'c') {
      const middle = paper.scrollLeft + paper.clientWidth / 2, half = Number(paper.dataset.second || 200) / 2, line = paper.clientHeight / 2;
      draw(paper, { x1: middle - half, y1: line, x2: middle + half, y2: line });
    } else if (e.shiftKey && move && paper.caliper) draw(paper, { ...paper.caliper, x2: paper.caliper.x2 + keyStep * move[0], y2: paper.caliper.y2 + keyStep * move[1] });
    else return;
    e.preventDefault();
    e.stopPropagation();
  }, true);
}
