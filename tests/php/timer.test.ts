import assert from 'node:assert/strict';
import { test } from 'node:test';
import { afterRunning } from '../../lib/php/timer.ts';

test('afterRunning() calls back once; a stop of any length takes at most a quarter of the time', async () => {
  const begin = performance.now();
  const called = new Promise<number>((resolve) => afterRunning(0.4, () => resolve(performance.now())));
  // Stopped for as long as the whole time
  const end = begin + 400;
  while (performance.now() < end);
  const keepAlive = setInterval(() => {}, 1000);
  assert.ok(await called - end >= 290);
  clearInterval(keepAlive);
});

test('what afterRunning() returns cancels it', async () => {
  const cancel = afterRunning(0.02, () => assert.fail('it was cancelled'));
  cancel();
  await new Promise((resolve) => afterRunningKept(0.04, resolve));
});

function afterRunningKept(seconds: number, call: (value: unknown) => void): void {
  setTimeout(call, seconds * 1000);
}
