/** The comparison as README shows it, and its command line. */
import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { folder } from '../helpers.ts';
import { DEPARTURES } from './departures.ts';
import { OUR_PHP } from './php.ts';
import { unseenRows } from './outcome.ts';
import { compare, phpTest, READMES, TOP } from './run_compare.ts';
import { columnsOf } from '../columns.ts';


phpTest('README shows one scene as it is played', async () => {
  for (const [language, name] of Object.entries(READMES)) {
    const { status, stdout } = compare(['--scene', 'request-in-two', ...(language === 'zh' ? ['--chinese'] : [])]);
    assert.equal(status, 0);
    const text = await readFile(join(TOP, name), 'utf8');
    assert.ok(text.includes(`\`\`\`text\n${stdout}\`\`\`\n`), `${name} does not show:\n${stdout}`);
  }
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
  phpTest('Markdown without PHP', async (t) => refused([await file(t, 'a.md', '# nothing\n')], /has no PHP/));
  phpTest('PHP that does not parse', async (t) => refused([await file(t, 'a.php', '<?php $port = 1; (')], /^compare: PHP does not start: .*Parse error/));
  phpTest('PHP that prints without end', async (t) => refused([await file(t, 'a.php', '<?php $port = 1; while (true) echo "no end ";')], /does not start: .{1,200}\n$/));
  phpTest('a server.ts that does not parse, by its error and not by the place', async (t) => refused(['--server', await file(t, 'a.ts', 'const a: = 1;')], /^compare: server\.ts does not start: .*Error.{0,200}\n$/));
  test('no PHP', async (t) => {
    const empty = join(await folder(t), 'empty');
    await mkdir(empty);
    await refused([], /^compare: PHP is missing: install it/, { PATH: empty });
  });
  test('an unknown scene', () => refused(['--scene', 'nothing'], /there is no scene 'nothing'/));
  test('an unknown flag', () => refused(['--nothing'], /--help lists all/));
});
