/** One core for the server, another one for the load, where taskset(1) can do it. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Numbers of cores; null where nothing is pinned, and the reason in a sentence. */
export interface Cores {
  server: number | null;
  load: number | null;
  note: string;
}

/** The cores that a list such as '0-3,8' names. */
function coresOf(list: string): number[] {
  return list.split(',').flatMap((part) => {
    const [first, last = first] = part.split('-').map(Number);
    return Array.from({ length: last! - first! + 1 }, (_, i) => first! + i);
  });
}

/** Puts this process, the load, on a core of its own. */
export function pin(): Cores {
  const none = (why: string): Cores => ({ server: null, load: null, note: `Not pinned to cores: ${why}` });
  if (process.platform !== 'linux') return none('there is no taskset on this system');
  const list = /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1] ?? '';
  const cores = coresOf(list);
  // The first and the last one: neighbours may be two threads of one core
  const server = cores.at(0), load = cores.at(-1);
  if (server === undefined || load === undefined || server === load) return none('there is one only');
  const { status } = spawnSync('taskset', ['--all-tasks', '--cpu-list', '--pid', String(load), String(process.pid)]);
  if (status !== 0) return none('taskset is missing (Debian: util-linux)');
  return { server, load, note: `Each server on core ${server}, the load on core ${load}` };
}

/** The same command, on the server's core. */
export function pinned(command: string, { server }: Cores): string {
  return server === null ? command : `taskset --cpu-list ${server} ${command}`;
}
