/**
 * Node's private `_handle`, which is looked at nowhere else.
 *
 * Node counts a write as sent when all of it has left. The handle counts the bytes. Without it a client that takes a
 * message of 16 MiB over a slow line would seem to take nothing, and would be cut for that (--write-timeout).
 */
import type net from 'node:net';

interface Handle {
  /** Bytes that were given to the handle, and those of them that the kernel has not taken. */
  bytesWritten?: number;
  writeQueueSize?: number;
}

/** Bytes that the kernel has taken for the peer so far. Where Node shows no handle: those of whole writes. */
export function bytesTakenBy(stream: net.Socket): number {
  const { _handle: handle } = stream as { _handle?: Handle };
  const { bytesWritten = stream.bytesWritten, writeQueueSize = stream.writableLength } = handle ?? {};
  return bytesWritten - writeQueueSize;
}
