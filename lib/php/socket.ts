/** The Socket of PHP 8, and PHP's constants. sockets.ts has the functions, stream.ts what Node does. */
import type net from 'node:net';

/** PHP's constants; the numbers are Linux's. */
export const AF_UNIX = 1, AF_INET = 2, AF_INET6 = 10;
export const SOCK_STREAM = 1;
export const SOL_SOCKET = 1, SOL_TCP = 6;
export const SO_REUSEADDR = 2, SO_KEEPALIVE = 9, SO_LINGER = 13, SO_REUSEPORT = 15, TCP_NODELAY = 1;

/** Bytes of a Unix socket's path. Node would shorten a longer one silently. */
export const MAX_PATH = process.platform === 'linux' ? 107 : 103;

/** Bytes in several places in memory, joined where they are written: what buildMsg returns, for example. */
export interface Scattered {
  /** Bytes in all. */
  readonly length: number;
  /** Writes all of them into `target` from index `at` on. They must fit. */
  copyTo(target: Buffer, at: number): void;
  /** Returns all of them, in order, as they lie in memory. */
  parts(): Uint8Array[];
}

/** A stream filter: gets what is written to a socket, returns what is sent instead. */
export type Filter = (data: Uint8Array | Scattered) => Uint8Array | Scattered;

/** SO_LINGER: how long a closed socket may deliver the rest. */
export interface Linger {
  /** 0: off, for ever. */
  l_onoff: number;
  /** Seconds. 0: the connection is reset at once. */
  l_linger: number;
}

/**
 * A function that sees what crosses a connection: the bytes of one side (valid during the call only), or null for the
 * end of that side. `injected`: the bytes do not come from the client (see inject).
 */
export type Tap = (from: 'client' | 'server', bytes: Uint8Array | null, injected: boolean) => void;

/** What a listening socket has besides. */
export interface Listener {
  address: string;
  /** AF_UNIX: the file at `address` (see fileAt). */
  file: string;
  port: number;
  reusePort: boolean;
  noDelay: boolean;
  keepAlive: boolean;
  server: net.Server | null;
  /** Connections that are not accepted yet. */
  pending: Socket[];
  /** descriptors.ts is about to look whether a descriptor is left. */
  isWatched: boolean;
  /** Makes a tap for each accepted client. */
  tapOf: ((client: Socket) => Tap) | null;
}

let nextId = 0;

/** A socket. socket_create and socket_accept make it; its fields belong to lib/php, except `tap` and `step`. */
export class Socket {
  /** Counts from 0 in the order of creation, never used again: the key for arrays of sockets. */
  readonly id = nextId++;
  /** AF_INET, AF_INET6 or AF_UNIX */
  readonly domain: number;
  linger: Linger;
  stream: net.Socket | null = null;
  listener: Listener | null = null;
  filter: Filter | null = null;
  /** The peer has ended its side, and all that it sent has been read. */
  ended = false;
  closed = false;
  /** The last error's number, 0 for none. */
  errno = 0;
  /** The socket is on socket_select's list. */
  roused = false;
  /** socket_select does not report it for writing (hold). */
  held = false;
  tap: Tap | null = null;
  /** For the tap: the step of the loop that acts on this socket. 0: the usual one. */
  step = 0;
  /** How many of the next bytes were injected. */
  injected = 0;

  constructor(domain: number, linger: Linger) {
    this.domain = domain;
    this.linger = linger;
  }
}
