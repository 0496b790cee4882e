// What every page has, where it needs no page. Run by the tests of the product.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { notify } from '../src/shell/progress.js';

test('a notification comes where it is allowed and nobody looks, and only there; it makes no sound', () => {
  const told = [];
  class Notification { constructor(title, options) { told.push({ title, ...options }); } }
  globalThis.window = globalThis;
  globalThis.Notification = Notification;
  for (const [permission, visibilityState] of [['denied', 'hidden'], ['default', 'hidden'], ['granted', 'visible'], ['granted', 'hidden']]) {
    Notification.permission = permission;
    globalThis.document = { visibilityState };
    notify('run', `${permission}, ${visibilityState}`, 'runs/run');
  }
  assert.deepEqual(told.map(({ body, silent }) => [body, silent]), [['granted, hidden', true]]);
  delete globalThis.Notification;
  notify('run', 'a browser that has none', 'runs/run');
  assert.equal(told.length, 1);
});
