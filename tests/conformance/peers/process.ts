/** Servers of any kind as processes of their own, which may die, and are started again. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../helpers.ts';
import { Line } from './line.ts';

const TOP = fileURLToPath(new URL('../../..', import.meta.url));
/** Milliseconds until a server has to listen. */
const START = 15_000;
/** Characters that are kept of what it says. */
const SAID = 4000;

const running = new Set<ChildProcess>();
process.on('exit', () => { for (const child of running) kill(child); });

/** With its children: a command may be a shell's. */
function kill(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has ended
  }
}

export class Server {
  port = 0;
  private readonly command: string;
  private child: ChildProcess | null = null;
  private said = '';

  /** A shell's command line, with {port}. */
  constructor(command: string) {
    this.command = command;
  }

  /** Of its process, and of the group of all that it starts; 0 where it does not run. */
  get pid(): number {
    return this.child?.pid ?? 0;
  }

  /** The last line on standard error that tells of something wrong; '' where none does. */
  get complaint(): string {
    return this.said.split('\n').findLast((line) => /error|warning|exception|fatal/i.test(line)) ?? '';
  }

  async start(): Promise<void> {
    this.port = await freePort();
    const command = this.command.replaceAll('{port}', String(this.port));
    const child = spawn('/bin/sh', ['-c', `exec ${command}`], {
      cwd: TOP, stdio: ['ignore', 'ignore', 'pipe'], detached: true,
    });
    this.said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => { this.said = (this.said + text).slice(-SAID); });
    child.on('error', () => {});
    child.on('exit', () => running.delete(child));
    running.add(child);
    this.child = child;
    for (const end = Date.now() + START; Date.now() < end && child.exitCode === null;) {
      const line = await Line.connect(this.port);
      if (line !== null) return line.leave();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await this.stop();
    throw new Error(`does not start: ${command}; it says: ${this.complaint || this.said.trim()}`);
  }

  /** Whether its process has not ended. */
  get isRunning(): boolean {
    return this.child?.exitCode === null && this.child.signalCode === null;
  }

  /** Whether it still takes connections. */
  async isAlive(): Promise<boolean> {
    // Its exit is known a moment after its sockets are closed, and those answer at once
    const line = await Line.connect(this.port);
    await line?.leave();
    return line !== null && this.isRunning;
  }

  async stop(): Promise<void> {
    const { child } = this;
    this.child = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    kill(child);
    await exit;
  }
}
