/** What Linux does for a benchmark: a core for the server and one for the load, and what processes use (proc(5)). */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';

/** /proc gives times in hundredths of a second (USER_HZ), on every Linux. */
const HERTZ = 100;

/** What this runs on, for a heading. */
export const MACHINE = `${process.platform} ${process.arch}, ${cpus().length} x ${cpus()[0]?.model.trim()}, ` +
  `${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`;

/**
 * Puts this process, the load, on a core of its own, where taskset(1) can do it.
 * @returns what a server's command begins with, to be on another one, or on all
 */
export function pin(): { one: string; all: string } {
  const list = /^Cpus_allowed_list:\s*(\S+)/m.exec(read('/proc/self/status'))?.[1] ?? '';
  // The first and the last one: neighbours may be two threads of one core
  const server = /^\d+/.exec(list)?.[0], load = /\d+$/.exec(list)?.[0];
  if (server === load) return { one: '', all: '' };
  const { status } = spawnSync('taskset', ['--all-tasks', '--cpu-list', '--pid', load!, String(process.pid)]);
  const on = (cores: string): string => status === 0 ? `taskset --cpu-list ${cores} ` : '';
  return { one: on(server!), all: on(list) };
}

export interface Usage {
  /** CPU time of all threads so far, user and kernel, in seconds. */
  cpu: number;
  /** Memory that is resident, in bytes. */
  rss: number;
}

/** What a process uses, with all of its group: a server may be more than one. Null where the system does not tell. */
export function usageOf(leader: number): Usage | null {
  const sum = { cpu: 0, rss: 0 };
  for (const [pid, fields] of groupOf(leader)) {
    sum.cpu += (Number(fields[11]) + Number(fields[12])) / HERTZ;
    sum.rss += Number(/^VmRSS:\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0) * 1024;
  }
  return sum.rss === 0 ? null : sum;
}

/** How many descriptors each process of a group has open. */
export function descriptorsOf(leader: number): Map<number, number> {
  return new Map(Array.from(groupOf(leader), ([pid]) => [pid, readdirSync(`/proc/${pid}/fd`).length]));
}

/** The processes of a group, and the fields of /proc/PID/stat. */
function* groupOf(leader: number): Generator<[pid: number, fields: string[]]> {
  for (const pid of existsSync('/proc') ? readdirSync('/proc').map(Number) : []) {
    const text = read(`/proc/${pid}/stat`);
    // From the third field (state) on: the second, the name, may contain anything
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    if (pid === leader || Number(fields[2]) === leader) yield [pid, fields];
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
