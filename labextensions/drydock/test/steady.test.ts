import assert from 'node:assert/strict';
import { test } from 'node:test';

import { steady } from '../src/steady';

function failing(times: number, error: Error): { send: (input: Request) => Promise<Response>; asked: () => number } {
  let asked = 0;
  return {
    send: async () => {
      asked += 1;
      if (asked <= times) {
        throw error;
      }
      return new Response('answer');
    },
    asked: () => asked
  };
}

const lost = new TypeError('Failed to fetch');
const question = () => new Request('http://localhost/api/contents/Dockerfile');

test('a question that was cut off is asked again', async () => {
  const { send, asked } = failing(2, lost);
  assert.equal(await (await steady(send, [0, 0, 0])(question())).text(), 'answer');
  assert.equal(asked(), 3);
});

test('a server that is gone is told in the end', async () => {
  const { send, asked } = failing(9, lost);
  await assert.rejects(steady(send, [0, 0])(question()), lost);
  assert.equal(asked(), 3);
});

test('what changes something is sent once', async () => {
  const { send, asked } = failing(1, lost);
  await assert.rejects(steady(send, [0, 0])(new Request('http://localhost/api/contents/Dockerfile', { method: 'PUT', body: '{}' })), lost);
  assert.equal(asked(), 1);
});

test('who gave up does not ask again', async () => {
  const { send, asked } = failing(1, new DOMException('aborted', 'AbortError'));
  await assert.rejects(steady(send, [0, 0])(question()));
  assert.equal(asked(), 1);
});
