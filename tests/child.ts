/** Programs that the tests start, and what they have said so far. */
import assert from 'node:assert/strict';
import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** For a shell that is told who starts and who ends. When its input ends, it kills those that are left. */
const GUARD = 'pids=; while read event pid; do case $event in start) pids="$pids $pid ";; ' +
  'end) pids="${pids%% $pid *}${pids##* $pid }";; esac; done; kill -9 $pids';
let guard: Socket | undefined;

/**
 * Kills the child when this process ends, however it ends. The runner cuts a test file at its time limit by SIGTERM;
 * then no `after` runs. A listener for SIGTERM would not do: a test that never waits for an event never calls it.
 */
function killLeft(child: ChildProcess, group: boolean): void {
  if (child.pid === undefined) return;
  const id = group ? -child.pid : child.pid;
  if (guard === undefined) {
    const shell = spawn('sh', ['-c', GUARD], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
    shell.on('error', () => {}).unref();
    guard = (shell.stdin as Socket).on('error', () => {}).unref();
  }
  guard.write(`start ${id}\n`);
  child.on('exit', () => guard!.write(`end ${id}\n`));
}

/** A program that runs until it ends, or the test does. */
export class Child {
  stdout = '';
  stderr = '';
  /** The exit status, when it and all that write to its pipes have ended; null where a signal ended it. */
  readonly ended: Promise<number | null>;
  readonly process: ChildProcessByStdio<null, Readable, Readable>;
  private readonly isGroup: boolean;

  /**
   * `t` is the test, or whoever else tells when it is over; null: whoever starts it ends it.
   * It runs in the top folder where no other is given. `group`: whoever ends it ends all that it has started, too.
   */
  constructor(
    t: { after(stop: () => unknown): void } | null, command: string, args: string[],
    { cwd = ROOT, group = false }: { cwd?: string; group?: boolean } = {},
  ) {
    // The reader may have a proxy; it is not what is tested.
    const env = { ...process.env, no_proxy: '127.0.0.1' };
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: group });
    child.stdout.setEncoding('utf8').on('data', (text: string) => { this.stdout += text; });
    child.stderr.setEncoding('utf8').on('data', (text: string) => { this.stderr += text; });
    child.on('error', ({ message }) => { this.stderr += message; });
    this.process = child;
    this.isGroup = group;
    killLeft(child, group);
    this.ended = new Promise((resolve) => { child.on('close', resolve); });
    t?.after(() => this.end());
  }

  /** Its exit status, or the signal that ended it; null while it runs. */
  get status(): number | string | null {
    return this.process.exitCode ?? this.process.signalCode;
  }

  /** Whether it ends within so many milliseconds. */
  async ends(milliseconds: number): Promise<boolean> {
    const late = new AbortController();
    await Promise.race([this.ended, sleep(milliseconds, null, late).catch(() => {})]);
    late.abort();
    return this.status !== null;
  }

  /** Waits until it has said something like this. */
  async says(where: 'stdout' | 'stderr', what: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = what.exec(this[where]);
      if (match !== null) return match;
      await Promise.race([once(this.process[where], 'data'), this.fails(`saying ${what}`)]);
    }
  }

  /** Rejects when it has ended: to be raced with what it should have done before. */
  async fails(before: string): Promise<never> {
    await this.ended;
    assert.fail(`It ended without ${before}:\n${this.stdout}${this.stderr}`);
  }

  kill(signal: NodeJS.Signals): void {
    const { pid } = this.process;
    try {
      if (this.isGroup && pid !== undefined) process.kill(-pid, signal);
      else this.process.kill(signal);
    } catch {
      // It has ended
    }
  }

  /** Ends it at once, whoever is connected: server.ts takes its time for the first signal only. */
  end(): Promise<number | null> {
    this.kill('SIGTERM');
    this.kill('SIGINT');
    return this.ended;
  }

  /** Asks it to end; resolves to its exit status when it has. */
  stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    this.kill(signal);
    return this.ended;
  }
}
