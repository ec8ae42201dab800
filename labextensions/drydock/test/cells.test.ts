import assert from 'node:assert/strict';
import { test } from 'node:test';

import { answers, headingPlace, headings } from '../src/cells.js';

const cell = (type: string, source: string) => ({ type, source });

test('headings are found as a reader sees them, and not in code', () => {
  const source = '## What `docker run`   does ##\ntext\n```sh\n# not this\n```\n### *Then*\n#nor this';
  assert.deepEqual(headings(source), ['What docker run does', 'Then']);
});

test('a heading leads to its cell', () => {
  const cells = [cell('code', '# Hello'), cell('markdown', 'text'), cell('markdown', 'more\n\n## Hello, `world`\n')];
  assert.equal(headingPlace(cells, 'Hello, world'), 2);
  assert.equal(headingPlace(cells, 'Hello'), -1);
});

test('an answer is what follows the cell that it is about', () => {
  const cells = [
    cell('markdown', '> **Predict.** How many?'),
    cell('code', 'docker ps'),
    cell('markdown', '**What happened.** Two.'),
    cell('markdown', '**What happened.** Not below a cell.'),
    cell('code', 'docker ps -a'),
    cell('markdown', 'Two versions.'),
    cell('code', '# Run this cell.\ncompare("count", "b", "Two.")'),
    cell('markdown', 'One for each program.')
  ];
  assert.deepEqual([...answers(cells)], [
    [2, 1],
    [7, 6]
  ]);
});
