/** What README claims can be checked: files, flags and lines that it names are there, and the two languages are alike. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { parseOptions } from '../lib/program/options.ts';

const top = new URL('..', import.meta.url);
const read = (name: string): string => readFileSync(new URL(name, top), 'utf8');
const texts = { 'README.md': read('README.md'), 'README.zh-CN.md': read('README.zh-CN.md') };
const server = read('server.ts');

/** The cells of each table's lines. A pipe inside of a cell is written \|. */
function tablesOf(text: string): string[][] {
  return text.split('\n').filter((line) => line.startsWith('|'))
    .map((line) => line.split(/(?<!\\)\|/).slice(1, -1).map((cell) => cell.trim().replaceAll('\\|', '|')));
}

function codeOf(text: string): string[] {
  return [...text.matchAll(/(`+)(.+?)\1/g)].map(([, , code]) => code!);
}

for (const [name, text] of Object.entries(texts)) {
  describe(name, () => {
    test('names files that are there', () => {
      const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, path]) => path!);
      assert.deepEqual(links.filter((path) => !existsSync(new URL(path, top))), []);
    });
    test('has the flags that --help has', () => {
      const help = parseOptions(['--help']);
      assert.ok(typeof help === 'string');
      const listed = [...help.matchAll(/^  (--[a-z-]+)/gm)].map(([, flag]) => flag!);
      const rows = tablesOf(text).map(([first = '']) => first).filter((cell) => /^`--[a-z-]+`$/.test(cell));
      assert.deepEqual(rows.map((cell) => cell.slice(1, -1)).sort(), listed.sort());
    });
    test('shows nginx.conf as it is tested', () => {
      const shown = [...text.matchAll(/^```nginx\n([^]*?)^```/gm)].map(([, code]) => code);
      assert.deepEqual(shown, [read('tests/clients/nginx.conf')]);
    });
    test('shows lines of server.ts as they are there', () => {
      const rows = tablesOf(text);
      const start = rows.findIndex((cells) => cells[2] === 'server.ts');
      const end = rows.findIndex((cells, i) => i > start && cells.length !== 3);
      const shown = rows.slice(start + 2, end).flatMap((cells) => codeOf(cells[2]!));
      assert.ok(shown.length > 30);
      const known = ['leave', 'getRequest', 'HttpError', 'catch (error)', 'leave(socket, 5);'];
      assert.deepEqual(shown.filter((code) => !known.includes(code) && !server.includes(code)), []);
    });
  });
}

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
