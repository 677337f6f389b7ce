/** The comparison itself: does it find what it is there to find? */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { folder, type Ended, TYPESCRIPT } from '../helpers.ts';
import { missing } from '../clients/installed.ts';
import { DEPARTURES } from './departures.ts';
import type { Language } from './facts.ts';
import { OUR_PHP } from './php.ts';
import { type Result, unseenRows } from './outcome.ts';
import { toMarkdown } from './table.ts';
import { columnsOf } from '../columns.ts';

const TOP = fileURLToPath(new URL('../..', import.meta.url));
const READMES: Record<Language, string> = { en: 'README.md', zh: 'README.zh-CN.md' };
/** Milliseconds. A whole run has to end in two minutes. */
const MINUTES = { timeout: 120_000 };

function hasPhp(t: TestContext): boolean {
  const isThere = spawnSync('php', ['-r', 'exit(extension_loaded("sockets") ? 0 : 1);']).status === 0;
  if (!isThere) missing(t, 'PHP with its sockets', 'apt-get install php-cli');
  return isThere;
}

function compare(args: string[], env: Record<string, string> = {}): Ended {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...TYPESCRIPT, 'tests/compare/compare.ts', ...args], {
    cwd: TOP, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, env: { ...process.env, COLUMNS: '100', ...env },
  });
  return { status, stdout, stderr };
}

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

describe('a whole run', () => {
  test('is as the departures say, and README shows it', MINUTES, async (t) => {
    if (!hasPhp(t)) return;
    const { status, stdout, stderr } = compare(['--json']);
    const { scenes, unseen } = JSON.parse(stdout) as { scenes: (Result & Result['scene'])[]; unseen: string[] };
    assert.deepEqual([stderr, unseen, status], ['', [], 0]);
    const results = scenes.map((one) => ({ ...one, scene: { name: one.name, shows: one.shows } as Result['scene'] }));
    for (const [language, name] of Object.entries(READMES) as [Language, string][]) {
      const text = await readFile(join(TOP, name), 'utf8');
      assert.ok(text.includes(`\n${toMarkdown(results, language)}\n`),
        `${name} does not show what --markdown prints:\n${toMarkdown(results, language)}`);
    }
  });

  test('README shows one scene as it is played', MINUTES, async (t) => {
    if (!hasPhp(t)) return;
    for (const [language, name] of Object.entries(READMES)) {
      const { status, stdout } = compare(['--scene', 'request-in-two', ...(language === 'zh' ? ['--chinese'] : [])]);
      assert.equal(status, 0);
      const text = await readFile(join(TOP, name), 'utf8');
      assert.ok(text.includes(`\`\`\`text\n${stdout}\`\`\`\n`), `${name} does not show:\n${stdout}`);
    }
  });
});

test('README numbers the departures as the comparison does', async () => {
  for (const name of Object.values(READMES)) {
    const text = await readFile(join(TOP, name), 'utf8');
    const ids = [...text.matchAll(/^\| (\d+[a-z]) \|/gm)].map(([, id]) => id);
    assert.deepEqual(ids, DEPARTURES.map(({ id }) => id));
  }
});

test('a departure without a scene is missed when all scenes were played, and not when one was', () => {
  const playable = DEPARTURES.filter(({ kind }) => kind === 'differs' || kind === 'same').map(({ id }) => id);
  assert.deepEqual(unseenRows([], true), playable);
  assert.deepEqual(unseenRows([], false), []);
});

test('the left page refers to departures that there are', async () => {
  const text = await readFile(OUR_PHP, 'utf8');
  const ids = [...text.matchAll(/\(((?:\d+[a-z](?:, | to )?)+)\)/g)].flatMap(([, list]) => list!.split(/, | to /));
  assert.ok(ids.length > 10);
  assert.deepEqual(ids.filter((one) => !DEPARTURES.some(({ id }) => id === one)), []);
});

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
    test(`that ${what} is found by the scene ${scene}`, MINUTES, async (t) => {
      if (!hasPhp(t)) return;
      const { status, stdout, stderr } = compare(['--server', await faulty(t, fault), '--scene', scene, '--scene', 'size-125']);
      assert.equal(status, 1, stdout);
      assert.match(stderr, new RegExp(`Not as the departures table says: ${scene}[,.]`));
    });
  }
});

