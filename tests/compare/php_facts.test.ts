/** What is said of PHP is what PHP does: each file of php_facts/ tries the claims about one function. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { TOP } from '../helpers.ts';
import { phpTest } from './run_compare.ts';

const FOLDER = fileURLToPath(new URL('php_facts/', import.meta.url));
const CHECK = join(FOLDER, 'check.php');
const FACTS = readdirSync(FOLDER).filter((name) => join(FOLDER, name) !== CHECK);

function php(...args: string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync('php', args, { encoding: 'utf8', timeout: 60_000 });
  return { status, output: stdout + stderr };
}

/** A test that needs PHP on Linux: errors, numbers and buffers are the system's. */
function linuxTest(what: string, play: (t: TestContext) => void): void {
  phpTest(what, (t) => process.platform === 'linux' ? play(t) : t.skip('these facts are Linux\'s'));
}

describe('PHP does what is said of', () => {
  for (const name of FACTS) {
    linuxTest(name.replace('.php', ''), () => assert.deepEqual(php(join(FOLDER, name)), { status: 0, output: '' }));
  }
});

linuxTest('a claim that does not hold is told with what was seen, and ends the file', () => {
  const run = (expected: string, value: string): unknown =>
    php('-r', `require '${CHECK}'; check('it', '${expected}', fn () => ${value}); echo 'on';`);
  for (const [value, seen] of [
    ['false', 'false'], ['intdiv(1, 0)', 'DivisionByZeroError'],
    ['[socket_accept(tcp())]', 'warning, [false]'], ['@[socket_accept(tcp())]', '[false]'],
    ['"你好"', '"你好"'], ['tcp()', 'Socket'],
  ] as const) {
    assert.deepEqual(run(seen, value), { status: 0, output: 'on' });
    assert.deepEqual(run('else', value), { status: 1, output: `Standard input code: it: not else, but ${seen}\n` });
  }
});

test('each function of lib/php whose comment says what PHP does has its file', () => {
  const folder = join(TOP, 'lib/php');
  const named = readdirSync(folder).flatMap((name) => {
    const text = readFileSync(join(folder, name), 'utf8');
    return [...text.matchAll(/^\/\*\*(?:\n \*)? PHP: (?:(?!\*\/)[^])*\*\/\nexport (?:async )?function (\w+)/gm)];
  }).map(([, name]) => `${name}.php`);
  assert.ok(named.includes('socket_read.php') && named.includes('socket_last_error.php'));
  assert.deepEqual(named.filter((name) => !FACTS.includes(name)), []);
});
