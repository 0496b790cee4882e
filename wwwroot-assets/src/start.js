// The one script that the document waits for; it stands before the style sheets, as a script after them waits for them. The others are fetched
// meanwhile (links "preload") and run in their order as soon as the document is read, so that the circuit starts while the browser is still
// busy with the styles.
import './theme.js';

document.addEventListener('DOMContentLoaded', () => {
  for (const { href } of document.querySelectorAll('link[rel=preload][as=script]')) document.body.append(Object.assign(document.createElement('script'), { src: href, async: false }));
});