describe('another PHP server', () => {
  test('that ends its lines in CRLF makes the row not show', MINUTES, async (t) => {
    if (!hasPhp(t)) return;
    const { status, stderr } = compare([await otherPhp(t, /PHP_EOL/g, '"\\r\\n"'), '--scene', 'line-ends']);
    assert.equal(status, 1);
    assert.match(stderr, /line-ends/);
    assert.match(stderr, /Rows that did not show: 6e\./);
  });
  test('whose codec goes by dechex shows the row that is for such ones', MINUTES, async (t) => {
    if (!hasPhp(t)) return;
    const path = await otherPhp(t, 'return "\\x81" . chr($length) . $message;',
      '$hex = ""; foreach (str_split($message) as $byte) $hex .= dechex(ord($byte));\n' +
      'return pack("H*", "81" . sprintf("%02x", $length) . $hex);');
    const { status, stdout } = compare([path, '--scene', 'low-bytes', '--scene', 'chinese']);
    assert.equal(status, 0, stdout);
    assert.match(stdout, /better: 7e/);
  });
  test('that does something new is named, with its scene', MINUTES, async (t) => {
    if (!hasPhp(t)) return;
    const { status, stderr } = compare([await otherPhp(t, '$message = getMsg($buff)', '$message = str_replace("hello", "bye", getMsg($buff))'), '--scene', 'hello']);
    assert.equal(status, 1);
    assert.match(stderr, /Not as the departures table says: hello\./);
  });
  test('the article itself is played from its Markdown', MINUTES, (t) => {
    const article = fileURLToPath(new URL('../../../shared/article.md', import.meta.url));
    if (!hasPhp(t)) return;
    if (!existsSync(article)) return t.skip('the article is not here: it is not part of this project');
    const { status, stderr } = compare([article, '--scene', 'curl', '--scene', 'no-key', '--scene', 'two-in-one']);
    assert.deepEqual([status, stderr], [0, '']);
  });
});

describe('--source', () => {
  test('prints the two loops in two columns', () => {
    const { status, stdout } = compare(['--source'], { COLUMNS: '160' });
    assert.equal(status, 0);
    assert.match(stdout, /\$client = socket_accept\(\$socket\);.*│.*client = socket_accept\(socket\)/);
    assert.deepEqual(stdout.split('\n').filter((line) => columnsOf(line) > 160), []);
  });
  test('--html writes a page of its own', async (t) => {
    const path = join(await folder(t), 'page.html');
    assert.deepEqual(compare(['--source', OUR_PHP, '--html', path]), { status: 0, stdout: '', stderr: '' });
    assert.match(await readFile(path, 'utf8'), /^<!doctype html>[^]*<\/html>\n$/i);
  });
  test('--html without --source, or to where nothing can be written, is one line and exit status 2', () => {
    for (const args of [['--html', 'x'], ['--source', '--html', '/nowhere/x']]) {
      const { status, stderr } = compare(args);
      assert.equal(status, 2);
      assert.match(stderr, /^compare: .*\n$/);
    }
  });
});

describe('what cannot be played is one line and exit status 2:', () => {
  const refused = async (args: string[], line: RegExp, env?: Record<string, string>): Promise<void> => {
    const { status, stdout, stderr } = compare(args, env);
    assert.match(stderr, line);
    assert.equal(stderr.trim().split('\n').length, 1);
    assert.deepEqual([status, stdout], [2, '']);
  };
  const file = async (t: TestContext, name: string, text: string): Promise<string> => {
    const path = join(await folder(t), name);
    await writeFile(path, text);
    return path;
  };

  test('no such file', () => refused(['/nowhere.php'], /^compare: Cannot read \/nowhere\.php: ENOENT/));
  test('Markdown without PHP', async (t) => {
    if (hasPhp(t)) await refused([await file(t, 'a.md', '# nothing\n')], /has no PHP/);
  });
  test('PHP that does not parse', async (t) => {
    if (hasPhp(t)) await refused([await file(t, 'a.php', '<?php $port = 1; (')], /^compare: PHP does not start: .*Parse error/);
  });
  test('PHP that prints without end', MINUTES, async (t) => {
    if (hasPhp(t)) await refused([await file(t, 'a.php', '<?php $port = 1; while (true) echo "no end ";')], /does not start: .{1,200}\n$/);
  });
  test('a server.ts that does not parse, by its error and not by the place', async (t) => {
    if (hasPhp(t)) await refused(['--server', await file(t, 'a.ts', 'const a: = 1;')], /^compare: server\.ts does not start: .*Error.{0,200}\n$/);
  });
  test('no PHP', async (t) => {
    const empty = join(await folder(t), 'empty');
    await mkdir(empty);
    await refused([], /^compare: PHP is missing: install it/, { PATH: empty });
  });
  test('an unknown scene', () => refused(['--scene', 'nothing'], /there is no scene 'nothing'/));
  test('an unknown flag', () => refused(['--nothing'], /--help lists all/));
});
