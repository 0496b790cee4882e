// What every page has, loaded once.
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
window.ecgpeftShell = { allowNotifications, lastVisit, notifications, notify, open, progress };
