/**
 * Answers, joined until the pass of the loop is over: one write for a hundred echoes instead of a hundred. A write is a
 * system call and a packet; it costs about thirty times what the echo itself does.
 *
 * The loop serves one client after the other, so one buffer is enough to join them in. What is in it when the next one's
 * turn comes waits too, for a few clients or 64 KiB: the processor's caches hold either the code that answers or that
 * which sends, and not both.
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

/** Bytes that are joined; and as many may wait behind them, of all clients together. */
const CORK_SIZE = 64 * 1024;
/** From here on copying costs more than to hand over. */
const LARGE = 16 * 1024;
/** Answers, joined ones, that may wait: the first shall not wait for a hundred clients whose messages are hard work. */
const MOST_PARTS = 16;

const cork = Buffer.allocUnsafeSlow(CORK_SIZE);
let used = 0;
/** Whose answers are in the cork. */
let owner: Writable | null = null;
/** What has left the cork, in its order, and to whom it goes. */
const parts: Uint8Array[] = [], streams: Writable[] = [];
let waiting = 0;
let scheduled = false;

/**
 * Writes `bytes` to `stream` at the latest when the running code returns to the event loop, in order.
 * Large ones are handed over as they are: do not change them afterwards.
 * @returns false when the stream holds more than its highWaterMark that could not be sent: its reader is slow
 */
export function writeCorked(stream: Writable, bytes: Uint8Array | Scattered): boolean {
  if (owner !== stream) {
    seal();
    owner = stream;
  }
  if (!scheduled) {
    scheduled = true;
    process.nextTick(endOfPass);
  }
  if (bytes.length < LARGE) {
    if (bytes.length > CORK_SIZE - used) seal();
    if (bytes instanceof Uint8Array) cork.set(bytes, used);
    else bytes.copyTo(cork, used);
    used += bytes.length;
  } else {
    seal();
    add(bytes instanceof Uint8Array ? [bytes] : bytes.parts());
  }
  return stream.writableLength < stream.writableHighWaterMark;
}

/** Sends all that waits. */
export function uncork(): void {
  seal();
  if (waiting === 0) return;
  for (let i = 0; i < parts.length;) {
    const stream = streams[i]!;
    if (streams[i + 1] !== stream) {
      stream.write(parts[i++]!);
      continue;
    }
    stream.cork();
    while (streams[i] === stream) stream.write(parts[i++]!);
    stream.uncork();
  }
  parts.length = streams.length = waiting = 0;
}

/** Bytes that wait for this stream alone, its last ones; those that are being joined are not counted. */
export function corked(stream: Writable): number {
  let bytes = 0;
  for (let i = parts.length - 1; i >= 0 && streams[i] === stream; i--) bytes += parts[i]!.length;
  return bytes;
}

function endOfPass(): void {
  scheduled = false;
  uncork();
  owner = null;
}

/** A copy: the cork is for the next client's answers now. */
function seal(): void {
  if (used === 0) return;
  const bytes = Buffer.from(cork.subarray(0, used));
  used = 0;
  add([bytes]);
}

/** Of one answer, or of joined ones; they are the owner's. */
function add(bytes: Uint8Array[]): void {
  for (const part of bytes) {
    parts.push(part);
    streams.push(owner!);
    waiting += part.length;
  }
  if (waiting >= CORK_SIZE || parts.length >= MOST_PARTS) uncork();
}
