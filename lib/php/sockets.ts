/**
 * PHP's socket_* functions over node:net, as many as the article uses.
 *
 * Each doc comment has three parts: what PHP promises, how Node does it, what differs.
 * Two things differ everywhere: what makes PHP wait is a promise here, and wrong arguments throw a RangeError
 * (PHP 8 throws a ValueError), while what the system or the peer does wrong is an errno.
 */
import net from 'node:net';
import { warn } from '../log.ts';
import { uncork, writeCorked } from './cork.ts';
import { watchDescriptors } from './descriptors.ts';
import { SocketError, socket_strerror } from './errors.ts';
import { countGarbage } from './garbage.ts';
import { rouse } from './select.ts';
import {
  AF_INET, AF_INET6, AF_UNIX, type Filter, type Linger, type Listener, MAX_PATH, type Scattered, SO_KEEPALIVE, SO_LINGER,
  SO_REUSEADDR, SOCK_STREAM, Socket, SOL_SOCKET, SOL_TCP, TCP_NODELAY,
} from './socket.ts';
import { adopt, fail, startReading, stopReading, tapRead } from './stream.ts';
import { unlinkStale } from './unix.ts';

export {
  AF_INET, AF_INET6, AF_UNIX, MAX_PATH, SO_KEEPALIVE, SO_LINGER, SO_REUSEADDR, SOCK_STREAM, SOL_SOCKET, SOL_TCP, TCP_NODELAY,
} from './socket.ts';
export * from './errors.ts';
export { socket_select, type Selected } from './select.ts';
export type { Socket } from './socket.ts';
export { strlen } from './strlen.ts';
export { var_dump } from './var_dump.ts';

/** The most bytes that one read of the kernel's gives, and that Node holds of a client before it stops reading. */
const READ_SIZE = 64 * 1024;
const NOTHING = Buffer.alloc(0);
/** SO_LINGER of every socket, until it is set: in the kernel's own way a client that never ends would stay. */
const LINGER: Linger = { l_onoff: 1, l_linger: 5 };

/**
 * PHP: creates a socket and returns it.
 * Node: nothing yet; the descriptor comes with socket_listen.
 * Differs: SOCK_STREAM only (WebSocket needs no other), of AF_INET, AF_INET6 or AF_UNIX, protocol SOL_TCP or 0.
 * @throws RangeError for anything else
 */
export function socket_create(domain: number, type: number, protocol: number): Socket {
  if (domain !== AF_INET && domain !== AF_INET6 && domain !== AF_UNIX) {
    throw new RangeError(`Cannot create socket: domain ${domain} is not AF_INET (2), AF_INET6 (10) or AF_UNIX (1)`);
  }
  if (type !== SOCK_STREAM) throw new RangeError(`Cannot create socket: type ${type} is not SOCK_STREAM (1)`);
  if (protocol !== SOL_TCP && protocol !== 0) {
    throw new RangeError(`Cannot create socket: protocol ${protocol} is not SOL_TCP (6) or 0`);
  }
  const socket = new Socket(domain, LINGER);
  socket.listener = {
    address: '', port: 0, noDelay: false, keepAlive: false, server: null, pending: [], isWatched: false, tapOf: null,
  };
  return socket;
}

/**
 * PHP: sets an option of the socket and returns true.
 * Node: SO_KEEPALIVE and TCP_NODELAY, before socket_listen for all clients to come, or on one client.
 * Differs: SO_REUSEADDR is always on and cannot be turned off; SO_LINGER, which Node cannot set, is socket_close's own,
 * and on with 5 seconds; there is no other option.
 * @throws RangeError for an option or a value that Node cannot set
 */
export function socket_set_option(
  socket: Socket, level: number, optname: number, optval: number | boolean | Linger,
): boolean {
  const on = Boolean(optval);
  if (level === SOL_SOCKET && optname === SO_REUSEADDR) {
    if (!on) throw new RangeError('Cannot turn SO_REUSEADDR off: Node always sets it');
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
      'there are SO_REUSEADDR, SO_KEEPALIVE, SO_LINGER and TCP_NODELAY');
  }
  return true;
}

