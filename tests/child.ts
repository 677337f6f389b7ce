/** Programs that the tests start, and what they have said so far. */
import assert from 'node:assert/strict';
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

// A test file that is cut by its time limit gets SIGTERM, and none of its `after`s runs
const running = new Set<{ kill(signal: 'SIGKILL'): boolean }>();
process.on('exit', () => { for (const child of running) child.kill('SIGKILL'); });
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => process.exit(128 + constants.signals[signal]));
}

/** A program that runs from the top folder until it ends, or the test does. */
export class Child {
  stdout = '';
  stderr = '';
  /** The exit status, when it and all that write to its pipes have ended; null where a signal ended it. */
  readonly ended: Promise<number | null>;
  readonly process: ChildProcessByStdio<null, Readable, Readable>;

  /** `t` is the test, or whoever else tells when it is over. */
  constructor(t: { after(stop: () => unknown): void }, command: string, args: string[]) {
    // The reader may have a proxy; it is not what is tested.
    const env = { ...process.env, no_proxy: '127.0.0.1' };
    const child = spawn(command, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.setEncoding('utf8').on('data', (text: string) => { this.stdout += text; });
    child.stderr.setEncoding('utf8').on('data', (text: string) => { this.stderr += text; });
    child.on('error', ({ message }) => { this.stderr += message; });
    this.process = child;
    running.add(child);
    child.on('exit', () => running.delete(child));
    this.ended = new Promise((resolve) => { child.on('close', resolve); });
    t.after(() => this.end());
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

  /** Ends it at once, whoever is connected: server.ts takes its time for the first signal only. */
  end(): Promise<number | null> {
    this.process.kill('SIGTERM');
    this.process.kill('SIGINT');
    return this.ended;
  }

  /** Asks it to end; resolves to its exit status when it has. */
  stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    this.process.kill(signal);
    return this.ended;
  }
}
