/** The comparison finds what it is there to find: another server.ts, and another PHP server. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, type TestContext } from 'node:test';
import { house, original } from '../exercises/solutions.ts';
import { folder, TOP } from '../helpers.ts';
import { OUR_PHP } from './php.ts';
import { compare, phpTest } from './run_compare.ts';

/** server.ts, a line of the article's in it replaced. */
async function faulty(t: TestContext, from: RegExp, to: string): Promise<string> {
  const text = await original();
  assert.equal(text.match(new RegExp(from, 'g'))?.length, 1, `server.ts has once ${from}`);
  return join(await house(t, { 'server.ts': text.replace(from, to) }), 'server.ts');
}

/** Our PHP server with something in it or in its codec replaced. */
async function otherPhp(t: TestContext, from: string | RegExp, to: string): Promise<string> {
  const path = join(await folder(t), 'other.php');
  const codec = readFileSync(join(TOP, 'tests/compare/codec.php'), 'utf8').replace('<?php', '');
  const text = readFileSync(OUR_PHP, 'utf8').replace(/^require .*$/m, () => codec), changed = text.replace(from, () => to);
  assert.notEqual(changed, text);
  await writeFile(path, changed);
  return path;
}

describe('a wrong server.ts', () => {
  for (const [what, scene, from, to] of [
    ['ends its lines as the PHP does', 'line-ends', /Upgrade: websocket\\r\\n/, 'Upgrade: websocket\\n'],
    ['counts from another number', 'hello', /新链接\$\{(\w+)\.id\}/, '新链接${$1.id + 1}'],
    ['forgets one more when a client leaves', 'leaves-early', /delete handShake\[.*\];/, 'handShake.shift();'],
    ['does not set TCP_NODELAY', 'two-answers', /socket_set_option\(.*TCP_NODELAY.*\);/, ''],
    ['ends when a client breaks the rules', 'no-key', /catch \((\w+)\) \{/, 'catch ($1) { throw $1;'],
  ] as const) {
    phpTest(`that ${what} is found by the scene ${scene}`, async (t) => {
      const { status, stdout, stderr } = compare(['--server', await faulty(t, from, to), '--scene', scene]);
      assert.equal(status, 1, stdout);
      assert.match(stderr, new RegExp(`Not as the departures table says: ${scene}[,.]`));
    });
  }
});

describe('another PHP server', () => {
  phpTest('that ends its lines in CRLF makes the row not show', async (t) => {
    const { status, stderr } = compare([await otherPhp(t, /PHP_EOL/g, '"\\r\\n"'), '--scene', 'line-ends']);
    assert.equal(status, 1);
    assert.match(stderr, /line-ends/);
    assert.match(stderr, /Rows that did not show: 6e\./);
  });
  phpTest('whose codec goes by dechex shows the row that is for such ones', async (t) => {
    const path = await otherPhp(t, 'return "\\x81" . chr($length) . $message;',
      '$hex = ""; foreach (str_split($message) as $byte) $hex .= dechex(ord($byte));\n' +
      'return pack("H*", "81" . sprintf("%02x", $length) . $hex);');
    const { status, stdout } = compare([path, '--scene', 'low-bytes', '--scene', 'chinese']);
    assert.equal(status, 0, stdout);
    assert.match(stdout, /better: 7e/);
  });
});
