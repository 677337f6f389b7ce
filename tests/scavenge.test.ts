import assert from 'node:assert/strict';
import { constants, type NodeGCPerformanceDetail, PerformanceObserver } from 'node:perf_hooks';
import { test } from 'node:test';
import { countGarbage } from '../lib/scavenge.ts';

const MEBI = 1024 * 1024;

/** Resolves when V8 has done a collection that somebody has asked for. */
function forcedCollection(): Promise<number | undefined> {
  return new Promise((resolve) => {
    // An observer alone does not keep the program running
    const alive = setInterval(() => {}, 1000);
    const observer = new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        const { kind, flags = 0 } = (entry as { detail?: NodeGCPerformanceDetail }).detail ?? {};
        if ((flags & constants.NODE_PERFORMANCE_GC_FLAGS_FORCED) === 0) continue;
        observer.disconnect();
        clearInterval(alive);
        resolve(kind);
      }
    });
    observer.observe({ entryTypes: ['gc'] });
  });
}

test('four mebibytes that were read are a small collection', async () => {
  for (const sizes of [[4 * MEBI], [4 * MEBI], Array.from({ length: 64 }, () => 65536), [4 * MEBI - 1, 1]]) {
    const collection = forcedCollection();
    for (const size of sizes) countGarbage(size);
    assert.equal(await collection, constants.NODE_PERFORMANCE_GC_MINOR, `${sizes.length} reads`);
  }
});

test('the collector is shown to nobody else', () => {
  countGarbage(4 * MEBI);
  assert.equal((globalThis as { gc?: unknown }).gc, undefined);
});
