// What every page has, loaded once.
import { put } from './address.js';
import { followCalipers } from './calipers.js';
import { listenToKeys, open } from './keys.js';
import { closeMenus } from './menus.js';
import { followPalette } from './palette.js';
import { allowNotifications, notifications, notify, progress } from './progress.js';
import { whenQuiet } from '../quiet.js';
import { watchTables } from './scrolling.js';
import { lastVisit, rememberVisits } from './visits.js';

closeMenus();
followCalipers();
watchTables();
listenToKeys();
followPalette();
rememberVisits();
// The charts' module is large: a page with curves opens at once where the browser has read it in a quiet moment before. Quiet it is when a page is there.
const charts = () => import(new URL('dist/charts.js', document.baseURI).href);
const readCharts = () => document.querySelector('main h1') ? whenQuiet(() => charts().catch(() => { })) : setTimeout(readCharts, 250);
readCharts();
const attachRun = async (...run) => (await charts()).attachRun(...run);
const attachComparison = async root => (await charts()).attachComparison(root);
const quietMoment = () => new Promise(whenQuiet);
window.ecgpeftShell = { allowNotifications, attachComparison, attachRun, lastVisit, notifications, notify, open, progress, put, quietMoment };
