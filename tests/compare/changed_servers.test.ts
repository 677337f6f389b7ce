/** The comparison finds what it is there to find: another server.ts, and another PHP server. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { house, original } from '../exercises/solutions.ts';
import { folder, TOP, TYPESCRIPT } from '../helpers.ts';
import { LATE } from './facts.ts';
import { judge, type Outcome, play, unseenOf } from './outcome.ts';
import { OUR_PHP } from './php.ts';
import { compare, phpTest } from './run_compare.ts';
import { scene } from './scene_stage.ts';
import type { Launch } from './server_process.ts';

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
      assert.match(stderr, new RegExp(`Not as the departures say: ${scene}[,.]`));
    });
  }
});

describe('another PHP server', () => {
  phpTest('that ends its lines in CRLF is the same there, and owes no departure', async (t) => {
    const { status, stdout, stderr } = compare([await otherPhp(t, /PHP_EOL/g, '"\\r\\n"'), '--scene', 'line-ends', '--scene', 'ping']);
    assert.deepEqual([status, stderr], [0, '']);
    assert.match(stdout, /^line-ends: .*\n→ same\n[^]*^ping: .*\n→ ours is better: 7a the opcode\n/m);
  });
  phpTest('is the better one where server.ts is wrong', async (t) => {
    const ts = await faulty(t, /Upgrade: websocket\\r\\n/, 'Upgrade: websocket\\n');
    const { status, stdout } = compare([await otherPhp(t, /PHP_EOL/g, '"\\r\\n"'), '--server', ts, '--scene', 'line-ends']);
    assert.equal(status, 0);
    assert.match(stdout, /\n→ theirs is better\n/);
  });
  phpTest('is no reason for another exit status where server.ts is wrong in its own way', async (t) => {
    const ts = await faulty(t, /leave\(socket, 9, error\)/, 'leave(socket, 9)');
    const { status, stdout } = compare([await otherPhp(t, /PHP_EOL/g, '"\\r\\n"'), '--server', ts, '--scene', 'no-key']);
    assert.equal(status, 0);
    assert.match(stdout, /\n→ wrong: server\.ts: expected 400/);
  });
  phpTest('whose codec goes by dechex shows the departure that is for such ones', async (t) => {
    const path = await otherPhp(t, 'return "\\x81" . chr($length) . $message;',
      '$hex = ""; foreach (str_split($message) as $byte) $hex .= dechex(ord($byte));\n' +
      'return pack("H*", "81" . sprintf("%02x", $length) . $hex);');
    const { status, stdout } = compare([path, '--scene', 'low-bytes', '--scene', 'chinese']);
    assert.equal(status, 0, stdout);
    assert.match(stdout, /ours is better: 7e/);
  });
});

const fact = (en: string): Outcome => ({ facts: [{ en, zh: en }], transcript: [], console: [], log: [] });

test('a departure of the article\'s that does not show is told', () => {
  const one = scene('one', '6e', { en: '', zh: '' }, ['LF'], ['CRLF'], async () => {}), php = { isArticles: true } as Launch;
  const judged = (left: string, right: string, program = php): string[] => {
    const result = judge(one, fact(left), fact(right), program);
    return [result.verdict, result.why?.en ?? '', ...unseenOf([result], false)];
  };
  assert.deepEqual(judged('LF', 'CRLF'), ['better', '']);
  assert.deepEqual(judged('CR', 'CRLF'), ['different', 'PHP: expected LF', '6e']);
  assert.deepEqual(judged('CRLF', 'CRLF'), ['same', 'PHP: expected LF', '6e']);
  assert.deepEqual(judged('LF', 'LF'), ['wrong', 'server.ts: expected CRLF', '6e']);
});

test('what a chat says is neither the same as no answer, nor worse', () => {
  const one = scene('one', null, { en: '', zh: '' }, [], ['no answer'], async () => {}), php = { isArticles: false } as Launch;
  const judged = (left: string): string => judge(one, fact(left), fact('no answer'), php).verdict;
  assert.deepEqual(['no answer', 'messages only', 'the server ends'].map(judged), ['same', 'none', 'ours']);
});

test('a scene without end is given up; of a server that is only slow nothing is said', async () => {
  const ts: Launch = {
    name: 'server.ts', command: process.execPath, folder: TOP, file: join(TOP, 'server.ts'),
    args: (port) => [...TYPESCRIPT, 'server.ts', '--port', String(port)],
  };
  let late = (): void => {};
  const one = scene('one', null, { en: '', zh: '' }, [], ['text "hello"'], async (stage) => {
    await new Promise<void>((resolve) => { late = resolve; });
    await stage.client();
  });
  const outcome = await play(one, ts, [], 100);
  late();
  assert.deepEqual(outcome.facts, [LATE]);
  assert.equal(judge(one, outcome, fact('text "hello"'), { ...ts, isArticles: false }).verdict, 'none');
});
