/** What README claims can be checked: what it shows of the source, files that it names, and that the two languages are alike. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { staleParts } from './readme/readme.ts';

const top = new URL('..', import.meta.url);
const read = (name: string): string => readFileSync(new URL(name, top), 'utf8');
const texts = { 'README.md': read('README.md'), 'README.zh-CN.md': read('README.zh-CN.md') };

/** The cells of each table's lines. A pipe inside of a cell is written \|. */
function tablesOf(text: string): string[][] {
  return text.split('\n').filter((line) => line.startsWith('|'))
    .map((line) => line.split(/(?<!\\)\|/).slice(1, -1).map((cell) => cell.trim().replaceAll('\\|', '|')));
}

for (const [name, text] of Object.entries(texts)) {
  test(`${name} names files that are there`, () => {
    const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, path]) => path!);
    assert.deepEqual(links.filter((path) => !existsSync(new URL(path, top))), []);
  });
}

test('what it shows of the source is as `npx tsx tests/readme/readme.ts` makes it', async () => {
  assert.deepEqual(await staleParts(), []);
});

test('the two languages have the same headings, code and tables', () => {
  const [english, chinese] = Object.values(texts);
  const shapeOf = (text: string): unknown => [
    [...text.matchAll(/^#+ /gm)].map(([level]) => level),
    tablesOf(text).map((cells) => cells.length),
    // What a program prints in its reader's own language stands in a block of text
    [...text.matchAll(/^```(\w*)\n([^]*?)^```/gm)].map(([, language, code]) => [language, language === 'text' ? '' : code]),
  ];
  assert.deepEqual(shapeOf(chinese!), shapeOf(english!));
});
