/** Time that grows with the bytes, and not with their square: no absolute time says so, two of them do. */
import assert from 'node:assert/strict';
import type { Program } from '../program.ts';
import { runtimeOf } from './vitals.ts';

/** So many times the bytes: so many times the time is linear, 16 times is quadratic. */
const FACTOR = 4;
/** Halfway between, in powers of two. */
const MOST = 8;
/** Machines have their moments, and what takes the square of the time does so every time: one try in so many is enough. */
const TRIES = 10;

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
  const growths: string[] = [];
  while (growths.length < TRIES) {
    const short = await spent(length), growth = await spent(length * FACTOR) / short;
    if (growth < MOST) return;
    growths.push(growth.toFixed(1));
  }
  assert.fail(`four times the bytes took ${growths.join(', ')} times as long`);
}
