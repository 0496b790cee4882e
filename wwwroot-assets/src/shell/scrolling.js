// A table or figure that is wider or higher than its place scrolls; where nothing in it takes the focus, the place itself has to, or the keyboard cannot scroll it.
const focusable = 'a[href], button, input, select, textarea, [tabindex]:not([tabindex="-1"])';
let waiting = false;

function mend() {
  waiting = false;
  for (const place of document.querySelectorAll('.table-wrap, .wide-figure')) {
    const needs = (place.scrollWidth > place.clientWidth + 1 || place.scrollHeight > place.clientHeight + 1) && !place.querySelector(focusable);
    if (needs) place.tabIndex = 0;
    else if (place.hasAttribute('tabindex')) place.removeAttribute('tabindex');
  }
}

function soon() {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(mend);
}

export function watchTables() {
  new MutationObserver(soon).observe(document.body, { childList: true, subtree: true });
  addEventListener('resize', soon);
  soon();
}
