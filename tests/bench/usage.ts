/** What processes use, as the operating system counts it (Linux, proc(5)); elsewhere it is not had. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** /proc gives times in hundredths of a second (USER_HZ), on every Linux. */
const HERTZ = 100;

export interface Usage {
  /** CPU time of all threads so far, user and kernel, in seconds. */
  cpu: number;
  /** Memory that is resident, in bytes. */
  rss: number;
}

/** The processes of a group: a server may be more than one. Empty where the system does not tell. */
export function membersOf(group: number): number[] {
  return (existsSync('/proc') ? readdirSync('/proc') : []).filter((name) => /^\d+$/.test(name)).map(Number)
    .filter((pid) => fieldsOf(pid)?.[2] === String(group));
}

/** What these use together; null where the system does not tell. Those that have ended are left out. */
export function usageOf(pids: readonly number[]): Usage | null {
  const sum = { cpu: 0, rss: 0 };
  let seen = 0;
  for (const pid of pids) {
    const fields = fieldsOf(pid), kilobytes = /^VmRSS:\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1];
    if (fields === null || kilobytes === undefined) continue;
    sum.cpu += (Number(fields[11]) + Number(fields[12])) / HERTZ;
    sum.rss += Number(kilobytes) * 1024;
    seen++;
  }
  return seen === 0 ? null : sum;
}

/** The fields of /proc/PID/stat from the third (state) on: the second, the name, may contain anything. */
function fieldsOf(pid: number): string[] | null {
  const text = read(`/proc/${pid}/stat`);
  return text === '' ? null : text.slice(text.lastIndexOf(')') + 2).split(' ');
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
