// What every page has, loaded once.
import { watchTables } from './scrolling.js';

watchTables();
