import assert from 'node:assert/strict';
import { constants, type NodeGCPerformanceDetail, PerformanceObserver } from 'node:perf_hooks';
import { test } from 'node:test';
import { countGarbage, startCollecting } from '../../lib/php/garbage.ts';
import { Child } from '../child.ts';
import { TYPESCRIPT } from '../helpers.ts';

const MEBI = 1024 * 1024;

/** Resolves with the kinds of the collections that somebody has asked for, when there are so many at least. */
function forcedCollections(count: number): Promise<(number | undefined)[]> {
  return new Promise((resolve) => {
    // An observer alone does not keep the program running
    const alive = setInterval(() => {}, 1000);
    const kinds: (number | undefined)[] = [];
    const observer = new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        const { kind, flags = 0 } = (entry as { detail?: NodeGCPerformanceDetail }).detail ?? {};
        if ((flags & constants.NODE_PERFORMANCE_GC_FLAGS_FORCED) !== 0) kinds.push(kind);
      }
      if (kinds.length < count) return;
      observer.disconnect();
      clearInterval(alive);
      resolve(kinds);
    });
    observer.observe({ entryTypes: ['gc'] });
  });
}

test('nothing is collected before that was asked for', async (t) => {
  const { href } = new URL('../../lib/php/garbage.ts', import.meta.url);
  const program = `import('${href}').then(({ countGarbage }) => countGarbage(${4 * MEBI}))`;
  const child = new Child(t, process.execPath, [...TYPESCRIPT, '--trace-gc', '--eval', program]);
  assert.equal(await child.ended, 0);
  assert.doesNotMatch(child.stdout, /testing/, 'so V8 calls a collection that somebody has asked for');
});

test('four mebibytes that were read are one small collection', async () => {
  startCollecting();
  for (const [sizes, count] of [
    [[4 * MEBI], 1], [[4 * MEBI], 1], [Array.from({ length: 192 }, () => 65536), 3], [[4 * MEBI - 1, 1], 1],
  ] as const) {
    const collections = forcedCollections(count);
    for (const size of sizes) countGarbage(size);
    // Each was over when countGarbage returned, so all are told at once, and none may be too many
    assert.deepEqual(await collections, Array(count).fill(constants.NODE_PERFORMANCE_GC_MINOR), `${sizes.length} reads`);
  }
});

test('this V8 knows all that is asked of it: it would complain on standard error', async (t) => {
  const { href } = new URL('../../lib/php/garbage.ts', import.meta.url);
  const program = `import('${href}').then((one) => { one.startCollecting(); one.countGarbage(${4 * MEBI}); })`;
  const child = new Child(t, process.execPath, [...TYPESCRIPT, '--eval', program]);
  assert.equal(await child.ended, 0);
  assert.equal(child.stdout + child.stderr, '');
});

test('the collector is shown to nobody else', () => {
  countGarbage(4 * MEBI);
  assert.equal((globalThis as { gc?: unknown }).gc, undefined);
});
