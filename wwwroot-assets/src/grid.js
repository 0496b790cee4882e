// A long and wide table of which only what is in sight is in the page. The component renders; this says what is in sight, and asks again when
// a person has scrolled near the edge of what is there. Rows above and below are a row of empty space each.
const margin = 600, wayAcross = 200;

/** @returns {{ top(): void, end(): void }} top scrolls to the first line */
export function follow(wrap, component) {
  const end = new AbortController(), table = wrap.querySelector('table'), body = table.tBodies[0];
  let asking = false, asked = '', frame = 0, focused = null;

  function sight() {
    const above = body.rows[0].getBoundingClientRect(), below = body.rows[body.rows.length - 1].getBoundingClientRect(), place = wrap.getBoundingClientRect();
    const first = Number(table.dataset.first), count = Number(table.dataset.count), all = Number(table.getAttribute('aria-rowcount')) - 1;
    const height = (below.top - above.bottom) / Math.max(1, count), from = Math.max(0, place.top), to = Math.min(innerHeight, place.bottom);
    if (!(height > 1) || to <= from) return null;
    // Counted from the rows that are there: cards of a narrow screen are not all equally high.
    const line = y => y < above.bottom ? Math.floor((y - above.top) / height) : y > below.top ? first + count + Math.floor((y - below.top) / height) : first + Math.floor((y - above.bottom) / height);
    const spare = Math.max(2, Math.ceil(margin / height)), top = Math.max(0, line(from)), bottom = Math.min(all, line(to) + 1);
    const near = Math.ceil(spare / 2), enough = (first === 0 || top - near >= first) && (first + count >= all || bottom + near <= first + count);
    // Columns grow with the text; across, the component counts in pixels of text of the usual size.
    const pixel = parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
    const left = Math.round(wrap.scrollLeft / pixel / wayAcross) * wayAcross, width = Math.ceil(wrap.clientWidth / pixel / wayAcross) * wayAcross;
    const start = Math.max(0, top - spare);
    return { start: enough ? first : start, count: enough ? count : Math.min(all, bottom + spare) - start, height, left, width, enough };
  }

  async function look() {
    frame = 0;
    if (end.signal.aborted) return;
    wrap.toggleAttribute('data-more', wrap.scrollLeft + wrap.clientWidth < wrap.scrollWidth - 1); // there are columns under the one that stays at the right
    if (asking) return;
    const seen = sight();
    if (!seen) return;
    const wish = [seen.start, seen.count, table.getAttribute('aria-rowcount'), seen.left, seen.width].join();
    if (wish === asked) return;
    asking = true;
    asked = wish;
    try { await component.invokeMethodAsync('Look', seen.start, seen.count, seen.height, seen.left, seen.width); } catch { return; /* the circuit is gone */ } finally { asking = false; }
    // Whoever stood in a row that has left the page stands in the table, not at the beginning of the document.
    if (focused && !focused.isConnected && document.activeElement === document.body) wrap.focus({ preventScroll: true });
    soon();
  }

  const soon = () => { frame ||= requestAnimationFrame(look); };
  const on = (target, type, listener, options) => target.addEventListener(type, listener, { ...options, signal: end.signal });
  on(document, 'scroll', soon, { capture: true, passive: true });
  on(wrap, 'focusin', e => { focused = e.target; });
  const sizes = new ResizeObserver(soon), rows = new MutationObserver(soon);
  sizes.observe(wrap);
  rows.observe(table, { childList: true, subtree: true, attributeFilter: ['aria-rowcount'] });
  soon();

  return {
    top() { wrap.scrollTop = 0; },
    end() { end.abort(); sizes.disconnect(); rows.disconnect(); cancelAnimationFrame(frame); },
  };
}
