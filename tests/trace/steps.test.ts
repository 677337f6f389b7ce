import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { stepsOf } from '../../lib/trace/steps.ts';

test('stepsOf() finds every step of the list in the loop of server.ts', () => {
  const steps = stepsOf(readFileSync(new URL('../../server.ts', import.meta.url), 'utf8'));
  assert.ok(steps.length > 9);
  assert.deepEqual(steps.map(({ step }) => step), steps.map((_, i) => i + 1));
  for (const { step, code } of steps) assert.ok(code.length > 1, `step ${step} has lines`);
  assert.ok(steps[2]!.code.some((line) => line.includes('socket_accept(')));
  assert.ok(!steps[2]!.code.some((line) => line.includes('socket_read(')));
});

test('stepsOf() joins a step that stands in two places, ends where the loop does, and misses what has no lines', () => {
  const text = [' *   1  first', ' *   7  never', ' *  12  later', ' */', 'x', '// 12  why', 'a', '// 1', 'b', '// 12', 'c', '}', 'd'];
  assert.deepEqual(stepsOf(text.join('\n')), [
    { step: 1, says: 'first', code: ['// 1', 'b'] },
    { step: 7, says: 'never', code: [] },
    { step: 12, says: 'later', code: ['// 12  why', 'a', '// 12', 'c'] },
  ]);
});
