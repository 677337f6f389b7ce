/**
 * Small answers to one client, joined until the pass of the loop is over: one write for a hundred echoes instead of a
 * hundred. A write is a system call and a packet; it costs about thirty times what the echo itself does.
 *
 * The loop serves one client after the other, so one buffer is enough for all of them.
 */
import type { Writable } from 'node:stream';

/** Bytes that are put together where they are written: buildMsg's frames. */
export interface Scattered {
  /** Bytes in all. */
  readonly length: number;
  copyTo(target: Buffer, at: number): void;
  /** They in their order, as they stand in memory. */
  parts(): Uint8Array[];
}

/** In bytes; what does not fit is sent first. */
const CORK_SIZE = 64 * 1024;
/** From here on copying costs more than to hand over. The stream holds up to MOST_HELD, for one writev. */
const LARGE = 16 * 1024, MOST_HELD = 256 * 1024;

const cork = Buffer.allocUnsafeSlow(CORK_SIZE);
let used = 0;
/** Bytes that the stream holds because we want it to. */
let held = 0;
let owner: Writable | null = null;
let scheduled = false;

/**
 * Writes `bytes` to `stream` at the latest when the running code returns to the event loop, in order.
 * Large ones are handed over as they are: do not change them afterwards.
 * @returns false when the stream holds more than its highWaterMark that could not be sent: its reader is slow
 */
export function writeCorked(stream: Writable, bytes: Uint8Array | Scattered): boolean {
  if (owner !== stream) {
    uncork();
    owner = stream;
  }
  if (!scheduled) {
    scheduled = true;
    process.nextTick(endOfPass);
  }
  if (bytes.length < LARGE) {
    if (bytes.length > CORK_SIZE - used) flush(stream);
    if (bytes instanceof Uint8Array) cork.set(bytes, used);
    else bytes.copyTo(cork, used);
    used += bytes.length;
  } else {
    flush(stream);
    hold(stream, bytes instanceof Uint8Array ? [bytes] : bytes.parts());
    if (held >= MOST_HELD) release(stream);
  }
  return stream.writableLength - held < stream.writableHighWaterMark;
}

/** Sends what is held, of this stream or of any. */
export function uncork(stream: Writable | null = owner): void {
  if (owner === null || owner !== stream) return;
  flush(owner);
  release(owner);
  owner = null;
}

function endOfPass(): void {
  scheduled = false;
  uncork();
}

function flush(stream: Writable): void {
  if (used === 0) return;
  // A copy: the kernel may take it later, the next client's answers come now.
  const bytes = Buffer.from(cork.subarray(0, used));
  used = 0;
  if (held > 0) hold(stream, [bytes]);
  else stream.write(bytes);
}

function hold(stream: Writable, parts: Uint8Array[]): void {
  if (held === 0) stream.cork();
  for (const part of parts) {
    stream.write(part);
    held += part.length;
  }
}

function release(stream: Writable): void {
  if (held === 0) return;
  held = 0;
  stream.uncork();
}
