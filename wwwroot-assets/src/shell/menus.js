// A fold-out menu (details.menu) closes as menus do: by a click elsewhere, by Escape, and when another one opens. It opens where it can be seen whole.

// MudBlazor's own menus close by Escape only where the focus is in them, and a click that opens one leaves it on the button.
function closeMudMenu() {
  const list = document.querySelector('.mud-popover-open [role=menu]');
  if (!list || list.contains(document.activeElement)) return;
  const opener = document.querySelector('[aria-haspopup=menu][aria-expanded=true]');
  document.querySelector('.mud-overlay')?.click();
  opener?.focus();
}

const open = () => document.querySelectorAll('details.menu[open]');

// Not under the navigation, and not beyond the window: a toolbar that wraps may put its menus anywhere.
function bringIntoView(menu) {
  const body = menu.querySelector('.menu-body');
  if (!body) return;
  body.style.translate = '';
  const { left, right } = body.getBoundingClientRect(), page = (document.querySelector('main') ?? document.body).getBoundingClientRect();
  const from = Math.max(0, page.left) + 8, to = Math.min(innerWidth, page.right) - 8;
  const shift = Math.max(from - left, Math.min(0, to - right));
  if (shift) body.style.translate = `${shift}px`;
}

export function closeMenus() {
  // "toggle" does not bubble.
  document.addEventListener('toggle', event => { if (event.target.matches?.('details.menu[open]')) bringIntoView(event.target); }, true);
  document.addEventListener('click', event => {
    for (const menu of open()) if (!menu.contains(event.target)) menu.removeAttribute('open');
  });
  document.addEventListener('keydown', event => {
    if (event.key !== 'Escape') return;
    closeMudMenu();
    for (const menu of open()) {
      menu.removeAttribute('open');
      menu.querySelector('summary').focus();
    }
  });
}
