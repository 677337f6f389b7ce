/** server.ts as a process of its own, as a user runs it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type net from 'node:net';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { TYPESCRIPT } from './helpers.ts';

const TOP = fileURLToPath(new URL('..', import.meta.url));

export class Program {
  readonly child: ChildProcess;
  stdout = '';
  stderr = '';
  private waiting: (() => void)[] = [];

  constructor(args: string[]) {
    this.child = spawn(process.execPath, [...TYPESCRIPT, 'server.ts', ...args], { cwd: TOP });
    this.child.stdout!.setEncoding('utf8').on('data', (text: string) => { this.stdout += text; this.wake(); });
    this.child.stderr!.setEncoding('utf8').on('data', (text: string) => { this.stderr += text; this.wake(); });
    this.child.on('close', () => this.wake());
  }

  /** Started and listening; stopped when the test is over. */
  static async start(t: TestContext, ...args: string[]): Promise<Program> {
    const program = new Program(['--port', '0', '--address', '127.0.0.1', ...args]);
    t.after(() => program.stop());
    await program.until(() => /listening on .*\n/.test(program.stderr));
    return program;
  }

  /** Where it listens, as net.connect takes it. */
  get where(): net.NetConnectOpts {
    const [, url = ''] = /listening on (.*)\n/.exec(this.stderr) ?? [];
    if (url.startsWith('unix:')) return { path: url.slice(5) };
    const { hostname, port } = new URL(url);
    return { host: hostname.replace(/[[\]]/g, ''), port: Number(port) };
  }

  /** Until standard output (or standard error) holds this. */
  printed(text: string, on: 'stdout' | 'stderr' = 'stdout'): Promise<void> {
    return this.until(() => this[on].includes(text));
  }

  /** Ends it; resolves to its exit status. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      this.child.kill(signal);
      await once(this.child, 'close');
    }
    return this.child.exitCode;
  }

  /** CPU time spent so far, in hundredths of a second (Linux). */
  async cpuTicks(): Promise<number> {
    const fields = (await readFile(`/proc/${this.child.pid}/stat`, 'utf8')).split(') ')[1]!.split(' ');
    return Number(fields[11]) + Number(fields[12]);
  }

  private wake(): void {
    for (const look of this.waiting.splice(0)) look();
  }

  private async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      if (this.child.exitCode !== null) throw new Error(`server.ts has ended (${this.child.exitCode}): ${this.stderr}`);
      await new Promise<void>((resolve) => { this.waiting.push(resolve); });
    }
  }
}
