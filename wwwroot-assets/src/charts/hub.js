// One connection to /hubs/runs a page. It comes back by itself; a snapshot then closes whatever gap there was.
import { HubConnectionBuilder, LogLevel } from '@microsoft/signalr';
import { Curves } from './curves.js';

const watchers = new Map(); // run id -> { curves, early, changed, failed }
let connection = null;
let starting = null;

const wait = milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds));

function connect() {
  connection ??= build();
  starting ??= start();
  return starting;
}

function build() {
  const hub = new HubConnectionBuilder()
    .withUrl('hubs/runs')
    .withAutomaticReconnect({ nextRetryDelayInMilliseconds: c => Math.min(500 * 2 ** c.previousRetryCount, 5000) })
    .configureLogging(LogLevel.None) // a server that restarts is no error; what matters is shown on the page
    .build();
  hub.on('Increment', (runId, increment) => receive(runId, increment));
  hub.onreconnected(() => { for (const runId of watchers.keys()) synchronise(runId); });
  return hub;
}

async function start() {
  while (watchers.size > 0) {
    try { await connection.start(); return; } catch { await wait(1000); }
  }
}

async function synchronise(runId) {
  const watcher = watchers.get(runId);
  if (!watcher) return;
  watcher.curves = null;
  watcher.early = [];
  try {
    const snapshot = await connection.invoke('Watch', runId);
    watcher.curves = new Curves(snapshot, (from, to, buckets) => connection.invoke('Steps', runId, from, to, buckets));
    for (const increment of watcher.early) watcher.curves.apply(increment);
    watcher.early = [];
    watcher.changed(watcher.curves);
  } catch (error) {
    if (connection.state === 'Connected') watcher.failed(String(error.message).replace(/^.*HubException: /s, ''));
  }
}

function receive(runId, increment) {
  const watcher = watchers.get(runId);
  if (!watcher) return;
  if (!watcher.curves) watcher.early.push(increment); // the snapshot is on its way
  else if (watcher.curves.apply(increment)) watcher.changed(watcher.curves);
  else synchronise(runId);
}

/** Calls changed(curves) now and whenever the run has gone on; returns a function that ends it. */
export function watch(runId, changed, failed) {
  const watcher = { curves: null, early: [], changed, failed };
  watchers.set(runId, watcher);
  connect().then(() => { if (watchers.get(runId) === watcher) return synchronise(runId); });
  return async () => {
    if (watchers.get(runId) !== watcher) return;
    watchers.delete(runId);
    const used = connection;
    if (used?.state === 'Connected') await used.invoke('Unwatch', runId).catch(() => { });
    // Several end at the same time: the last one closes the connection, once.
    if (watchers.size > 0 || connection !== used) return;
    connection = starting = null;
    await used?.stop();
  };
}
