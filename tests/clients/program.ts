/** Programs that the tests start: what they have said so far, and whether this machine has them. */
import assert from 'node:assert/strict';
import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

/** For one test, in milliseconds. Nothing waits for it: it turns a hang into a failure. */
export const DEADLINE = 60_000;

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A program that runs from the top folder until it ends, or the test does. */
export class Program {
  stdout = '';
  stderr = '';
  /** The exit status, when it and all that write to its pipes have ended; null where a signal ended it. */
  readonly ended: Promise<number | null>;
  private readonly child: ChildProcessByStdio<null, Readable, Readable>;

  constructor(t: TestContext, command: string, args: string[]) {
    // The reader may have a proxy; it is not what is tested.
    const env = { ...process.env, no_proxy: '127.0.0.1' };
    const child = spawn(command, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.setEncoding('utf8').on('data', (text: string) => { this.stdout += text; });
    child.stderr.setEncoding('utf8').on('data', (text: string) => { this.stderr += text; });
    child.on('error', ({ message }) => { this.stderr += message; });
    this.child = child;
    this.ended = new Promise((resolve) => { child.on('close', resolve); });
    t.after(() => this.stop());
  }

  /** Waits until it has said something like this. */
  async says(where: 'stdout' | 'stderr', what: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = what.exec(this[where]);
      if (match !== null) return match;
      await Promise.race([once(this.child[where], 'data'), this.fails(`saying ${what}`)]);
    }
  }

  /** Rejects when it has ended: to be raced with what it should have done before. */
  async fails(before: string): Promise<never> {
    await this.ended;
    assert.fail(`It ended without ${before}:\n${this.stdout}${this.stderr}`);
  }

  /** Asks it to end, and waits until it has. */
  stop(): Promise<number | null> {
    this.child.kill();
    return this.ended;
  }
}

/** The first of these commands that this machine has: run with `args`, it ends well. */
export function find(commands: string[], ...args: string[]): string | null {
  return commands.find((command) => spawnSync(command, args).status === 0) ?? null;
}

/** Says what to install and skips the test; where all must be there, fails it. */
export function missing(t: TestContext, what: string, remedy: string): null {
  const reason = `${what} is missing: ${remedy}`;
  if (process.env['CI']) assert.fail(reason);
  t.skip(reason);
  return null;
}
