/** What a client's socket is in Node, a net.Socket: the events that make it active, and what its counters say. */
import type net from 'node:net';
import { constants } from 'node:os';
import { bytesTakenBy } from './handle.ts';
import { rouse } from './select.ts';
import { Socket, type Tap } from './socket.ts';

/** A net.Socket that knows its Socket, so that one listener function serves them all. */
type Stream = net.Socket & { owner: Socket };

/**
 * A Socket for a stream that a server of ours has accepted; it has the server's options.
 * Its 'error' is heard from now on, so that a reset client is never an exception.
 */
export function adopt(server: Socket, stream: net.Socket): Socket {
  const socket = new Socket(server.domain, server.linger);
  socket.stream = stream;
  (stream as Stream).owner = socket;
  stream.on('end', onEnd).on('error', onError).on('drain', onChange);
  return socket;
}

/** From now on bytes are read, as many as Node's buffer holds, and make the socket active. */
export function startReading(socket: Socket): void {
  socket.stream?.on('readable', onChange);
}

/** From now on whatever comes is thrown away. After the end nothing comes, and there is nothing to do. */
export function stopReading(socket: Socket): void {
  if (!socket.ended) socket.stream?.off('readable', onChange).resume();
}

/** Shows the tap what has been read: the injected bytes first, and apart. */
export function tapRead(socket: Socket, tap: Tap, buff: Buffer | ''): void {
  if (buff === '') return tap('client', null, false);
  const injected = Math.min(socket.injected, buff.length);
  socket.injected -= injected;
  if (injected > 0) tap('client', buff.subarray(0, injected), true);
  if (injected < buff.length) tap('client', buff.subarray(injected), false);
}

/**
 * The next read will give these bytes, as if they had come from the peer.
 * @returns false where that cannot be: the peer has ended, or earlier ones have not been read yet
 */
export function inject(socket: Socket, bytes: Buffer): boolean {
  const { stream } = socket;
  if (stream === null || socket.closed || socket.ended || stream.readableEnded || socket.injected > 0) return false;
  socket.injected = bytes.length;
  // A copy: the reader will unmask these bytes in place
  stream.unshift(Buffer.from(bytes));
  return true;
}

/**
 * Joins what has come and was not read. Node keeps each packet as a Buffer of its own, which is about 300 bytes for a
 * packet of one. At most the high-water mark is joined: to read more at once would raise that mark, and if less than
 * the mark stayed behind Node would take in more.
 */
export function joinUnread({ stream, closed, ended }: Socket): void {
  if (stream === null || closed || ended || stream.readableLength === 0) return;
  const bytes = stream.read(Math.min(stream.readableLength, stream.readableHighWaterMark)) as Buffer | null;
  if (bytes !== null) stream.unshift(bytes);
}

/** The connection is gone, as if the network had been cut; the next read gives false. */
export function cut(socket: Socket): void {
  socket.stream?.destroy(Object.assign(new Error('cut'), { errno: -constants.errno.ECONNRESET }));
}

/** Bytes that have come from the peer, whether somebody has read them or not. */
export function bytesRead({ stream }: Socket): number {
  return stream?.bytesRead ?? 0;
}

/** Bytes that wait here because the peer does not take them. */
export function bytesUnsent({ stream }: Socket): number {
  return stream?.writableLength ?? 0;
}

/** Bytes that the kernel has taken for the peer. */
export function bytesTaken({ stream }: Socket): number {
  return stream === null ? 0 : bytesTakenBy(stream);
}

/** Calls once, when the peer has taken all that waits for it. */
export function whenTaken({ stream }: Socket, call: () => void): void {
  stream?.once('drain', call);
}

/** Notes an error and makes the socket active. */
export function fail(socket: Socket, error: NodeJS.ErrnoException): void {
  socket.errno = Math.abs(error.errno ?? constants.errno.EIO);
  rouse(socket);
}

function onChange(this: net.Socket): void {
  rouse((this as Stream).owner);
}

function onEnd(this: net.Socket): void {
  (this as Stream).owner.ended = true;
  rouse((this as Stream).owner);
}

function onError(this: net.Socket, error: Error): void {
  fail((this as Stream).owner, error);
}
