// Starts the dashboard with an empty data folder, works through it as a new user does, and takes the guide's pictures on the way.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const docs = dirname(dirname(fileURLToPath(import.meta.url))), repository = dirname(docs), images = join(docs, 'images');
const { chromium } = createRequire(join(repository, 'wwwroot-assets', 'package.json'))('playwright-core');
const output = project => join(repository, project, 'bin', 'Release', 'net10.0');
const browsers = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome', 'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe'];
const patience = 15 * 60_000, mostBytes = 3_000_000;
const size = { width: 1280, height: 800 }, tall = 1340;
const others = ['hubert-lora', 'hubert-adapter', 'ecg-fm-lora', 'ecg-fm-adapter'];

const root = mkdtempSync(join(tmpdir(), 'ecgpeft-pictures-'));
const environment = { ...process.env, EcgPeft__DataRoot: root, Logging__LogLevel__Default: 'Warning' };
const processes = [];
rmSync(images, { recursive: true, force: true });
mkdirSync(images, { recursive: true });

try {
  const address = await startDashboard();
  const browser = await chromium.launch({ executablePath: browsers.find(path => path && existsSync(path)), args: ['--no-sandbox', '--disable-gpu'] });
  try { await tour(browser, address); } finally { await browser.close(); }
  const bytes = readdirSync(images).reduce((sum, name) => sum + statSync(join(images, name)).size, 0);
  console.log(`${readdirSync(images).length} pictures, ${(bytes / 1e6).toFixed(1)} MB in ${images}`);
  if (bytes > mostBytes) throw new Error(`The pictures take more than ${mostBytes / 1e6} MB; take fewer or smaller ones.`);
} finally {
  for (const process of processes) process.kill();
  await Promise.all(processes.map(process => process.exitCode ?? new Promise(resolve => process.on('exit', resolve))));
  rmSync(root, { recursive: true, force: true });
}

async function tour(browser, address) {
  const page = await open(browser, address);
  await go(page, '/', 'Try the demo study');
  await picture(page, 'first-visit');

  const begun = Date.now();
  await page.getByRole('button', { name: 'Try the demo study' }).click();
  const steps = page.getByRole('region', { name: 'Try the demo study' });
  await steps.getByRole('link', { name: 'Demo: LoRA' }).click();
  await page.waitForFunction(() => Number(document.querySelector('[data-figure=training-loss] [data-count]')?.dataset.points ?? 0) > 120, null, { timeout: patience });
  await page.setViewportSize({ ...size, height: tall });
  await settled(page);
  await picture(page, 'run-live');
  await page.setViewportSize(size);

  await go(page, '/', 'Overview');
  await page.getByRole('link', { name: 'Compare the two runs' }).waitFor({ timeout: patience });
  console.log(`The demo study was ready to be compared after ${Math.round((Date.now() - begun) / 1000)} s`);
  await picture(page, 'first-comparison');

  for (const name of others) {
    console.log(`Training ${name}`);
    await command('train', '--recipe', join(repository, 'recipes', `${name}.json`), '--set', 'training.epochs=3', '--data', join(root, 'datasets', 'demo'), '--out', join(root, 'runs', name));
  }
  await go(page, '/runs', 'Runs');
  for (const name of others) await page.locator(`tr[data-run=${name}] .chip`).getByText('Completed').waitFor({ timeout: patience });
  await picture(page, 'runs');
  const ids = await page.locator('tr[data-run]').evaluateAll(rows => rows.map(row => row.dataset.run));

  await go(page, '/', 'Overview');
  await picture(page, 'overview');
  await go(page, '/new', 'New run');
  await page.waitForTimeout(1500);
  await picture(page, 'new-run');

  const compare = `/compare?runs=${ids.join(',')}`;
  await go(page, compare, 'Compare');
  await page.locator('#compare-metrics').waitFor({ timeout: patience });
  await settled(page);
  await picture(page, 'compare');
  await page.locator('.compare-charts').scrollIntoViewIfNeeded();
  await page.getByLabel('Smoothing').fill('0.9');
  await settled(page);
  await page.locator('.compare-charts').evaluate(charts => scrollTo({ top: charts.getBoundingClientRect().top + scrollY - 72 }));
  const chart = await page.locator('[data-figure=loss] [data-chart]').boundingBox();
  await page.mouse.move(chart.x + chart.width * .42, chart.y + chart.height * .45);
  await page.waitForTimeout(300);
  await picture(page, 'compare-curves');
  await page.mouse.move(0, 0);

  await go(page, '/data/demo', 'Demo');
  await picture(page, 'data');
  await page.locator('.browse .strip').waitFor();
  await page.locator('.browse').evaluate(browser => scrollTo({ top: browser.getBoundingClientRect().top + scrollY - 140 }));
  const paper = await page.locator('.browse .paper').boundingBox();
  await page.mouse.move(paper.x + paper.width * .38, paper.y + paper.height * .62);
  await page.mouse.down();
  await page.mouse.move(paper.x + paper.width * .52, paper.y + paper.height * .3, { steps: 4 });
  await page.mouse.up();
  await picture(page, 'segment');
  await go(page, '/models', 'Models');
  await picture(page, 'models');

  await go(page, '/', 'Overview');
  await page.keyboard.press('Control+k');
  await page.keyboard.type('hubert');
  await page.locator('#palette [role=option]').first().waitFor();
  await page.waitForTimeout(400);
  await picture(page, 'palette');
  await page.context().close();

  const dark = await open(browser, address, { colorScheme: 'dark', viewport: { ...size, height: tall } });
  await go(dark, `/runs/${others[0]}`, others[0]);
  await settled(dark);
  await picture(dark, 'run-dark');
  await dark.context().close();

  const narrow = await open(browser, address, { viewport: { width: 400, height: 800 } });
  await go(narrow, '/runs', 'Runs');
  await picture(narrow, 'narrow');
  await narrow.context().close();
}

