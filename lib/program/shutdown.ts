/** Shutdown: after Ctrl-C or SIGTERM the loop takes no new clients, and ends when all have left or their time is up. */
import { constants } from 'node:os';
import type { Arrays, Limits } from '../limits/limits.ts';
import { interrupt } from '../php/select.ts';
import { type Socket, socket_close } from '../php/sockets.ts';
import { afterRunning } from '../php/timer.ts';

/** Milliseconds. At Ctrl-C the terminal, npm and tsx each send SIGINT: repeats within this time are one signal. */
const REPEATED = 500;

/**
 * Waits for SIGINT and SIGTERM. After the first one the clients have `closeTimeout` seconds to leave; the status is 0.
 * A second one ends the program at once, with status 128 plus the signal's number.
 */
export function endOnSignal(server: Socket, { sockets }: Arrays, limits: Limits, closeTimeout: number): void {
  let first: { signal: string; at: number } | null = null;
  // A Unix socket's path is removed, whatever ends the program
  process.on('exit', () => socket_close(server));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      const at = performance.now();
      if (first !== null && first.signal === signal && at - first.at < REPEATED) return;
      if (first !== null) process.exit(128 + constants.signals[signal]);
      first = { signal, at };
      delete sockets[server.id];
      socket_close(server);
      limits.end();
      afterRunning(closeTimeout, () => process.exit(0));
      interrupt();
    });
  }
}
