/** The programs of others that the clients are: this machine may lack them. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import type { TestContext } from 'node:test';

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
