/**
 * PHP's socket_* functions over node:net, those that the article uses.
 *
 * Each doc comment says what PHP promises, how Node does it, and what differs. Three things differ everywhere:
 * - Only socket_select and socket_listen return a promise; the others never wait.
 * - A wrong argument throws a RangeError. PHP 8 throws a ValueError for few of them, else it warns and returns false.
 * - A closed socket is no error: reading and writing give false. PHP 8 throws an Error (socket_select a TypeError).
 * Where a comment says "refuses", PHP warns and returns false.
 */
import net from 'node:net';
import { getSystemErrorMap } from 'node:util';
import { warn } from '../log.ts';
import { uncork, writeCorked } from './cork.ts';
import { watchDescriptors } from './descriptors.ts';
import { countGarbage } from './garbage.ts';
import { rouse } from './select.ts';
import {
  AF_INET, AF_INET6, AF_UNIX, type Filter, type Linger, type Listener, MAX_PATH, type Scattered, SO_KEEPALIVE,
  SO_LINGER, SO_REUSEADDR, SO_REUSEPORT, SOCK_STREAM, Socket, SOL_SOCKET, SOL_TCP, TCP_NODELAY,
} from './socket.ts';
import { adopt, fail, startReading, stopReading, tapRead } from './stream.ts';
import { afterRunning } from './timer.ts';
import { fileAt, stopListening, unlinkStale } from './unix.ts';

export {
  AF_INET, AF_INET6, AF_UNIX, MAX_PATH, SO_KEEPALIVE, SO_LINGER, SO_REUSEADDR, SO_REUSEPORT, SOCK_STREAM, SOL_SOCKET,
  SOL_TCP, TCP_NODELAY,
} from './socket.ts';
export { socket_select, type Selected } from './select.ts';
export type { Socket } from './socket.ts';
export { var_dump } from './var_dump.ts';

/** Bytes of a client's answers that Node holds before it calls the client slow. */
const UNSENT = 64 * 1024;
/** Bytes that one read of a socket with a tap gives at most. */
const TAPPED_SIZE = 4 * 1024;
const NOTHING = Buffer.alloc(0);
/** SO_REUSEPORT: Node has it from 22.12 on. Only Linux shares the clients out. */
export const HAS_REUSE_PORT = process.platform === 'linux' && knowsReusePort(process.versions.node);
/** SO_LINGER until it is set. The kernel's own default would keep a client that never hangs up. */
const LINGER: Linger = { l_onoff: 1, l_linger: 5 };

/** The system has refused something. `errno` is positive as in PHP, `code` is its name: EADDRINUSE. */
export class SocketError extends Error {
  override name = 'SocketError';
  readonly errno: number;
  readonly code: string;

  constructor(action: string, { errno = 0, code = '' }: NodeJS.ErrnoException) {
    super(`${action}: ${socket_strerror(Math.abs(errno))} (${code})`);
    this.errno = Math.abs(errno);
    this.code = code;
  }
}

/**
 * PHP: creates a socket and returns it; throws a ValueError for another domain or type; refuses a protocol that the
 * domain does not have. AF_INET and AF_INET6 have SOL_TCP; 0 fits every domain.
 * Node: nothing yet; socket_listen creates the descriptor.
 * Differs: SOCK_STREAM, with SOL_TCP or 0, is all there is.
 * @throws RangeError for anything else
 */
export function socket_create(domain: number, type: number, protocol: number): Socket {
  if (domain !== AF_INET && domain !== AF_INET6 && domain !== AF_UNIX) {
    throw new RangeError(`Cannot create socket: domain ${domain} is not AF_INET (2), AF_INET6 (10) or AF_UNIX (1)`);
  }
  if (type !== SOCK_STREAM) throw new RangeError(`Cannot create socket: type ${type} is not SOCK_STREAM (1)`);
  if (protocol !== 0 && (protocol !== SOL_TCP || domain === AF_UNIX)) {
    throw new RangeError(`Cannot create socket: domain ${domain} has no protocol ${protocol}; 0 fits every domain`);
  }
  const socket = new Socket(domain, LINGER);
  socket.listener = {
    address: '', file: '', port: 0, reusePort: false, noDelay: false, keepAlive: false, server: null, pending: [],
    isWatched: false, tapOf: null,
  };
  return socket;
}

