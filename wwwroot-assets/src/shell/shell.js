// What every page has, loaded once.
import { put } from './address.js';
import { followCalipers } from './calipers.js';
import { listenToKeys, open } from './keys.js';
import { closeMenus } from './menus.js';
import { followPalette } from './palette.js';
import { allowNotifications, notifications, notify, progress } from './progress.js';
import { watchTables } from './scrolling.js';
import { lastVisit, rememberVisits } from './visits.js';

closeMenus();
followCalipers();
watchTables();
listenToKeys();
followPalette();
rememberVisits();
// The charts' module is large: a page with curves opens at once where the browser has read it in a quiet moment before.
const quiet = window.requestIdleCallback ?? (call => setTimeout(call, 500));
addEventListener('load', () => quiet(() => import(new URL('dist/charts.js', document.baseURI).href).catch(() => { })));
window.ecgpeftShell = { allowNotifications, lastVisit, notifications, notify, open, progress, put };
