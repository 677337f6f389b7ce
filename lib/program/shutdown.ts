/**
 * Ending well: after Ctrl-C or SIGTERM the loop goes on without new clients, until all have taken what is due to them
 * and said goodbye, or the time for that is up.
 */
import { constants } from 'node:os';
import type { Arrays, Limits } from '../limits/limits.ts';
import { interrupt } from '../php/select.ts';
import { type Socket, socket_close } from '../php/sockets.ts';

/**
 * Milliseconds: the same signal again, so soon, is the same one. At Ctrl-C a terminal tells all that run, and npm and
 * tsx, which have started us, hand theirs on.
 */
const HANDED_ON = 500;

/**
 * Waits for SIGINT and SIGTERM. After the first one there are `closeTimeout` seconds, then the program ends with status
 * 0; a second one ends it at once, with 128 and the signal's number, as a shell tells it.
 */
export function endOnSignal(server: Socket, { sockets }: Arrays, limits: Limits, closeTimeout: number): void {
  let first: { signal: string; at: number } | null = null;
  // Whatever ends the program: a Unix socket's path does not stay behind
  process.on('exit', () => socket_close(server));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      const at = performance.now();
      if (first !== null && first.signal === signal && at - first.at < HANDED_ON) return;
      if (first !== null) process.exit(128 + constants.signals[signal]);
      first = { signal, at };
      delete sockets[server.id];
      socket_close(server);
      limits.end();
      // It holds up nothing where all have gone before
      setTimeout(() => process.exit(0), closeTimeout * 1000).unref();
      interrupt();
    });
  }
}
