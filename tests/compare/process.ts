/** A server of either language as a process of its own: what it prints, and whether it goes on. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';

/** How a server is started. */
export interface Program {
  /** As the table calls it: 'PHP', 'server.ts'. */
  name: string;
  command: string;
  /** The arguments that make it listen on this port of 127.0.0.1. */
  args: (port: number | string) => string[];
  /** The folder that it runs in. */
  folder: string;
}

/** Characters of output that are kept; one that prints more than the other number prints without end, and is stopped. */
const KEPT = 1024 * 1024, MOST = 32 * KEPT;

const running = new Set<ChildProcess>();
process.on('exit', () => { for (const child of running) child.kill('SIGKILL'); });

export class Process {
  stdout = '';
  stderr = '';
  /** It printed so much that it was stopped for that. */
  floods = false;
  private length = 0;
  private readonly child: ChildProcess;
  private readonly closed: Promise<unknown>;

  constructor(program: Program, port: number, ...more: string[]) {
    const child = spawn(program.command, [...program.args(port), ...more], {
      cwd: program.folder, stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child = child;
    this.closed = once(child, 'close').catch(() => {});
    running.add(child);
    child.on('exit', () => running.delete(child));
    child.on('error', ({ message }) => { this.stderr += message; });
    for (const which of ['stdout', 'stderr'] as const) {
      child[which]!.setEncoding('utf8').on('data', (text: string) => {
        this.length += text.length;
        if (this[which].length < KEPT) this[which] += text;
        if (this.length < MOST || this.floods) return;
        this.floods = true;
        child.kill('SIGKILL');
      });
    }
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /** Its exit status, or the signal that ended it; null while it runs. */
  get status(): number | string | null {
    return this.child.exitCode ?? this.child.signalCode;
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  /** Whether it ends within so many milliseconds. */
  async ends(ms: number): Promise<boolean> {
    if (this.status === null && !this.floods) {
      let timer: NodeJS.Timeout | undefined;
      await Promise.race([this.closed, new Promise((resolve) => { timer = setTimeout(resolve, ms); })]);
      clearTimeout(timer);
    }
    return this.status !== null;
  }

  /** Nobody reads its standard output any more, as behind `| head -1`. */
  closeStdout(): void {
    this.child.stdout!.destroy();
  }

  /** Ended, at once, and all that it had printed is here. */
  async stop(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.closed;
  }

  /** Seconds of CPU time so far; from ps where there is no /proc. Null where neither tells. */
  cpu(): number | null {
    try {
      const fields = readFileSync(`/proc/${this.pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
      return (Number(fields[11]) + Number(fields[12])) / 100;
    } catch {
      const [, minutes, seconds] = /(\d+):([\d.]+)\s*$/.exec(String(spawnSync('ps', ['-o', 'time=', '-p', `${this.pid}`]).stdout)) ?? [];
      return minutes === undefined ? null : Number(minutes) * 60 + Number(seconds);
    }
  }
}
