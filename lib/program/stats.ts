/** The numbers of a running server, for whoever runs it: `kill -USR2 PID` prints them. */
import type { Arrays, Limits } from '../limits/limits.ts';
import { log } from '../log.ts';

/**
 * One line of JSON: how many are in each array (`sockets` counts the server too), `held` bytes for clients, `messages`
 * since the start, `uptime` in seconds, `memory` of the process in bytes (its resident set; 0 where no descriptor
 * is left, since Linux tells it in a file).
 */
export function statsOf(arrays: Arrays, { held, messages }: { held: number; messages: number }): string {
  // The arrays have holes, where clients have gone
  const sizes = Object.entries(arrays).map(([name, array]: [string, unknown[]]) => [name, Object.keys(array).length]);
  const uptime = Math.round(process.uptime() * 1000) / 1000;
  return JSON.stringify({ ...Object.fromEntries(sizes), held, messages, uptime, memory: memory() });
}

/** From now on SIGUSR2 prints that line on standard error. Windows has no such signal. */
export function printStatsOnSignal(arrays: Arrays, limits: Limits): void {
  if (process.platform === 'win32') return;
  process.on('SIGUSR2', () => {
    limits.recount();
    log(statsOf(arrays, limits.memory));
  });
}

function memory(): number {
  try {
    return process.memoryUsage.rss();
  } catch {
    return 0;
  }
}
