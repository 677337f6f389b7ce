/** The pairs in two columns of a terminal, and as a page: whole, harmless, and readable. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { pairs } from './source.ts';
import { toHtml } from './source_html.ts';
import { DARK, LIGHT } from './source_style.ts';
import { toColumns } from './source_terminal.ts';
import { SERVER, SOURCES } from './source_samples.ts';
import { columnsOf } from '../columns.ts';

const bare = (text: string): string => text.replace(/\s/g, '');

for (const [name, php] of Object.entries(SOURCES)) {
  const all = pairs(php, SERVER), look = { phpName: name, tsName: 'server.ts', colour: false };

  describe(`toColumns(): ${name}`, () => {
    for (const width of [80, 100, 119, 120, 161, 240]) {
      test(`no line is wider than ${width} columns, and the columns stand under each other`, () => {
        const lines = toColumns(all, { ...look, width }).split('\n');
        assert.deepEqual(lines.filter((line) => columnsOf(line) > width), []);
        const half = Math.floor((width - 3) / 2);
        const lefts = lines.filter((line) => line.includes('│')).map((line) => line.slice(0, line.indexOf('│')));
        assert.ok(lefts.length > 100);
        assert.deepEqual(lefts.filter((left) => columnsOf(left) !== half + 1), []);
      });
    }

    test('each column holds all of its file', () => {
      const [, ...lines] = toColumns(all, { ...look, width: 100 }).split('\n').filter((line) => line.includes('│'));
      const cells = lines.map((line) => line.split('│'));
      assert.equal(bare(cells.map(([left]) => left).join('')), bare(php));
      assert.equal(bare(cells.map(([, right]) => right!).filter((cell) => !cell.includes('┊')).join('')), bare(SERVER));
    });

    test('lines are numbered where there is room', () => {
      const at = SERVER.split('\n').findIndex((line) => line.startsWith('while (')) + 1;
      assert.match(toColumns(all, { ...look, width: 160 }), new RegExp(`│ +${at} while \\(.*\\) \\{`));
      assert.match(toColumns(all, { ...look, width: 100 }), /│ while \(.*\) \{/);
    });

    test('colours change nothing else, and there are none where none are asked for', () => {
      const plain = toColumns(all, { ...look, width: 140 });
      const coloured = toColumns(all, { ...look, width: 140, colour: true });
      assert.notEqual(coloured, plain);
      assert.deepEqual(coloured.split('\n').map((line) => stripVTControlCharacters(line).trimEnd()), plain.split('\n'));
      assert.doesNotMatch(plain, /\x1b/);
    });
  });

  describe(`toHtml(): ${name}`, () => {
    const page = toHtml(all, look);
    const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': '\'' };
    const text = (html: string): string => {
      return html.replace(/<[^>]*>/g, '').replace(/&(.*?);/g, (_, entity: string) => ENTITIES[entity]!);
    };
    const code = (className: RegExp): string[] => {
      const sides = page.split(/(?=<div class="(?:php|ts)[ "])/).filter((side) => className.test(side));
      return sides.flatMap((side) => [...side.matchAll(/<code[^>]*>(.*?)<\/code>/gs)].map(([, html]) => text(html!)));
    };

    test('each column, without tags, is its file', () => {
      assert.equal(bare(code(/^<div class="php"/).join('\n')), bare(php));
      assert.deepEqual(code(/^<div class="ts"/), SERVER.split('\n').filter((line) => line.trim() !== ''));
    });

    test('tags are closed in order', () => {
      const open: string[] = [];
      for (const [, end, tag] of page.slice(page.indexOf('<html')).matchAll(/<(\/?)([a-z]\w*)[^>]*>/g)) {
        if (['meta', 'link', 'wbr'].includes(tag!)) continue;
        if (end === '') open.push(tag!);
        else assert.equal(open.pop(), tag);
      }
      assert.deepEqual(open, []);
    });

    test('it asks for nothing, and runs nothing', () => {
      const tags = page.match(/<[a-z][^>]*>/g)!.join('\n') + page.match(/<style>[^]*?<\/style>/)![0];
      assert.doesNotMatch(tags, /<(?:script|img|iframe|object)|\bsrc=|\bon\w+=|url\(|@import|https?:/);
      assert.deepEqual([...tags.matchAll(/href="([^"#][^"]*)"/g)].map(([, to]) => to), ['data:,']);
    });

    test('each link leads to a part, each part has one', () => {
      const links = [...page.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id!);
      const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id!);
      assert.deepEqual(links, ids);
      assert.equal(new Set(ids).size, ids.length);
      for (const id of ['head', 'step-1', 'step-8', 'step-9', 'leave']) assert.ok(ids.includes(id), id);
    });
  });
}

describe('other people\'s PHP', () => {
  const look = { phpName: 'a.php', tsName: 'server.ts', colour: false, width: 80 };

  test('control characters do not reach the terminal', () => {
    const out = toColumns(pairs('$a = "\x1b[31m\x07";\n// \u202e\n', SERVER), { ...look, phpName: '\x1b[2J' });
    assert.doesNotMatch(out, /[\x00-\x09\x0b-\x1f\x7f\u202e]/);
    assert.ok(out.includes('$a = "\\x1b[31m\\x07";'));
  });

  test('markup in it is text on the page', () => {
    const php = '$a = "</code><script>alert(1)</script>"; // <b>';
    const page = toHtml(pairs(php, SERVER), { ...look, phpName: '<i>"\'.php' });
    assert.doesNotMatch(page, /<script|<b>|<i>/);
    assert.ok(page.includes('&lt;i&gt;&quot;&#39;.php'));
  });
});

describe('the page\'s colours', () => {
  const luminance = (colour: string): number => {
    const [r, g, b] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16) / 255)
      .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
  };
  for (const [name, { text, ground }] of Object.entries({ light: LIGHT, dark: DARK })) {
    test(`each is readable on each ground: ${name} (WCAG 2.2, 1.4.3: 4.5 to 1)`, () => {
      for (const [ink, colour] of Object.entries(text)) {
        for (const [under, behind] of Object.entries(ground)) {
          const [low, high] = [luminance(colour), luminance(behind)].sort((a, b) => a - b);
          const ratio = (high! + 0.05) / (low! + 0.05);
          assert.ok(ratio >= 4.5, `${ink} on ${under}: ${ratio.toFixed(2)}`);
        }
      }
    });
  }
});
