/** A server of either language as a process of its own. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { usageOf } from '../bench/machine.ts';
import { Child } from '../child.ts';

/** How a server is started. */
export interface Launch {
  /** As the table calls it: 'PHP', 'server.ts'. */
  name: string;
  command: string;
  /** The arguments that make it listen on this port of 127.0.0.1. */
  args: (port: number | string) => string[];
  /** The folder that it runs in. */
  folder: string;
}

/** Characters of output; one that prints more prints without end, and is stopped. */
const MOST = 32 * 1024 * 1024;

export class ServerProcess extends Child {
  /** It printed so much that it was stopped for that. */
  floods = false;

  constructor({ command, args, folder }: Launch, port: number, ...more: string[]) {
    super(null, command, [...args(port), ...more], { cwd: folder });
    for (const pipe of [this.process.stdout, this.process.stderr]) pipe.on('data', () => {
      if (this.stdout.length + this.stderr.length < MOST) return;
      this.floods = true;
      this.kill('SIGKILL');
    });
  }

  /** Stops it until SIGCONT. On a busy machine it may still read after the signal; where /proc tells, that is over. */
  async freeze(): Promise<void> {
    this.kill('SIGSTOP');
    const file = `/proc/${this.process.pid}/stat`;
    while (existsSync(file) && /\) [RSD] /.test(readFileSync(file, 'latin1'))) await sleep(1);
  }

  /** Seconds of CPU time so far; from ps where there is no /proc. Null where neither tells. */
  cpu(): number | null {
    const { pid } = this.process;
    const usage = usageOf(pid!);
    if (usage !== null) return usage.cpu;
    const { stdout } = spawnSync('ps', ['-o', 'time=', '-p', `${pid}`], { encoding: 'utf8' });
    const [, minutes, seconds] = /(\d+):([\d.]+)\s*$/.exec(stdout ?? '') ?? [];
    return minutes === undefined ? null : Number(minutes) * 60 + Number(seconds);
  }
}
