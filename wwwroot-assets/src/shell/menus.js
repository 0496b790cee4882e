// A fold-out menu (details.menu) closes as menus do: by a click elsewhere, by Escape, and when another one opens.

const open = () => document.querySelectorAll('details.menu[open]');

export function closeMenus() {
  document.addEventListener('click', event => {
    for (const menu of open()) if (!menu.contains(event.target)) menu.removeAttribute('open');
  });
  document.addEventListener('keydown', event => {
    if (event.key !== 'Escape') return;
    for (const menu of open()) {
      menu.removeAttribute('open');
      menu.querySelector('summary').focus();
    }
  });
}
