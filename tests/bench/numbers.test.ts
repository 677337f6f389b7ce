import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Histogram, ratios } from './numbers.ts';

describe('ratios()', () => {
  test('divides round by round, not the medians', () => {
    assert.deepEqual(ratios([10, 20, 90], [10, 10, 30]), { median: 2, min: 1, max: 3 });
  });
  test('takes the rounds that both have', () => {
    assert.deepEqual(ratios([4, 8], [2]), { median: 2, min: 2, max: 2 });
    assert.equal(ratios([], [2]), null);
  });
  test('takes the middle of two where the rounds are even', () => {
    assert.deepEqual(ratios([10, 40], [10, 10]), { median: 2.5, min: 1, max: 4 });
  });
});

describe('Histogram', () => {
  const isNear = (is: number, right: number): void => assert.ok(Math.abs(is / right - 1) < 0.022, `${is}, not ${right}`);
  test('gives percentiles to 2 percent', () => {
    const times = new Histogram();
    for (let time = 1; time <= 1000; time++) times.add(time * 10);
    isNear(times.percentile(50), 5000);
    isNear(times.percentile(99), 9900);
    isNear(times.percentile(100), 10_000);
  });
  test('counts one time as often as it is told', () => {
    const times = new Histogram();
    times.add(10, 98);
    times.add(100_000, 2);
    isNear(times.percentile(98), 10);
    isNear(times.percentile(99), 100_000);
  });
  test('forgets what was before clear()', () => {
    const times = new Histogram();
    times.add(1e6, 1000);
    times.clear();
    assert.equal(times.percentile(50), NaN);
    times.add(0);
    assert.equal(times.percentile(50), 1);
  });
  test('counts what is longer than two minutes as that', () => {
    const times = new Histogram();
    times.add(1e12);
    assert.ok(times.percentile(99) > 120e6);
  });
});
