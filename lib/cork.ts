/**
 * Small answers to one client, joined until the pass of the loop is over: one write for a hundred echoes instead of a
 * hundred. A write is a system call and a packet; it costs about thirty times what the echo itself does.
 *
 * The loop serves one client after the other, so one buffer is enough for all of them.
 */
import type { Writable } from 'node:stream';

/** In bytes; what does not fit is sent first. */
const CORK_SIZE = 64 * 1024;
/** From here on copying costs more than a write of its own. */
const LARGE = 16 * 1024;

const cork = Buffer.allocUnsafeSlow(CORK_SIZE);
let used = 0;
let owner: Writable | null = null;
let scheduled = false;

/**
 * Writes `bytes` to `stream` at the latest when the running code returns to the event loop, in order.
 * Large ones are handed over as they are: do not change them afterwards.
 * @returns false when the stream holds more than its highWaterMark: its reader is slow
 */
export function writeCorked(stream: Writable, bytes: Uint8Array): boolean {
  if (owner !== stream) {
    uncork();
    owner = stream;
  }
  if (!scheduled) {
    scheduled = true;
    process.nextTick(endOfPass);
  }
  if (bytes.length > CORK_SIZE - used || bytes.length >= LARGE) flush();
  if (bytes.length >= LARGE) {
    stream.write(bytes);
  } else {
    cork.set(bytes, used);
    used += bytes.length;
  }
  return !stream.writableNeedDrain;
}

/** Sends what is held, of this stream or of any. */
export function uncork(stream: Writable | null = owner): void {
  if (owner === null || owner !== stream) return;
  flush();
  owner = null;
}

function endOfPass(): void {
  scheduled = false;
  uncork();
}

function flush(): void {
  // A copy: the kernel may take it later, the next client's answers come now.
  if (used > 0) owner?.write(Buffer.from(cork.subarray(0, used)));
  used = 0;
}
