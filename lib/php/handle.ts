/**
 * The only file that reads Node's private `_handle`.
 *
 * Node counts a write as sent when all of it has left; the handle counts bytes. Without it, a client that takes 16 MiB
 * over a slow line would seem to take nothing, and --write-timeout would disconnect it.
 */
import type net from 'node:net';

interface Handle {
  /** Bytes given to the handle, and how many of them the kernel has not taken. */
  bytesWritten?: number;
  writeQueueSize?: number;
}

/** Returns the bytes that the kernel has taken so far. Without a handle only whole writes count. */
export function bytesTakenBy(stream: net.Socket): number {
  const { _handle: handle } = stream as { _handle?: Handle };
  const { bytesWritten = stream.bytesWritten, writeQueueSize = stream.writableLength } = handle ?? {};
  return bytesWritten - writeQueueSize;
}
