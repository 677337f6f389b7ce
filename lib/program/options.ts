/** The command line, and what a program says when it cannot start. */
import { readFileSync } from 'node:fs';
import { isIPv4, isIPv6 } from 'node:net';
import { totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import type { TimeLimits } from '../limits/timeouts.ts';
import type { Rules } from '../websocket/handshake.ts';
import { HELP } from './help.ts';
import { isToken } from '../websocket/http.ts';
import { log } from '../log.ts';
import { traceClients } from '../trace/terminal.ts';
import { AF_INET, AF_INET6, AF_UNIX, MAX_PATH, type Socket, SocketError, socket_getsockname } from '../php/sockets.ts';

/** What the command line asks for. */
export interface Options extends Rules, TimeLimits {
  /** AF_INET, AF_INET6 or AF_UNIX: that which `address` is of. */
  domain: number;
  address: string;
  /** 0 to 65535 */
  port: number;
  quiet: boolean;
  /** The bytes of all clients are shown. */
  trace: boolean;
  /** Bytes of one message. */
  maxPayload: number;
  /** Clients at once. */
  maxClients: number;
  /** Bytes held for all clients together. */
  maxMemory: number;
  /** Seconds. */
  closeTimeout: number;
}

/** Bytes. A message and its answer have to fit in what Node can hold in one piece. */
const MOST_PAYLOAD = 1024 ** 3;
const UNITS: Record<string, number> = { '': 1, 'K': 1024, 'M': 1024 ** 2, 'G': 1024 ** 3 };

/** A wrong command line. The message says what is wrong and what would be right. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/**
 * Reads the arguments (those behind the script's name).
 * @returns a string when there is only something to print: the help, the version
 * @throws UsageError
 */
export function parseOptions(args: string[]): Options | string {
  const flags = readFlags(args);
  const { help, version, address, port, quiet, trace, strict, deflate } = flags;
  if (help) return HELP;
  if (version) return readVersion();
  const domain = address.includes('/') ? AF_UNIX : address.includes(':') ? AF_INET6 : AF_INET;
  if (domain === AF_INET && !isIPv4(address)) {
    throw new UsageError(`--address '${address}' is no address: give an IPv4 address (127.0.0.1), ` +
      'an IPv6 address (::1) or the path of a Unix socket (./my.sock)');
  }
  if (domain === AF_INET6 && !isIPv6(address)) {
    throw new UsageError(`--address '${address}' is no IPv6 address: give one without brackets and port, such as ::1`);
  }
  if (domain === AF_UNIX && Buffer.byteLength(address) > MAX_PATH) {
    throw new UsageError(`--address '${address}' is too long: a Unix socket's path has at most ${MAX_PATH} bytes`);
  }
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65535) {
    throw new UsageError(`--port '${port}' is no port: give a number from 0 to 65535`);
  }
  return {
    domain, address, port: Number(port), quiet, trace, strict, deflate,
    origins: flags.origin.map(readOrigin),
    subprotocols: readSubprotocols(flags.subprotocol),
    maxPayload: readSize('max-payload', flags['max-payload'], MOST_PAYLOAD),
    maxClients: readCount('max-clients', flags['max-clients']),
    maxMemory: flags['max-memory'] === undefined ? quarterOfMemory() : readSize('max-memory', flags['max-memory']),
    handshakeTimeout: readSeconds('handshake-timeout', flags['handshake-timeout']),
    pingInterval: readSeconds('ping-interval', flags['ping-interval'], 0),
    writeTimeout: readSeconds('write-timeout', flags['write-timeout']),
    closeTimeout: readSeconds('close-timeout', flags['close-timeout']),
  };
}

/** As a browser writes it: scheme, host and a port that is not the scheme's own, in lower case; or "null". */
function readOrigin(text: string): string {
  if (text === 'null') return text;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || url.host === '') {
    throw new UsageError(`--origin '${text}' is no origin: give one such as https://example.com`);
  }
  // URL's own origin is "null" for schemes that it does not know, such as an extension's
  const origin = `${url.protocol}//${url.host}`;
  if (url.href !== origin && url.href !== `${origin}/`) {
    throw new UsageError(`--origin '${text}' is more than an origin: give ${origin}`);
  }
  return origin;
}

function readSubprotocols(text: string | undefined): string[] {
  if (text === undefined) return [];
  const names = text.split(',').map((name) => name.trim()).filter((name) => name !== '');
  if (names.length === 0 || !names.every(isToken)) {
    throw new UsageError(`--subprotocol '${text}' is no list of names: give some such as chat,superchat`);
  }
  return names;
}

