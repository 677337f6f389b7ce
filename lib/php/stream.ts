/** A client's net.Socket: the events that make it active, and its counters. */
import type net from 'node:net';
import { constants } from 'node:os';
import { bytesTakenBy } from './handle.ts';
import { rouse } from './select.ts';
import { Socket, type Tap } from './socket.ts';

/**
 * Bytes that Node reads from a client before it waits for the loop. Node reads 64 KiB at a time; with one such read a
 * pass, messages of 16 KiB have 0.83 of the rate, and of 1 MiB 0.75.
 */
const READ_AHEAD = 256 * 1024;

/** A net.Socket that knows its Socket, so that one listener function serves them all. */
type Stream = net.Socket & { owner: Socket };

/** Returns the Socket, with the server's options, for a connection that Node has accepted. */
export function adopt(server: Socket, stream: net.Socket): Socket {
  const socket = new Socket(server.domain, server.linger);
  socket.stream = stream;
  (stream as Stream).owner = socket;
  stream.on('end', onEnd).on('error', onError).on('drain', onChange);
  return socket;
}

/** Starts reading: from now on bytes make the socket active. */
export function startReading(socket: Socket): void {
  // A read of more than the high-water mark raises it, for reading only. Node has no option for one side of a client
  socket.stream?.on('readable', onChange).read(READ_AHEAD);
}

/** From now on what comes is thrown away. */
export function stopReading(socket: Socket): void {
  if (!socket.ended) socket.stream?.off('readable', onChange).resume();
}

/** Shows the tap what has been read; injected bytes come first, in a call of their own. */
export function tapRead(socket: Socket, tap: Tap, buff: Buffer | ''): void {
  if (buff === '') return tap('client', null, false);
  const injected = Math.min(socket.injected, buff.length);
  socket.injected -= injected;
  if (injected > 0) tap('client', buff.subarray(0, injected), true);
  if (injected < buff.length) tap('client', buff.subarray(injected), false);
}

/**
 * Puts bytes before those that wait: the next read gives them as if the peer had sent them.
 * @returns false when the peer has ended, or when earlier injected bytes are not read yet
 */
export function inject(socket: Socket, bytes: Buffer): boolean {
  const { stream } = socket;
  if (stream === null || socket.closed || socket.ended || stream.readableEnded || socket.injected > 0) return false;
  socket.injected = bytes.length;
  // A copy, since the reader unmasks in place
  stream.unshift(Buffer.from(bytes));
  return true;
}

/** Puts back bytes that have just been read: the next read gives them again, before the end of the peer's side. */
export function unread({ stream }: Socket, bytes: Buffer): void {
  stream?.unshift(bytes);
}

/**
 * Joins what has come and is not read. Node keeps each packet in a Buffer of its own: about 300 bytes for a packet of
 * one byte. A read of more than the high-water mark would raise that mark, and Node would then hold more.
 */
export function joinUnread({ stream, closed, ended }: Socket): void {
  if (stream === null || closed || ended || stream.readableLength === 0) return;
  const bytes = stream.read(Math.min(stream.readableLength, stream.readableHighWaterMark)) as Buffer | null;
  if (bytes !== null) stream.unshift(bytes);
}

/** Destroys the connection, as if the network had failed; the next read gives false. */
export function cut(socket: Socket): void {
  socket.stream?.destroy(Object.assign(new Error('cut'), { errno: -constants.errno.ECONNRESET }));
}

/** Returns the bytes that have come, read or not. */
export function bytesRead({ stream }: Socket): number {
  return stream?.bytesRead ?? 0;
}

/** Returns the bytes that have come and wait to be read. */
export function bytesUnread({ stream }: Socket): number {
  return stream?.readableLength ?? 0;
}

/** Returns the bytes that wait because the peer does not take them. */
export function bytesUnsent({ stream }: Socket): number {
  return stream?.writableLength ?? 0;
}

/** Returns the bytes that the kernel has taken for the peer. */
export function bytesTaken({ stream }: Socket): number {
  return stream === null ? 0 : bytesTakenBy(stream);
}

/** Calls `call` once, when the kernel has taken all that waits. */
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
