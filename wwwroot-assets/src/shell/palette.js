// Moves through the palette's list. What stands in the list is the component's (CommandPalette.razor).
const options = palette => [...palette.querySelectorAll('[role=option]')];

function choose(palette, index) {
  const all = options(palette);
  all.forEach((option, i) => option.setAttribute('aria-selected', String(i === index)));
  palette.querySelector('input').setAttribute('aria-activedescendant', all[index]?.id ?? '');
  all[index]?.scrollIntoView({ block: 'nearest' });
}

export function followPalette() {
  const chosen = palette => options(palette).findIndex(option => option.getAttribute('aria-selected') === 'true');
  document.addEventListener('keydown', e => {
    const palette = e.target.closest?.('#palette');
    if (!palette) return;
    const count = options(palette).length, at = chosen(palette);
    if (e.key === 'ArrowDown') choose(palette, (at + 1) % Math.max(1, count));
    else if (e.key === 'ArrowUp') choose(palette, (at - 1 + count) % Math.max(1, count));
    else if (e.key === 'Enter') (options(palette)[Math.max(0, at)])?.click();
    else return;
    e.preventDefault();
  });
  // Emptied as it opens: the browser tells of its closing a frame later, when who opened it again is typing already.
  document.addEventListener('opened', e => { if (e.target.id === 'palette') e.target.querySelector('input').value = ''; });
  document.addEventListener('click', e => {
    if (e.target.closest?.('#palette [role=option]')) document.getElementById('palette').close();
  });
}
