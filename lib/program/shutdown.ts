/** Shutdown: after a signal the loop takes no new clients, and ends when all have left or their time is up. */
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import type { Arrays, Limits } from '../limits/limits.ts';
import { interrupt } from '../php/select.ts';
import { type Socket, socket_close } from '../php/sockets.ts';
import { afterRunning } from '../php/timer.ts';

/** Milliseconds. At Ctrl-C the terminal, npm and tsx each send SIGINT: repeats within this time are one signal. */
const REPEATED = 500;

/** Until endOnSignal() a signal ends the program at once, with status 0. */
export function endAtOnceOnSignal(): void {
  // Without a listener Node ends at SIGHUP, under nohup too
  process.on('SIGHUP', () => {});
  for (const signal of signals()) process.on(signal, quit);
}

/**
 * Waits for a signal. After the first one the clients have `closeTimeout` seconds to leave; the status is 0. A second
 * one ends the program at once, with status 128 plus the signal's number.
 */
export function endOnSignal(server: Socket, { sockets }: Arrays, limits: Limits, closeTimeout: number): void {
  let first: { signal: string; at: number } | null = null;
  // A Unix socket's path is removed, whatever ends the program
  process.on('exit', () => socket_close(server));
  for (const signal of signals()) {
    process.on(signal, () => {
      const at = performance.now();
      if (first !== null && first.signal === signal && at - first.at < REPEATED) return;
      if (first !== null) process.exit(128 + constants.signals[signal]);
      first = { signal, at };
      delete sockets[server.id];
      socket_close(server);
      limits.end();
      afterRunning(closeTimeout, () => {
        limits.sayLastGoodbye();
        process.exit(0);
      });
      interrupt();
    });
    process.off(signal, quit);
  }
}

function quit(): void {
  process.exit(0);
}

/** Ctrl-C, kill, and a terminal that is closed. */
function signals(): readonly ('SIGINT' | 'SIGTERM' | 'SIGHUP')[] {
  return isNohup() ? ['SIGINT', 'SIGTERM'] : ['SIGINT', 'SIGTERM', 'SIGHUP'];
}

/**
 * nohup has the program ignore SIGHUP, and Node undoes that as it starts. Two traces of nohup remain: bash and zsh tell in `_`
 * what they have run, and in place of a terminal GNU's nohup gives a standard input that cannot be read.
 */
function isNohup(): boolean {
  if (/(?:^|\/)nohup$/.test(process.env['_'] ?? '')) return true;
  try {
    return /^flags:\s+\d*1$/m.test(readFileSync('/proc/self/fdinfo/0', 'utf8'));
  } catch {
    return false;
  }
}
