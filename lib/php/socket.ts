/**
 * What PHP 8 calls a Socket, its constants, and nothing of how it works: sockets.ts has the functions, stream.ts what
 * Node does.
 */
import type net from 'node:net';

/** PHP's constants. The numbers are Linux's, which PHP shows too. */
export const AF_UNIX = 1, AF_INET = 2, AF_INET6 = 10;
export const SOCK_STREAM = 1;
export const SOL_SOCKET = 1, SOL_TCP = 6;
export const SO_REUSEADDR = 2, SO_KEEPALIVE = 9, SO_LINGER = 13, TCP_NODELAY = 1;

/** Bytes of a Unix socket's path that the kernel has room for; Node would cut a longer one off without a word. */
export const MAX_PATH = process.platform === 'linux' ? 107 : 103;

/** Bytes that are put together where they are written: a frame of buildMsg's is one. */
export interface Scattered {
  /** Bytes in all. */
  readonly length: number;
  /** Writes all of them into `target`, from index `at` on; they have to fit. */
  copyTo(target: Buffer, at: number): void;
  /** All of them as they lie in memory, in order. */
  parts(): Uint8Array[];
}

/** What a stream filter is: given what is written to a socket, it returns what the peer is to get instead. */
export type Filter = (data: Uint8Array | Scattered) => Uint8Array | Scattered;

/** SO_LINGER: what a closed socket does about bytes that are not delivered yet. */
export interface Linger {
  /** 0: the kernel's own way, which waits for ever. */
  l_onoff: number;
  /** Seconds; with 0 the connection is reset at once. */
  l_linger: number;
}

/**
 * Somebody who looks on at a client. Called with the bytes of one side as they cross, which are lent for the time of
 * the call only, or with null for the end of that side. `injected`: the bytes do not come from the client (inject).
 */
export type Tap = (from: 'client' | 'server', bytes: Uint8Array | null, injected: boolean) => void;

/** What only a socket that listens needs. */
export interface Listener {
  address: string;
  port: number;
  noDelay: boolean;
  keepAlive: boolean;
  server: net.Server | null;
  /** Connections that nobody has accepted yet. */
  pending: Socket[];
  /** Within a second it will be looked whether a descriptor is left. */
  isWatched: boolean;
  /** Makes the tap of each client that is accepted. */
  tapOf: ((client: Socket) => Tap) | null;
}

let nextId = 0;

/** Made by socket_create and socket_accept, used only through the socket_* functions. */
export class Socket {
  /** Counts from 0 in the order of creation and is never used again: the key for arrays of sockets. */
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
  /** It is on socket_select's list. */
  roused = false;
  tap: Tap | null = null;
  /** The step of the loop that acts on it, told to the tap; 0: the one that reads or writes such bytes as a rule. */
  step = 0;
  /** How many of the next bytes to be read were injected. */
  injected = 0;

  constructor(domain: number, linger: Linger) {
    this.domain = domain;
    this.linger = linger;
  }
}