/**
 * PHP: binds an address to the socket: an IP address and a port, or a path where the domain is AF_UNIX.
 * (The article's list of functions calls it socket_build; its code has the right name.)
 * Node: remembers both, since Node binds and listens in one step.
 * Differs: "address already in use" comes from socket_listen; host names are not looked up.
 * @throws RangeError for an address that is not of the socket's domain, or a port outside 0 to 65535 (0: any free one)
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
 * PHP: starts listening; `backlog` connections may wait to be accepted.
 * Node: net.Server's listen, which also binds.
 * Differs: resolves to true instead of returning it; backlog 0 means Node's 511. The file of an AF_UNIX socket that
 * nobody listens on any more is removed first.
 * @throws SocketError (as a rejection) when the system refuses: EADDRINUSE, EADDRNOTAVAIL, EACCES...
 */
export async function socket_listen(socket: Socket, backlog = 0): Promise<boolean> {
  const listener = listenerOf(socket, 'listen');
  const { address, port, noDelay, keepAlive } = listener;
  if (listener.server !== null) throw new RangeError('Cannot listen: this socket does so already');
  const server = listener.server = net.createServer({
    noDelay, keepAlive, allowHalfOpen: true, pauseOnConnect: true, highWaterMark: READ_SIZE,
  });
  server.on('connection', (stream) => {
    listener.pending.push(adopt(socket, stream));
    rouse(socket);
  });
  if (socket.domain === AF_UNIX) await unlinkStale(address);
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      fail(socket, error);
      const where = socket.domain === AF_UNIX ? address : `${address} port ${port}`;
      reject(new SocketError(`Cannot listen on ${where}`, error));
    });
    server.listen(socket.domain === AF_UNIX ? { path: address, backlog } : { host: address, port, backlog }, () => {
      // From here on an error is accept's (no descriptor left, say): told to who asks, and no reason to end
      server.removeAllListeners('error').on('error', (error) => fail(socket, error));
      resolve(true);
    });
  });
}

/**
 * At most so many connections at once, also counting those that are closed and not gone yet. More are disconnected
 * before they cost any memory, and a warning says so.
 */
export function limitConnections(socket: Socket, most: number): void {
  const { server } = listenerOf(socket, 'limit');
  if (server === null) return;
  server.maxConnections = most;
  server.on('drop', () => warn(`Cannot accept a client: there are ${most} already. New ones are disconnected`));
}

/**
 * PHP: waits for a connection and returns the client's socket; warns where the system cannot accept one.
 * Node: has accepted it already ('connection'), and reads nothing from it before this call. Where no descriptor is left
 * it disconnects whoever waits, and goes on as soon as there is one.
 * Differs: never waits; socket_select tells when there is one. The same warning comes once a minute at the most.
 * @returns false when none is waiting, or the system could not accept one
 */
export function socket_accept(socket: Socket): Socket | false {
  const { pending, tapOf } = listenerOf(socket, 'accept');
  const client = pending.shift();
  watchDescriptors(socket);
  if (socket.errno !== 0) warn(`Cannot accept a client: ${socket_strerror(socket.errno)}. New ones are disconnected`);
  // Told once: an error that stayed would keep the socket active for nothing
  socket.errno = 0;
  if (client === undefined) return false;
  if (tapOf !== null) client.tap = tapOf(client);
  startReading(client);
  return client;
}

/**
 * PHP: reads up to `length` bytes; '' at the end of the stream, false on an error.
 * Node: read(), which would be all or nothing with a size larger than what is there, and one chunk at a time since
 * Node 26 without one; so never more than there is, and what is left makes the socket active again.
 * Differs: where nothing is there to be read PHP waits; here an empty Buffer comes back, and so it does for length 0.
 */
export function socket_read(socket: Socket, length: number): Buffer | '' | false {
  const { stream } = socket;
  if (!(length >= 0)) throw new RangeError(`Cannot read ${length} bytes`);
  if (stream === null || socket.closed) return false;
  // What came before a reset is given before the error
  if (socket.errno !== 0 && stream.readableLength === 0) return false;
  const buff: Buffer | '' | null = length === 0 ? null : socket.ended ? ''
    : stream.readableLength <= length ? stream.read() : stream.read(length);
  if (buff === null) return NOTHING;
  if (socket.tap !== null) tapRead(socket, socket.tap, buff);
  countGarbage(buff.length);
  return buff;
}

