/** Time that grows with the bytes, and not with their square: no absolute time says so, two of them do. */
import assert from 'node:assert/strict';
import type { Program } from '../program.ts';
import { runtimeOf } from './vitals.ts';

/** So many times the bytes: so many times the time is linear, 16 times is quadratic. */
const FACTOR = 4;
/** Halfway between, in powers of two. */
const MOST = 8;
/** Noise only adds: the least of some tries is near the truth, and more of them come nearer to it. */
const LEAST_TRIES = 3, MOST_TRIES = 10;

/** Lets the server work on `length` and on four times that, and compares how long it has run for each. */
export async function assertLinear(
  program: Program, length: number, work: (length: number) => Promise<void>,
): Promise<void> {
  const pid = program.process.pid!;
  const spent = async (size: number): Promise<number> => {
    const before = await runtimeOf(pid);
    await work(size);
    return await runtimeOf(pid) - before;
  };
  // What is compiled on the way is not counted
  await work(length);
  let short = Infinity, long = Infinity;
  for (let i = 1; i <= MOST_TRIES; i++) {
    short = Math.min(short, await spent(length));
    long = Math.min(long, await spent(length * FACTOR));
    if (i >= LEAST_TRIES && long / short < MOST) return;
  }
  assert.fail(`four times the bytes took ${(long / short).toFixed(1)} times as long`);
}