/** More than nothing, or, where that means "never", nothing too. */
function readSeconds(name: string, text: string, least = Number.MIN_VALUE): number {
  if (!/^\d{1,6}(?:\.\d+)?$/.test(text) || Number(text) < least) {
    throw new UsageError(`--${name} '${text}' is no time: give seconds, such as 5 or 0.5`);
  }
  return Number(text);
}

function readSize(name: string, text: string, most = Number.MAX_SAFE_INTEGER): number {
  const [, digits = '', unit = ''] = /^(\d{1,15})([KMG]?)$/i.exec(text) ?? [];
  const size = Number(digits) * UNITS[unit.toUpperCase()]!;
  if (size < 1) throw new UsageError(`--${name} '${text}' is no size: give bytes, such as 65536, 64K or 16M`);
  if (size > most) throw new UsageError(`--${name} '${text}' is too much: give ${most / UNITS['M']!}M at the most`);
  return size;
}

function readCount(name: string, text: string): number {
  if (!/^\d{1,9}$/.test(text) || Number(text) === 0) {
    throw new UsageError(`--${name} '${text}' is no number: give one from 1 up`);
  }
  return Number(text);
}

/** Of the machine, or of the container where that has less. */
function quarterOfMemory(): number {
  return Math.floor(Math.min(totalmem(), process.constrainedMemory() || Infinity) / 4);
}

/** The same for the running program: where there is nothing to serve it prints and ends, with 2 for a wrong line. */
export function getOptions(): Options {
  try {
    const options = parseOptions(process.argv.slice(2));
    if (typeof options !== 'string') return options;
    process.stdout.write(options);
    process.exit(0);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`server.ts: ${error.message} (--help lists all)`);
    process.exit(2);
  }
}

/** Tells on standard error that all is ready, and where. */
export function announce(server: Socket, trace = false): void {
  if (trace) traceClients(server);
  log(`listening on ${urlOf(server)}`);
}

/** Where a listening socket can be reached, as a browser or a client takes it. */
export function urlOf(server: Socket): string {
  const name = socket_getsockname(server);
  if (name === false) throw new RangeError('Cannot tell the address: this socket does not listen');
  const { address, port } = name;
  if (server.domain === AF_UNIX) return `unix:${address}`;
  // "Every address" is not one that can be opened; this machine's own is among them.
  if (server.domain === AF_INET6) return `ws://[${address === '::' ? '::1' : address}]:${port}`;
  return `ws://${address === '0.0.0.0' ? '127.0.0.1' : address}:${port}`;
}

/** Ends a program that the system does not let listen: one line that says why and what to do, exit status 1. */
export function giveUp(error: unknown): never {
  if (!(error instanceof SocketError)) throw error;
  console.error(`server.ts: ${error.message}. ${REMEDIES[error.code] ?? 'Try another --address or --port'}`);
  process.exit(1);
}

const REMEDIES: Record<string, string> = {
  EADDRINUSE: 'Something is there already: end that program, remove that file, or choose another --port or --address',
  EADDRNOTAVAIL: 'This machine does not have that address: choose one of its own, or 0.0.0.0 for all',
  EACCES: 'Not allowed, or no such folder: choose a --port from 1024 up, or a path in a folder of yours',
};

function readFlags(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        'port': { type: 'string', default: '8081' },
        'address': { type: 'string', default: '0.0.0.0' },
        'quiet': { type: 'boolean', default: false },
        'trace': { type: 'boolean', default: false },
        'deflate': { type: 'boolean', default: false },
        'subprotocol': { type: 'string' },
        'origin': { type: 'string', multiple: true, default: [] },
        'strict': { type: 'boolean', default: false },
        'max-payload': { type: 'string', default: '16M' },
        'max-clients': { type: 'string', default: '10000' },
        'max-memory': { type: 'string' },
        'handshake-timeout': { type: 'string', default: '10' },
        'ping-interval': { type: 'string', default: '30' },
        'write-timeout': { type: 'string', default: '30' },
        'close-timeout': { type: 'string', default: '5' },
        'help': { type: 'boolean', default: false },
        'version': { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    // parseArgs explains some mistakes in several lines; the first one says it
    throw new UsageError((error as Error).message.split('\n')[0]!);
  }
}

function readVersion(): string {
  const file = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return `${(JSON.parse(file) as { version: string }).version}\n`;
}
