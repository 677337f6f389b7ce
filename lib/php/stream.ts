/** What a Socket is on Node's side: a net.Socket or a net.Server, and the events that may make it active. */
import type net from 'node:net';
import { constants } from 'node:os';
import { corked } from './cork.ts';
import { rouse } from './select.ts';

/** A net.Socket that knows which Socket it belongs to, so that one listener function serves them all. */
type Stream = net.Socket & { owner: Socket };

/** SO_LINGER: what a closed socket does about what is not delivered. */
export interface Linger {
  /** 0: the kernel's own way, which waits for ever. */
  l_onoff: number;
  /** Seconds; with 0 the connection is reset at once. */
  l_linger: number;
}

/** What only a socket that listens needs. */
export interface Listener {
  address: string;
  port: number;
  noDelay: boolean;
  keepAlive: boolean;
  server: net.Server | null;
  /** Connections that nobody has accepted yet. */
  pending: Socket[];
  /** Who looks on at each of its clients. */
  tapOf: ((client: Socket) => Tap) | null;
}

/**
 * Somebody who looks on: called with the bytes of one side as they cross, or with null for its end. They are lent for
 * the time of the call only. `injected`: they do not come from the client (inject).
 */
export type Tap = (from: 'client' | 'server', bytes: Uint8Array | null, injected: boolean) => void;

let nextId = 0;

/** What PHP 8 calls a Socket: made by socket_create and socket_accept, used only through the socket_* functions. */
export class Socket {
  /** Counts from 0 in the order of creation and is never used again: the key for arrays of sockets. */
  readonly id = nextId++;
  /** AF_INET, AF_INET6 or AF_UNIX */
  readonly domain: number;
  stream: Stream | null = null;
  listener: Listener | null = null;
  /** The peer has ended its side, and all that it sent has been read. */
  ended = false;
  closed = false;
  /** The last error's number, 0 for none. */
  errno = 0;
  /** It is on socket_select's list. */
  roused = false;
  linger: Linger;
  tap: Tap | null = null;
  /** The step of the loop that is at work on it, where that is not the usual one of what crosses: for the tap. 0: it is. */
  step = 0;
  /** So many of the next bytes to be read were injected. */
  injected = 0;

  constructor(domain: number, linger: Linger) {
    this.domain = domain;
    this.linger = linger;
  }
}

/**
 * A Socket for a stream that a server of ours has accepted; it has the server's options.
 * Its 'error' is heard from now on, so that a reset client is never an exception.
 */
export function adopt(server: Socket, stream: net.Socket): Socket {
  const socket = new Socket(server.domain, server.linger);
  socket.stream = stream as Stream;
  socket.stream.owner = socket;
  stream.on('end', onEnd).on('error', onError).on('drain', onDrain);
  return socket;
}

/** From now on bytes are read, as many as Node's buffer holds, and make the socket active. */
export function startReading(socket: Socket): void {
  socket.stream?.on('readable', onReadable);
}

/** From now on whatever comes is thrown away. After the end nothing comes, and there is nothing to do. */
export function stopReading(socket: Socket): void {
  if (!socket.ended) socket.stream?.off('readable', onReadable).resume();
}

/** Tells who looks on what has been read: first what was injected. */
export function tapRead(socket: Socket, tap: Tap, buff: Buffer | ''): void {
  const injected = Math.min(socket.injected, buff.length);
  socket.injected -= injected;
  if (buff === '') return tap('client', null, false);
  if (injected > 0) tap('client', buff.subarray(0, injected), true);
  if (injected < buff.length) tap('client', buff.subarray(injected), false);
}

/**
 * The next read will give these bytes, as if they had come from the peer.
 * @returns false where that cannot be: it has ended, or earlier ones have not been read yet
 */
export function inject(socket: Socket, bytes: Buffer): boolean {
  const { stream } = socket;
  if (stream === null || socket.closed || socket.ended || stream.readableEnded || socket.injected > 0) return false;
  socket.injected = bytes.length;
  // A copy: they will be unmasked where they stand
  stream.unshift(Buffer.from(bytes));
  return true;
}

/**
 * Makes one piece of what nobody has read yet: Node keeps each packet as a Buffer of its own, about 300 bytes for a
 * single one. No more than the high-water mark is joined: to read more at once would raise that mark, and to leave less
 * than it behind lets Node take in more.
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

/** Bytes that have come from the peer, those too that nobody has read yet. */
export function bytesRead({ stream }: Socket): number {
  return stream?.bytesRead ?? 0;
}

/** Bytes that wait here: because the peer does not take them, or for the end of the pass, where they are many. */
export function bytesUnsent({ stream }: Socket): number {
  return stream === null ? 0 : stream.writableLength + corked(stream);
}

/** Calls once, when the peer has taken all that waits for it. */
export function whenTaken({ stream }: Socket, call: () => void): void {
  stream?.once('drain', call);
}

/** Bytes that the kernel has taken for the peer. Node's own count shows a large write as taken when its end is. */
export function bytesTaken({ stream }: Socket): number {
  if (stream === null) return 0;
  const handle = (stream as { _handle?: { bytesWritten?: number; writeQueueSize?: number } })._handle;
  const { bytesWritten = stream.bytesWritten, writeQueueSize = stream.writableLength } = handle ?? {};
  return bytesWritten - writeQueueSize;
}

/** Notes an error and makes the socket active. */
export function fail(socket: Socket, error: NodeJS.ErrnoException): void {
  socket.errno = Math.abs(error.errno ?? constants.errno.EIO);
  rouse(socket);
}

function onReadable(this: net.Socket): void {
  rouse((this as Stream).owner);
}

function onEnd(this: net.Socket): void {
  (this as Stream).owner.ended = true;
  rouse((this as Stream).owner);
}

function onDrain(this: net.Socket): void {
  rouse((this as Stream).owner);
}

function onError(this: net.Socket, error: Error): void {
  fail((this as Stream).owner, error);
}