/**
 * PHP: sets an option of the socket and returns true; refuses an option that the socket does not have; throws a
 * ValueError for an SO_LINGER without both keys. A client inherits the options of the server that accepts it.
 * Node: SO_KEEPALIVE and TCP_NODELAY, on one client, or before socket_listen for all clients to come. SO_REUSEPORT before
 * socket_listen: several processes listen on one port, and the kernel shares the clients out.
 * Differs: SO_REUSEADDR is always on. Node cannot set SO_LINGER: socket_close does its work, with 5 seconds by default
 * (PHP: off). TCP_NODELAY does nothing for AF_UNIX (PHP refuses it).
 * @throws RangeError for any other option or value
 */
export function socket_set_option(
  socket: Socket, level: number, optname: number, optval: number | boolean | Linger,
): boolean {
  const on = Boolean(optval);
  if (level === SOL_SOCKET && optname === SO_REUSEADDR) {
    if (!on) throw new RangeError('Cannot turn SO_REUSEADDR off: Node always sets it');
  } else if (level === SOL_SOCKET && optname === SO_REUSEPORT && socket.listener && (!on || HAS_REUSE_PORT)) {
    socket.listener.reusePort = on;
  } else if (level === SOL_SOCKET && optname === SO_KEEPALIVE) {
    if (socket.listener) socket.listener.keepAlive = on;
    socket.stream?.setKeepAlive(on);
  } else if (level === SOL_TCP && optname === TCP_NODELAY) {
    if (socket.listener) socket.listener.noDelay = on;
    socket.stream?.setNoDelay(on);
  } else if (level === SOL_SOCKET && optname === SO_LINGER && isLinger(optval)) {
    socket.linger = optval;
  } else {
    throw new RangeError(`Cannot set option ${optname} of level ${level}: ` +
      'there are SO_REUSEADDR, SO_REUSEPORT (Linux, Node 22.12), SO_KEEPALIVE, SO_LINGER and TCP_NODELAY');
  }
  return true;
}

/**
 * PHP: binds the socket to an IP address and a port (0: any free one), or to a path (AF_UNIX); refuses an address that
 * is in use or not this machine's; throws a ValueError for a path over 107 bytes. Port 70000 is 4464: it has 16 bits.
 * (The article's list of functions calls it socket_build; its code has the right name.)
 * Node: remembers both, since Node binds and listens in one step.
 * Differs: socket_listen reports "address already in use"; host names are not looked up; AF_INET6 takes no IPv4 address,
 * AF_UNIX no empty path.
 * @throws RangeError for an address of another domain, or a port outside 0 to 65535
 */
export function socket_bind(socket: Socket, address: string, port = 0): boolean {
  const listener = listenerOf(socket, 'bind');
  const fits = socket.domain === AF_INET ? net.isIPv4(address)
    : socket.domain === AF_INET6 ? net.isIPv6(address) : address !== '' && Buffer.byteLength(address) <= MAX_PATH;
  if (!fits) throw new RangeError(`Cannot bind to '${address}': not an address of domain ${socket.domain}`);
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw new RangeError(`Cannot bind to port ${port}: a port is 0 to 65535`);
  }
  listener.address = address;
  listener.port = port;
  return true;
}

/**
 * PHP: starts listening and returns true, also the second time; `backlog` connections may wait to be accepted (Linux
 * takes one more).
 * Node: net.Server's listen, which also binds.
 * Differs: resolves to true, once; backlog 0 means Node's 511; removes the file of an AF_UNIX socket that nobody serves
 * (PHP: its socket_bind refuses the path).
 * @throws SocketError (a rejection) when the system refuses: EADDRINUSE, EADDRNOTAVAIL, EACCES...
 */
export async function socket_listen(socket: Socket, backlog = 0): Promise<boolean> {
  const listener = listenerOf(socket, 'listen');
  const { address, port, reusePort, noDelay, keepAlive } = listener;
  if (listener.server !== null) throw new RangeError('Cannot listen: this socket does so already');
  const server = listener.server = net.createServer({
    noDelay, keepAlive, allowHalfOpen: true, pauseOnConnect: true, highWaterMark: UNSENT,
  });
  server.on('connection', (stream) => {
    listener.pending.push(adopt(socket, stream));
    rouse(socket);
  });
  if (socket.domain === AF_UNIX) await unlinkStale(address);
  const tcp = { host: address, port, backlog, reusePort };
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      fail(socket, error);
      const where = socket.domain === AF_UNIX ? address : `${address} port ${port}`;
      reject(new SocketError(`Cannot listen on ${where}`, error));
    });
    server.listen(socket.domain === AF_UNIX ? { path: address, backlog } : tcp, () => {
      // From here on an error is one of accept(2), such as no descriptor left
      server.removeAllListeners('error').on('error', (error) => fail(socket, error));
      if (socket.domain === AF_UNIX) listener.file = fileAt(address);
      resolve(true);
    });
  });
}

