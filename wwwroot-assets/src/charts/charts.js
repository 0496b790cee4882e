// The one module of all charts: ApexCharts is shipped once.
export { attach as attachRun } from './run-charts.js';
export { attach as attachComparison } from './compare-charts.js';
