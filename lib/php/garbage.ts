/**
 * The only file that sets V8's flags and calls its garbage collector.
 *
 * Each read allocates up to 64 KiB outside V8's heap, and that is garbage as soon as the echo is sent. V8 lets 32 MB of
 * it gather, and since Node 22 then walks over its whole heap, dozens of times a second under load. So this file asks
 * for a minor collection (young objects only) every 4 MiB. It takes a sixth of a millisecond, and the freed memory is
 * still in the processor's caches. Without it Node 26 echoes messages of 16 KiB at 0.48 of the rate, of 1 MiB at 0.39.
 * With 8 MiB the walks come back once the server has been idle.
 *
 * V8's helper threads take longer to wake up than such a collection lasts. With them Node 26 has 0.87 of the rate at
 * 16 KiB. V8 reads both flags at each collection. Node's manual warns of flags set after the start; these were tried on
 * Node 20, 22, 24 and 26.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Bytes. */
const ENOUGH = 4 * 1024 * 1024;

type Collect = (options: { type: 'minor' }) => void;

let count = 0;
let collect: Collect | null = null;

/** Call once, at the start: lets countGarbage collect. */
export function startCollecting(): void {
  for (const flag of ['--no-parallel-scavenge', '--no-concurrent-array-buffer-sweeping']) setFlagsFromString(flag);
  // A context that is made while this flag is set has the function gc
  setFlagsFromString('--expose-gc');
  const gc: unknown = runInNewContext('globalThis.gc');
  setFlagsFromString('--no-expose-gc');
  if (typeof gc === 'function') collect = gc as Collect;
}

/** Counts bytes that were read. After each 4 MiB V8 collects its young objects. */
export function countGarbage(bytes: number): void {
  count += bytes;
  if (count < ENOUGH || collect === null) return;
  count = 0;
  collect({ type: 'minor' });
}
