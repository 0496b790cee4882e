// Bundles everything the dashboard serves itself: no CDN, nothing fetched from another host at run time.
import { build } from 'esbuild';
import { rm } from 'node:fs/promises';

const out = '../EcgPeft.Web/wwwroot/dist';
await rm(out, { recursive: true, force: true });
const common = { bundle: true, minify: true, target: 'es2022', outdir: out, logLevel: 'warning', legalComments: 'linked' };

// The first script runs before the first paint, the others of this kind without a circuit, so they are no modules. Components import the
// modules.
await build({ ...common, entryPoints: { start: 'src/start.js', reconnect: 'src/reconnect.js', shell: 'src/shell/shell.js' }, format: 'iife' });
await build({ ...common, entryPoints: { charts: 'src/charts/charts.js', grid: 'src/grid.js', page: 'src/page.js' }, format: 'esm' });
await build({ ...common, entryPoints: { app: 'src/css/app.css' }, loader: { '.woff2': 'file' }, assetNames: 'fonts/[name]-[hash]' });
