/** The comparison as a user starts it, for its tests. */
import { spawnSync } from 'node:child_process';
import { test, type TestContext } from 'node:test';
import { missing } from '../clients/installed.ts';
import { type Ended, TOP, TYPESCRIPT } from '../helpers.ts';
import { PhpError, phpVersion } from './php.ts';

export function compare(args: string[], env: Record<string, string> = {}): Ended {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...TYPESCRIPT, 'tests/compare/compare.ts', ...args], {
    cwd: TOP, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, env: { ...process.env, LC_ALL: 'C', COLUMNS: '100', ...env },
  });
  return { status, stdout, stderr };
}

/** A test that needs PHP. */
export function phpTest(what: string, play: (t: TestContext) => Promise<void> | void): void {
  test(what, async (t) => {
    try {
      phpVersion();
    } catch (error) {
      if (!(error instanceof PhpError)) throw error;
      return void missing(t, 'PHP with its sockets', 'apt-get install php-cli');
    }
    await play(t);
  });
}