async function open(browser, baseURL, more = {}) {
  const context = await browser.newContext({ baseURL, viewport: size, colorScheme: 'light', locale: 'en-US', reducedMotion: 'reduce', ...more });
  context.setDefaultTimeout(60_000);
  return context.newPage();
}

async function go(page, path, text) {
  await page.goto(path);
  await page.locator('main').getByText(text).first().waitFor();
  await page.waitForTimeout(700);
}

/** Until every chart that has values is drawn. */
async function settled(page) {
  await page.locator('.apexcharts-series path').first().waitFor();
  await page.waitForTimeout(1500);
}

async function picture(page, name) {
  // What ended a moment ago may still be told of; the picture is about the page.
  for (const close of await page.locator('.mud-snackbar button[aria-label=Close], .mud-snackbar .mud-snackbar-close-button').all()) await close.click().catch(() => { });
  await page.screenshot({ path: join(images, `${name}.png`) });
  console.log(`docs/images/${name}.png`);
}

function startDashboard() {
  const process = spawn('dotnet', [join(output('EcgPeft.Web'), 'EcgPeft.Web.dll'), '--urls', 'http://127.0.0.1:0'], { env: environment });
  processes.push(process);
  return new Promise((resolve, reject) => {
    let said = '';
    const read = data => {
      said += data;
      const found = /EcgPeft is at (\S+)/.exec(said);
      if (found) resolve(found[1]);
    };
    process.stdout.on('data', read);
    process.stderr.on('data', read);
    process.on('exit', code => reject(new Error(`The dashboard ended with code ${code}:\n${said}`)));
  });
}

function command(...args) {
  const process = spawn('dotnet', [join(output('EcgPeft.Cli'), 'ecgpeft.dll'), ...args], { env: environment });
  let said = '';
  for (const stream of [process.stdout, process.stderr]) stream.on('data', data => { said += data; });
  return new Promise((resolve, reject) => process.on('exit', code => code === 0 ? resolve() : reject(new Error(`ecgpeft ${args[0]} ended with code ${code}:\n${said}`))));
}
