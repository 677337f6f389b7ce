import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { lineOf, stepsOf } from '../lib/lines.ts';

const server = readFileSync(new URL('../server.ts', import.meta.url), 'utf8').split('\n');

test('lineOf() finds the line, and tells the file where there is none', () => {
  const words = 'const buff = socket_read(';
  assert.equal(lineOf('server.ts', words), `server.ts:${server.findIndex((line) => line.includes(words)) + 1}`);
  assert.equal(lineOf('server.ts', 'no such words'), 'server.ts');
});

test('stepsOf() finds every step of the list in the loop, with its lines', () => {
  const steps = stepsOf();
  assert.deepEqual(steps.map(({ step }) => step), steps.map((_, i) => i + 1));
  for (const { step, says, line, code } of steps) {
    assert.ok(server.some((one) => one.endsWith(`${step}  ${says}`)));
    assert.match(server[Number(line.split(':')[1]) - 1]!, new RegExp(`// ${step}(?:  |$)`));
    assert.ok(code.length > 1);
  }
  assert.ok(steps[2]!.code.some((line) => line.includes('socket_accept(')));
  assert.ok(!steps[2]!.code.some((line) => line.includes('socket_read(')));
});

test('stepsOf() joins a step that stands in two places, and ends where the loop does', () => {
  const text = [' *   1  first', ' *  12  later', ' */', 'x', '// 12  why', 'a', '// 1', 'b', '// 12', 'c', '}', 'd'];
  assert.deepEqual(stepsOf(text), [
    { step: 1, says: 'first', line: 'server.ts:7', code: ['// 1', 'b'] },
    { step: 12, says: 'later', line: 'server.ts:5', code: ['// 12  why', 'a', '// 12', 'c'] },
  ]);
});
