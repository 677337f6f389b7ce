/**
 * Throwing away what has been read, before it is much.
 *
 * Every read of Node's brings up to 64 KiB of new memory beside V8's heap, which is garbage as soon as it is answered.
 * V8 would let 32 MB of it gather, and these count for its old generation too: since Node 22 it takes that for a reason
 * to walk over the whole heap, dozens of times a second under load, for memory that has never been old. Its small
 * collection, which looks at young objects only, costs a fraction of that and finds the memory while the processor's
 * caches know it; so we ask for one every 4 MiB. (8 are too many: once the server has been at rest V8 gives its
 * heap less room, and Node 24 and 26 walk over it 40 times a second again, at half the speed. --max-semi-space-size=1
 * would do the same, but is not ours to give: V8 reads it before the program begins.)
 *
 * So small a collection is done before a helper thread has woken up, so V8 is told to ask none, nor to have what is read
 * freed by one. It looks at these two flags anew for each collection, large ones too; there they cost a little where
 * cores are idle. Node's manual warns of flags that are set after the start: these were tried on 20, 22, 24 and 26.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Bytes. A collection takes a sixth of a millisecond; to read and answer so many takes four or more. */
const ENOUGH = 4 * 1024 * 1024;

for (const flag of ['--no-parallel-scavenge', '--no-concurrent-array-buffer-sweeping']) setFlagsFromString(flag);

type Collect = (options: { type: 'minor' }) => void;

let count = 0;
let collect: Collect | null = null;

/** Counts bytes that were read and will be garbage soon; after 4 MiB of them V8 collects its young objects. */
export function countGarbage(bytes: number): void {
  count += bytes;
  if (count < ENOUGH) return;
  count = 0;
  collect ??= findCollect();
  collect({ type: 'minor' });
}

/** V8 shows its collector to what begins with this flag, and a context may begin at any time. */
function findCollect(): Collect {
  setFlagsFromString('--expose-gc');
  const gc: unknown = runInNewContext('globalThis.gc');
  setFlagsFromString('--no-expose-gc');
  return typeof gc === 'function' ? gc as Collect : () => {};
}
