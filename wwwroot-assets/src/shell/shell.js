// What every page has, loaded once.
import { closeMenus } from './menus.js';
import { watchTables } from './scrolling.js';

closeMenus();
watchTables();
