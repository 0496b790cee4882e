// Dashes by number: solid, dashed, dotted, long, short. RunLook.cs draws the same ones.
export const dashes = [0, 6, 2, 10, 4];

const known = new Map();
let theme = null;

/** A variable of tokens.css as the present theme has it. Kept, since every reading has the browser work out the styles of what has changed. */
export function style(name) {
  if (theme !== document.documentElement.dataset.theme) known.clear();
  theme = document.documentElement.dataset.theme;
  const value = known.get(name) ?? getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  if (value) known.set(name, value); // else the style sheet is not there yet
  return value;
}
