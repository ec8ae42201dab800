import assert from 'node:assert/strict';
import { test } from 'node:test';

import { fromPage } from '../src/messages.js';

test('what our pages ask for is read', () => {
  for (const message of [
    { drydock: 'open', path: 'course/01-x.ipynb' },
    { drydock: 'open', path: 'course/01-x.ipynb', heading: 'Why' },
    { drydock: 'open', path: 'drydock:home', heading: undefined },
    { drydock: 'terminal', folder: 'exercises/05-first' },
    { drydock: 'hello', exercise: '05-first' },
    { drydock: 'save', exercise: '05-first', ticket: '1' },
    { drydock: 'revert', exercise: '05-first' }
  ]) {
    assert.equal(fromPage(message), message);
  }
});

test('anything else is not', () => {
  for (const message of [
    null,
    'drydock',
    17,
    {},
    { drydock: 'delete', path: 'x' },
    { drydock: 'toString' },
    { drydock: 'open' },
    { drydock: 'open', path: 1 },
    { drydock: 'open', path: 'x', heading: 1 },
    { drydock: 'save', exercise: '05-first' }
  ]) {
    assert.equal(fromPage(message), null, JSON.stringify(message));
  }
});