/** Allows `most` connections at once, closing ones included. Node disconnects the others, and a warning says so. */
export function limitConnections(socket: Socket, most: number): void {
  const { server } = listenerOf(socket, 'limit');
  if (server === null) return;
  server.maxConnections = most;
  server.on('drop', () => warn(`Cannot accept a client: there are ${most} already. New ones are disconnected`));
}

/**
 * PHP: waits for a connection and returns the client's socket; refuses where the system cannot accept one.
 * Node: has accepted it already ('connection'), and reads nothing from it before this call. Without a free descriptor
 * Node disconnects the clients that wait.
 * Differs: never waits; the warning comes once a minute at most.
 * @returns false when no connection waits
 */
export function socket_accept(socket: Socket): Socket | false {
  const { pending, tapOf } = listenerOf(socket, 'accept');
  const client = pending.shift();
  watchDescriptors(socket);
  if (socket.errno !== 0) warn(`Cannot accept a client: ${socket_strerror(socket.errno)}. New ones are disconnected`);
  // An error that stayed would keep the socket active
  socket.errno = 0;
  if (client === undefined) return false;
  if (tapOf !== null) client.tap = tapOf(client);
  startReading(client);
  return client;
}

/**
 * PHP: waits for bytes and reads up to `length`; '' at the end of the stream. After a reset it gives what came before,
 * then false and a warning once, then '' for ever. Length 0 or less: false.
 * Node: read(). With a size it gives all of that size or null; without one it may give one chunk only (Node 26).
 * Differs: an empty Buffer where PHP waits because nothing has come, and for length 0. A reset stays false.
 */
export function socket_read(socket: Socket, length: number): Buffer | '' | false {
  const { stream } = socket;
  if (!(length >= 0)) throw new RangeError(`Cannot read ${length} bytes`);
  if (stream === null || socket.closed) return false;
  // What came before a reset is given before the error
  if (socket.errno !== 0 && (socket.held || (stream.readableLength === 0 && length > 0))) return false;
  if (length === 0) return NOTHING;
  // Decoding for the trace costs twenty times an echo: read less at a time
  const most = socket.tap === null ? length : Math.min(length, TAPPED_SIZE);
  const buff: Buffer | '' | null = socket.ended ? ''
    : stream.readableLength <= most ? stream.read() : stream.read(most);
  if (buff === null) return NOTHING;
  if (socket.tap !== null) tapRead(socket, socket.tap, buff);
  countGarbage(buff.length);
  return buff;
}

/**
 * PHP: waits while the kernel takes no more, writes up to `length` bytes, and returns how many the kernel took; refuses
 * when the peer is gone; throws a ValueError for a negative length.
 * Node: takes all of them, and sends them when the pass of the loop is over.
 * Differs: 0 means that the peer reads too slowly, but do not write the bytes again: put the socket into
 * socket_select's `write` array, and write no more until it is active there.
 * @param data a string is sent as UTF-8
 * @param length bytes, as in PHP: strlen(data), not data.length
 * @returns false when the socket is closed or broken
 */
export function socket_write(
  socket: Socket, data: Uint8Array | string | Scattered, length?: number,
): number | false {
  const { stream } = socket;
  if (length !== undefined && !(length >= 0)) throw new RangeError(`Cannot write ${length} bytes`);
  if (stream === null || socket.closed || !stream.writable) return false;
  let bytes = typeof data === 'string' ? Buffer.from(data) : data;
  if (length !== undefined && length < bytes.length) {
    bytes = bytes instanceof Uint8Array ? bytes.subarray(0, length) : Buffer.concat(bytes.parts(), length);
  }
  const taken = bytes.length;
  if (socket.filter !== null) bytes = socket.filter(bytes);
  const { tap } = socket;
  if (tap !== null) tap('server', bytes instanceof Uint8Array ? bytes : Buffer.concat(bytes.parts()), false);
  return writeCorked(stream, bytes) ? taken : 0;
}

/**
 * PHP: changes what is written to a stream (zlib.deflate, for example); fwrite counts the bytes before the filter.
 * Node: a function that socket_write calls.
 * Differs: a Socket (PHP: a TypeError) has one filter, for writing only.
 */
export function stream_filter_append(socket: Socket, filter: Filter | null): void {
  socket.filter = filter;
}

