/** The comparison as README.md beside it shows it, and its command line. */
import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { folder, READMES } from '../helpers.ts';
import { DEPARTURES } from './departures.ts';
import { OUR_PHP } from './php.ts';
import { compare, phpTest } from './run_compare.ts';

const read = (name: string): Promise<string> => readFile(new URL(name, import.meta.url), 'utf8');

phpTest('README shows one scene as it is played', async () => {
  for (const [language, name] of Object.entries(READMES)) {
    const { status, stdout } = compare(['--scene', 'request-in-two', ...(language === 'zh' ? ['--chinese'] : [])]);
    assert.equal(status, 0);
    const text = await read(name);
    assert.ok(text.includes(`\`\`\`text\n${stdout}\`\`\`\n`), `${name} does not show:\n${stdout}`);
  }
});

test('README has a section for each departure: its title, what one sees, why, what is done here, what it teaches', async () => {
  for (const language of ['en', 'zh'] as const) {
    const sections = (await read(READMES[language])).split(/^(?=##)/m).filter((text) => text.startsWith('### <a id='));
    assert.deepEqual(sections.map((text) => text.split('\n')[0]), DEPARTURES.map(({ id, title }) => {
      return `### <a id="${id}"></a>${id} · ${title[language]}`;
    }));
    const labels = { en: ['You see: ', 'Why: ', 'Here: '], zh: ['现象：', '原因：', '这里：'] }[language];
    for (const text of sections) {
      const items = [...text.matchAll(/^(?:- (.*?(?:: |：))|> (?=.))/gm)].map(([, label]) => label ?? '>');
      assert.deepEqual(items, [...labels, '>'], text);
    }
  }
});

test('the left page refers to departures that there are', async () => {
  const text = await readFile(OUR_PHP, 'utf8');
  const ids = [...text.matchAll(/\(((?:\d+[a-z](?:, | to )?)+)\)/g)].flatMap(([, list]) => list!.split(/, | to /));
  assert.ok(ids.length > 10);
  assert.deepEqual(ids.filter((one) => !DEPARTURES.some(({ id }) => id === one)), []);
});

describe('what cannot be played is one line and exit status 2:', () => {
  const refused = async (args: string[], line: RegExp, env?: Record<string, string>): Promise<void> => {
    const { status, stdout, stderr } = compare(args, env);
    assert.match(stderr, line);
    assert.equal(stderr.trim().split('\n').length, 1);
    assert.deepEqual([status, stdout], [2, '']);
  };

  test('a wrong command line', async () => {
    for (const [args, line] of [
      [['/nowhere.php'], /^compare: Cannot read \/nowhere\.php\n/], [['--nothing'], /--help lists all/],
      [['--scene', 'nothing'], /no scene 'nothing': they are curl, /], [['--html', '/nowhere/x'], /cannot write/],
    ] as const) await refused([...args], line);
  });
  phpTest('a file without a PHP server', async (t) => {
    const path = join(await folder(t), 'a.md');
    for (const [text, line] of [
      ['# nothing\n', /has no PHP/], ['<?php echo 1;', /shows no port/],
      ['# last\n```php\n$port = 8081;\n```\n  ```php\n  echo 1;\n  ```\n', /shows no port/],
      ['<?php $port = 8081; while (true) echo "no end ";', /(?:does not start|names another\)): no end .{1,203}\n$/],
    ] as const) {
      await writeFile(path, text);
      await refused([path], line);
    }
  });
  test('no PHP', async (t) => {
    const empty = join(await folder(t), 'empty');
    await mkdir(empty);
    await refused([], /^compare: PHP is missing: install it/, { PATH: empty });
  });
});
