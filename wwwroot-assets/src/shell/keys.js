// Single keys, as in the tools people know. They rest while somebody types.
const places = { o: './', r: 'runs', t: 'studies', n: 'new', c: 'compare', p: 'report', m: 'models', d: 'data', s: 'settings', h: 'help' };
const pause = 1200; // between g and the letter after it

let waiting = -Infinity; // when g was pressed; by the key's own time, since a busy page may come to it late

const types = element => element?.closest?.('input:not([type=checkbox]):not([type=radio]):not([type=range]), textarea, select, [contenteditable=true], [role=textbox]');
const go = address => window.Blazor.navigateTo(address);
const dialog = id => document.getElementById(id);

export function open(id) {
  const element = dialog(id);
  if (!element || element.open) return;
  element.showModal();
  element.dispatchEvent(new Event('opened', { bubbles: true }));
}

function search() {
  const field = [...document.querySelectorAll('main input[type=search]')].find(input => input.offsetParent);
  if (field) { field.focus(); field.select(); } else open('palette');
}

function baseline() {
  document.querySelector('main #baseline')?.focus();
}

/** The last thing that can be taken back stands in a toast with its button. */
function undo() {
  const last = [...document.querySelectorAll('.mud-snackbar button')].filter(button => button.textContent.trim() === 'Undo').at(-1);
  last?.click();
  return Boolean(last);
}

function pressed(e) {
  if ((e.ctrlKey || e.metaKey) && !e.altKey && e.key.toLowerCase() === 'k') {
    e.preventDefault();
    return open('palette');
  }
  if ((e.ctrlKey || e.metaKey) && !e.altKey && !e.shiftKey && e.key.toLowerCase() === 'z' && !types(e.target) && undo()) return e.preventDefault();
  if (e.ctrlKey || e.metaKey || e.altKey || e.defaultPrevented || types(e.target) || document.querySelector('dialog[open], .mud-dialog-container, .mud-popover-open')) return;
  const second = e.timeStamp - waiting < pause;
  waiting = -Infinity;
  if (second) {
    if (places[e.key] && document.querySelector(`.shell-nav a[href="${places[e.key]}"]`)) { e.preventDefault(); go(places[e.key]); }
    return;
  }
  const action = { '/': search, n: () => go('new'), b: baseline, l: () => document.dispatchEvent(new Event('ecgpeft:log')), '?': () => open('shortcuts'), g: () => { waiting = e.timeStamp; } }[e.key];
  if (!action) return;
  e.preventDefault();
  action();
}

export function listenToKeys() {
  document.addEventListener('keydown', pressed);
  // The address may say more by now than the server knows of it (the charts' view): to skip is no navigation.
  document.addEventListener('click', e => {
    if (!e.target.closest?.('a.skip')) return;
    e.preventDefault();
    document.getElementById('main').focus();
  }, true);
  // A click beside a dialog closes it, as Escape does.
  document.addEventListener('click', e => {
    if (e.target.matches?.('dialog.shell-dialog')) e.target.close();
    const opener = e.target.closest?.('[data-opens]');
    if (opener) open(opener.dataset.opens);
  });
}
