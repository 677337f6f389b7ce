/**
 * V8's flags, and its collector, which are touched nowhere else: what has been read is thrown away before it is much.
 *
 * Each read brings up to 64 KiB of memory beside V8's heap, garbage as soon as it is answered. V8 lets 32 MB of it
 * gather, and since Node 22 takes them for a reason to walk over its whole heap, dozens of times a second under load.
 * A minor collection looks at young objects only. Asked for every 4 MiB, it takes a sixth of a millisecond, and the
 * memory is found again while the processor's caches know it. Without this, Node 26 echoes messages of 16 KiB at 0.48
 * of the rate and of 1 MiB at 0.39. With 8 MiB the walks come back once the server has been at rest.
 *
 * Helper threads take longer to wake up than so small a collection lasts, so V8 is told to use none (with them Node 26
 * has 0.87 of the rate at 16 KiB). V8 reads these two flags at each collection. Node's manual warns of flags that are
 * set after the start: these were tried on Node 20, 22, 24 and 26.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Bytes. */
const ENOUGH = 4 * 1024 * 1024;

type Collect = (options: { type: 'minor' }) => void;

let count = 0;
/** null: nobody has asked for collections. */
let collect: Collect | null = null;

/** From now on what countGarbage counts is collected, by this thread alone. To be called once, at the start. */
export function startCollecting(): void {
  for (const flag of ['--no-parallel-scavenge', '--no-concurrent-array-buffer-sweeping']) setFlagsFromString(flag);
  // V8 shows its collector to a context that begins while this flag is set
  setFlagsFromString('--expose-gc');
  const gc: unknown = runInNewContext('globalThis.gc');
  setFlagsFromString('--no-expose-gc');
  if (typeof gc === 'function') collect = gc as Collect;
}

/** Counts bytes that were read and will be garbage soon; after 4 MiB of them V8 collects its young objects. */
export function countGarbage(bytes: number): void {
  count += bytes;
  if (count < ENOUGH || collect === null) return;
  count = 0;
  collect({ type: 'minor' });
}
