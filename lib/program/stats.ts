/** Numbers for the operator: `kill -USR2 PID` prints them. */
import type { Arrays, Limits } from '../limits/limits.ts';
import { log } from '../log.ts';

/**
 * Returns one line of JSON: how many sockets each array has (`sockets` counts the server too), `held` bytes in memory
 * for clients, `messages` since the start, `uptime` in seconds, `memory` of the process in bytes (resident set; 0 when
 * no descriptor is left to read it with).
 */
export function statsOf(arrays: Arrays, { held, messages }: { held: number; messages: number }): string {
  // The arrays have holes
  const sizes = Object.entries(arrays).map(([name, array]: [string, unknown[]]) => [name, Object.keys(array).length]);
  const uptime = Math.round(process.uptime() * 1000) / 1000;
  return JSON.stringify({ ...Object.fromEntries(sizes), held, messages, uptime, memory: memory() });
}

/** From now on SIGUSR2 prints the line of statsOf() on standard error. Windows does not have that signal. */
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