/**
 * PHP: writes up to `length` bytes and returns how many the kernel took.
 * Node: takes them all and sends them in order, small ones joined into one packet, when the pass of the loop is over.
 * Differs: less than `length` still means that the peer reads too slowly, but nothing is to be sent again: put the
 * socket into socket_select's `write` array and give it no more until it is active there. `length` counts bytes, as in
 * PHP: strlen(data), not data.length.
 * @param data a string goes out as UTF-8
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
 * PHP: puts a filter (zlib.deflate, say) between a stream and whoever writes to it.
 * Node: has no counterpart for a socket.
 * Differs: the filter is a function, which is handed what each socket_write writes and returns what leaves instead;
 * socket_write still counts the bytes that it was given. One filter a socket; for writing only.
 */
export function stream_filter_append(socket: Socket, filter: Filter | null): void {
  socket.filter = filter;
}

/**
 * PHP: shuts the socket down for reading (`how` 0), writing (1) or both (2).
 * Node: end(): what was written is delivered, then the peer sees our end; what it sends is read as before.
 * Differs: 1 only.
 * @throws RangeError for another `how`
 */
export function socket_shutdown(socket: Socket, how: number): boolean {
  if (how !== 1) throw new RangeError(`Cannot shut down ${how}: 1, for writing, is all there is`);
  const { stream } = socket;
  if (stream === null || socket.closed || !stream.writable) return false;
  uncork();
  stream.end();
  return true;
}

/**
 * PHP: closes the socket; the kernel delivers what was written.
 * Node: end(), and whatever still comes in is thrown away: a socket closed with unread bytes is reset by the kernel,
 * and the peer would lose our last words. A listening socket stops listening; AF_UNIX removes its path.
 * Differs: the peer has SO_LINGER's seconds to take the rest and to end its side, then it is disconnected.
 */
export function socket_close(socket: Socket): void {
  if (socket.closed) return;
  socket.closed = true;
  socket.tap?.('server', null, false);
  socket.listener?.server?.close();
  for (const client of socket.listener?.pending ?? []) socket_close(client);
  const { stream, linger: { l_onoff, l_linger } } = socket;
  if (stream === null || stream.destroyed) return;
  uncork();
  if (l_onoff !== 0 && l_linger === 0) {
    if (socket.domain === AF_UNIX) stream.destroy();
    else stream.resetAndDestroy();
    return;
  }
  // Both sides have ended and the kernel has taken all: there is nobody to wait for, and its own close sends our end
  if (socket.ended && stream.writableLength === 0) {
    stream.destroy();
    return;
  }
  stopReading(socket);
  stream.end();
  if (l_onoff === 0) return;
  const timer = setTimeout(() => stream.destroy(), l_linger * 1000);
  stream.once('close', () => clearTimeout(timer));
}

/**
 * PHP: writes the socket's own address and port into its arguments. Node: net.Server's address().
 * Differs: returns them (`port` 0 for AF_UNIX), or false where the socket does not listen.
 */
export function socket_getsockname(socket: Socket): { address: string; port: number } | false {
  const name = socket.listener?.server?.address() ?? null;
  if (name === null) return false;
  return typeof name === 'string' ? { address: name, port: 0 } : { address: name.address, port: name.port };
}

/**
 * PHP: writes the peer's address and port into its arguments. Node: remoteAddress and remotePort.
 * Differs: returns them, or false where the peer is gone or has none (AF_UNIX).
 */
export function socket_getpeername(socket: Socket): { address: string; port: number } | false {
  const { remoteAddress: address, remotePort: port } = socket.stream ?? {};
  return address === undefined || port === undefined ? false : { address, port };
}

function isLinger(value: unknown): value is Linger {
  const { l_onoff, l_linger } = (value ?? {}) as Partial<Linger>;
  return Number.isFinite(l_onoff) && Number.isFinite(l_linger);
}

function listenerOf(socket: Socket, action: string): Listener {
  if (socket.listener === null) throw new RangeError(`Cannot ${action}: this socket is a client's`);
  return socket.listener;
}
