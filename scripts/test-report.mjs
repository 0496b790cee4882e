// Reads the runner's trx files. "again FIRST": the browser tests that failed, a method a line. "tell FIRST [SECOND]": names what failed, each with the
// first lines of its message, what failed first and passed when it was run again, and the classes that took longest; the last line is "N passed, N failed,
// N skipped".
import { existsSync, readFileSync } from 'node:fs';

const [, , wish, first, second] = process.argv;
const text = xml => xml.replace(/<!\[CDATA\[([\s\S]*?)\]\]>/g, '$1').replace(/&#x([0-9A-F]+);/gi, (_, hex) => String.fromCodePoint(parseInt(hex, 16))).replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&quot;/g, '"').replace(/&apos;/g, "'").replace(/&amp;/g, '&');
const results = file => [...readFileSync(file, 'utf8').matchAll(/<UnitTestResult\b([^>]*?)(?:\/>|>([\s\S]*?)<\/UnitTestResult>)/g)].map(([, attributes, body = '']) => ({
  name: text(/\btestName="([^"]*)"/.exec(attributes)[1]),
  outcome: /\boutcome="([^"]*)"/.exec(attributes)[1],
  seconds: (/\bduration="([^"]*)"/.exec(attributes)?.[1] ?? '0').split(':').reduce((sum, part) => sum * 60 + Number(part), 0),
  message: text(/<Message>([\s\S]*?)<\/Message>/.exec(body)?.[1] ?? ''),
}));

const all = results(first), failed = all.filter(test => test.outcome === 'Failed');
if (wish === 'again') {
  const methods = new Set(failed.map(test => test.name.replace(/\(.*$/s, '')).filter(name => name.includes('.EndToEnd.')));
  if (methods.size) console.log([...methods].join('\n'));
} else {
  const passedLater = new Set(second && existsSync(second) ? results(second).filter(test => test.outcome === 'Passed').map(test => test.name) : []);
  for (const { name, message } of failed) {
    console.log(passedLater.has(name) ? `UNSTEADY, failed and passed when run again: ${name}` : `FAILED ${name}`);
    for (const line of message.trim().split('\n').slice(0, 12)) console.log(`  ${line.slice(0, 300)}`);
  }
  const seconds = new Map();
  for (const test of all) {
    const name = test.name.replace(/\(.*$/s, '').split('.').slice(0, -1).join('.');
    seconds.set(name, (seconds.get(name) ?? 0) + test.seconds);
  }
  const longest = [...seconds].sort((a, b) => b[1] - a[1]).slice(0, 15).map(([name, sum]) => `${name.replace(/^EcgPeft\.Tests\./, '')} ${Math.round(sum)} s`);
  console.log(`Of ${Math.round([...seconds.values()].reduce((sum, one) => sum + one, 0))} s of tests, the longest: ${longest.join(', ')}`);
  const left = failed.filter(test => !passedLater.has(test.name)).length, passed = all.filter(test => test.outcome === 'Passed').length + failed.length - left;
  console.log(`${passed} passed, ${left} failed, ${all.length - passed - left} skipped`);
  process.exitCode = left > 0 || passed === 0 ? 1 : 0;
}
