/** The comparison finds what it is there to find: another server.ts, and another PHP server. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, type TestContext } from 'node:test';
import { folder } from '../helpers.ts';
import { compare, phpTest, TOP } from './run_compare.ts';

/**
 * A faulty server.ts: something in it is replaced that is the article's, or a function of lib by one that does it wrong.
 * The wrong one gets the right one, with all that its file exports, as `right`.
 */
type Fault = { from: RegExp; to: string } | { file: string; wrong: string };

async function faulty(t: TestContext, fault: Fault): Promise<string> {
  const path = await folder(t), server = join(path, 'server.ts');
  await cp(join(TOP, 'lib'), join(path, 'lib'), { recursive: true });
  for (const name of ['package.json', 'server.ts']) await cp(join(TOP, name), join(path, name));
  if ('file' in fault) {
    const file = join(path, fault.file);
    await cp(file, file.replace('.ts', '_right.ts'));
    const right = `./${basename(fault.file, '.ts')}_right.ts`;
    await writeFile(file, `export * from '${right}';\nimport * as right from '${right}';\n${fault.wrong}\n`);
  } else {
    const text = await readFile(server, 'utf8');
    assert.equal(text.match(new RegExp(fault.from, 'g'))?.length, 1, `server.ts has once ${fault.from}`);
    await writeFile(server, text.replace(fault.from, fault.to));
  }
  return server;
}

/** Our PHP server with something in it replaced. */
async function otherPhp(t: TestContext, from: string | RegExp, to: string): Promise<string> {
  const path = join(await folder(t), 'other.php');
  const [server, codec] = await Promise.all(['select_server.php', 'codec.php'].map((name) => {
    return readFile(join(TOP, 'tests/compare', name), 'utf8');
  }));
  const text = server!.replace('require __DIR__ . \'/codec.php\';', () => codec!.replace('<?php', ''));
  const changed = text.replace(from, () => to);
  assert.notEqual(changed, text);
  await writeFile(path, changed);
  return path;
}

describe('a wrong server.ts', () => {
  const codec = 'lib/websocket/codec.ts';
  const answers = (opcode: string, answer: string): string => `export function buildMsg(payload, opcode) {
    return right.buildMsg(payload, payload.opcode === right.${opcode} ? right.${answer} : opcode);
  }`;
  const faults: [what: string, scene: string, fault: Fault][] = [
    ['answers a ping with a ping', 'ping', { file: codec, wrong: answers('PING', 'PING') }],
    ['says binary as text', 'binary', { file: codec, wrong: answers('BINARY', 'TEXT') }],
    ['ends its lines as the PHP does', 'line-ends', { from: /Upgrade: websocket\\r\\n/, to: 'Upgrade: websocket\\n' }],
    ['counts from another number', 'hello', { from: /新链接\$\{(\w+)\.id\}/, to: '新链接${$1.id + 1}' }],
    ['forgets one more when a client leaves', 'leaves-early', { from: /delete handShake\[.*\];/, to: 'handShake.shift();' }],
    ['does not set TCP_NODELAY', 'two-answers', { from: /socket_set_option\(.*TCP_NODELAY.*\);/, to: '' }],
    ['serves one client until it is done', 'busy-client', { file: 'lib/limits/limits.ts',
      wrong: 'export class Limits extends right.Limits { mustWait(length, isBehind) { return isBehind; } }' }],
    ['ends when a client breaks the rules', 'no-key', { from: /catch \((\w+)\) \{/, to: 'catch ($1) { throw $1;' }],
  ];
  for (const [what, scene, fault] of faults) {
    phpTest(`that ${what} is found by the scene ${scene}`, async (t) => {
      const { status, stdout, stderr } = compare(['--server', await faulty(t, fault), '--scene', scene, '--scene', 'size-125']);
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
  phpTest('that does something new is named, with its scene', async (t) => {
    const { status, stderr } = compare([await otherPhp(t, '$message = getMsg($buff)', '$message = str_replace("hello", "bye", getMsg($buff))'), '--scene', 'hello']);
    assert.equal(status, 1);
    assert.match(stderr, /Not as the departures table says: hello\./);
  });
  phpTest('the article itself is played from its Markdown', (t) => {
    const article = join(TOP, '../shared/article.md');
    if (!existsSync(article)) return t.skip('the article is not here: it is not part of this project');
    const { status, stderr } = compare([article, '--scene', 'curl', '--scene', 'no-key', '--scene', 'two-in-one']);
    assert.deepEqual([status, stderr], [0, '']);
  });
});