/**
 * PHP: shuts the socket down for reading (`how` 0), writing (1) or both (2), and returns true, also the second time;
 * refuses another `how`, and a socket that is not connected.
 * Node: end(): what was written is delivered, then the peer sees the end. Reading goes on.
 * Differs: 1 only; false the second time.
 * @throws RangeError for another `how`
 */
export function socket_shutdown(socket: Socket, how: number): boolean {
  if (how !== 1) throw new RangeError(`Cannot shut down with ${how}: only 1, for writing, is supported`);
  const { stream } = socket;
  if (stream === null || socket.closed || !stream.writable) return false;
  uncork();
  stream.end();
  return true;
}

/**
 * PHP: closes the socket; the kernel delivers what was written. But a socket with unread bytes is reset: the peer reads
 * what has arrived, then an error, and the rest is lost.
 * Node: end(), and what still comes is thrown away, so that nothing is lost. A listening socket stops listening.
 * Differs: after SO_LINGER's seconds a peer that has not ended its side is disconnected. AF_UNIX removes its own path
 * (PHP: the file stays). A second call does nothing (PHP: an Error).
 */
export function socket_close(socket: Socket): void {
  if (socket.closed) return;
  socket.closed = true;
  socket.tap?.('server', null, false);
  if (socket.listener !== null) stopListening(socket.listener);
  for (const client of socket.listener?.pending ?? []) socket_close(client);
  const { stream, linger: { l_onoff, l_linger } } = socket;
  if (stream === null || stream.destroyed) return;
  uncork();
  if (l_onoff !== 0 && l_linger === 0) {
    if (socket.domain === AF_UNIX) stream.destroy();
    else stream.resetAndDestroy();
    return;
  }
  // The peer has ended and the kernel has taken all: nothing to wait for
  if (socket.ended && stream.writableLength === 0) {
    stream.destroy();
    return;
  }
  stopReading(socket);
  stream.end();
  if (l_onoff === 0) return;
  stream.once('close', afterRunning(l_linger, () => stream.destroy()));
}

/**
 * PHP: writes the socket's own address and port (AF_UNIX: no port) into its arguments. Node: net.Server's address().
 * Differs: returns them (`port` is 0 for AF_UNIX), or false when the socket does not listen (PHP: 0.0.0.0 and 0, or a
 * client's own).
 */
export function socket_getsockname(socket: Socket): { address: string; port: number } | false {
  const name = socket.listener?.server?.address() ?? null;
  if (name === null) return false;
  return typeof name === 'string' ? { address: name, port: 0 } : { address: name.address, port: name.port };
}

/**
 * PHP: writes the peer's address and port into its arguments (AF_UNIX: '' and no port); refuses when the peer is gone.
 * Node: remoteAddress and remotePort.
 * Differs: returns them, or false when the peer is gone or has none (AF_UNIX).
 */
export function socket_getpeername(socket: Socket): { address: string; port: number } | false {
  const { remoteAddress: address, remotePort: port } = socket.stream ?? {};
  return address === undefined || port === undefined ? false : { address, port };
}

/**
 * PHP: returns the number of a socket's last error, 0 for none; without a socket, of the last error of any.
 * Node: the 'error' event.
 * Differs: needs the socket.
 */
export function socket_last_error(socket: Socket): number {
  return socket.errno;
}

/** PHP: returns the system's text of an error number. Node: getSystemErrorMap. Differs: libuv's words. */
export function socket_strerror(error_code: number): string {
  return getSystemErrorMap().get(-error_code)?.[1] ?? `unknown error ${error_code}`;
}

/**
 * PHP: returns the bytes of a string.
 * Node: Buffer.byteLength. A string's own length counts UTF-16 units: '你好'.length is 2, strlen('你好') is 6.
 * Differs: also takes a Buffer or a frame of buildMsg, and returns its length.
 */
export function strlen(string: string | { readonly length: number }): number {
  return typeof string === 'string' ? Buffer.byteLength(string) : string.length;
}

function knowsReusePort(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major === 22 ? minor >= 12 : major === 23 ? minor >= 1 : major > 23;
}

function isLinger(value: unknown): value is Linger {
  const { l_onoff, l_linger } = (value ?? {}) as Partial<Linger>;
  return Number.isFinite(l_onoff) && Number.isFinite(l_linger);
}

function listenerOf(socket: Socket, action: string): Listener {
  if (socket.listener === null) throw new RangeError(`Cannot ${action}: this socket is a client's`);
  return socket.listener;
}
