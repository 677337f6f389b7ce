/** What happens once, between listening and the loop; and what the program says when it cannot listen. */
import { type Arrays, Limits } from '../limits/limits.ts';
import { log, openLog } from '../log.ts';
import { startCollecting } from '../php/garbage.ts';
import {
  AF_INET6, AF_UNIX, limitConnections, SO_LINGER, type Socket, SocketError, socket_getsockname, socket_set_option,
  SOL_SOCKET,
} from '../php/sockets.ts';
import { openConsole } from '../php/var_dump.ts';
import { LatePage } from '../trace/late_page.ts';
import type { Options } from './options.ts';
import { endOnSignal } from './shutdown.ts';
import { printStatsOnSignal } from './stats.ts';

export { getOptions } from './options.ts';

/** Connections beyond --max-clients that get a 503. More are disconnected at once. */
const REFUSED = 1000;

/** Makes what the loop needs besides its arrays, waits for signals, and says on standard error where it listens. */
export async function start(
  server: Socket, arrays: Arrays, options: Options, leave: (socket: Socket, step: number, words: unknown) => void,
): Promise<{ limits: Limits; page: LatePage }> {
  const limits = new Limits(options, arrays), page = new LatePage(arrays, leave, options.quiet);
  // Before signals are waited for: the end could come between, and there would be no address to name below
  if (options.trace) (await import('../trace/terminal.ts')).traceClients(server, (await page.load()).taps);
  openConsole(options.quiet);
  openLog();
  startCollecting();
  limitConnections(server, options.maxClients + REFUSED);
  // PHP: not set. A closed client that does not hang up is disconnected
  socket_set_option(server, SOL_SOCKET, SO_LINGER, { l_onoff: 1, l_linger: options.closeTimeout });
  endOnSignal(server, arrays, limits, options.closeTimeout);
  printStatsOnSignal(arrays, limits);
  log(`listening on ${urlOf(server)}`);
  return { limits, page };
}

/** Returns the URL of a listening socket, for a client. */
export function urlOf(server: Socket): string {
  const name = socket_getsockname(server);
  if (name === false) throw new RangeError('Cannot name the address: this socket does not listen');
  const { address, port } = name;
  if (server.domain === AF_UNIX) return `unix:${address}`;
  // A client cannot connect to "every address"
  if (server.domain === AF_INET6) return `ws://[${address === '::' ? '::1' : address}]:${port}`;
  return `ws://${address === '0.0.0.0' ? '127.0.0.1' : address}:${port}`;
}

const REMEDIES: Record<string, string> = {
  EADDRINUSE: 'Another program listens there, or a file has that name: end it, or choose another --port or --address',
  EADDRNOTAVAIL: 'This machine does not have that address: choose one of its own, or 0.0.0.0 for all',
  EACCES: 'You may not listen there, or there is no such folder: choose a --port from 1024 up, or another path',
};

/** Ends the program when it cannot listen: one line says why and what to do; the status is 1. */
export function giveUp(error: unknown): never {
  if (!(error instanceof SocketError)) throw error;
  console.error(`server.ts: ${error.message}. ${REMEDIES[error.code] ?? 'Try another --address or --port'}`);
  process.exit(1);
}
