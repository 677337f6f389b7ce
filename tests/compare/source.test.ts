/** PHP's statements stand beside their counterparts in server.ts, and nothing of either is lost, doubled or moved. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { textOf } from './highlight.ts';
import { type Pair, pairs } from './source.ts';
import { ARTICLE, linesIn, SERVER, SOURCES, written } from './source_samples.ts';

const noArticle = ARTICLE === undefined && 'the article is missing: ../shared/article.md';

function withoutIndent(lines: string[]): string[] {
  const indents = lines.filter((line) => !line.startsWith('<?')).map((line) => /^\s*/.exec(line)![0].length);
  const shortest = Math.min(...indents);
  return lines.map((line) => line.startsWith('<?') ? line : line.slice(shortest));
}

/** A column from top to bottom. An empty line of a heredoc is shown, those between statements are not. */
function column(all: Pair[], side: 'php' | 'ts'): string[] {
  return written(all.flatMap((pair) => pair[side])).filter((line) => line.trim() !== '');
}

for (const [name, php] of Object.entries(SOURCES)) {
  describe(`pairs(): ${name} beside server.ts`, () => {
    const all = pairs(php, SERVER);

    test('each column is its file, line by line', () => {
      assert.deepEqual(column(all, 'php'), withoutIndent(linesIn(php)));
      assert.deepEqual(column(all, 'ts'), linesIn(SERVER));
    });

    test('the parts begin in the order of server.ts, with the sentences of its list', () => {
      const numbers = [...SERVER.matchAll(/^ *\/\/ (\d+)(?:  |$)/gm)].map(([, number]) => number!);
      assert.ok(new Set(numbers).size >= 9);
      const parts = all.flatMap(({ heading }) => heading ?? []);
      assert.deepEqual(parts.map((part) => part.name), ['', ...numbers, 'leave']);
      for (const { name, title } of parts.slice(1, -1)) assert.ok(SERVER.includes(` * ${name.padStart(3)}  ${title}\n`), title);
      assert.match(parts.at(-1)!.title, /^called by \d+(?:, \d+)+$/);
    });
  });
}

/** The PHP of all pairs that stands alone: its code, without comments and closing braces. */
function alone(all: Pair[]): string[] {
  return all.filter(({ ts, quote }) => ts.length + (quote?.lines.length ?? 0) === 0)
    .flatMap(({ php }) => php.filter(({ comment }) => !comment)).map((line) => textOf(line).trim())
    .filter((text) => !/^[\s{})\];]*$/.test(text));
}

describe('pairs(): every PHP statement has a counterpart, but for these', () => {
  // Both arrays are empty where nothing is active; frames may have come with the request, so step 7 is no else
  const none = ['if (!$selectResult) continue;', '} else {'];

  test('of the article', { skip: noArticle }, () => assert.deepEqual(alone(pairs(ARTICLE!, SERVER)), none));

  test('of select_server.php', { skip: SOURCES['select_server.php'] === undefined && 'it is not there' }, () => {
    assert.deepEqual(alone(pairs(SOURCES['select_server.php']!, SERVER)), none);
  });
});

describe('pairs(): what stands beside what', () => {
  test('what PHP does in place is beside the function that does it here, quoted', { skip: noArticle }, () => {
    const quotes = pairs(ARTICLE!, SERVER).filter(({ quote }) => quote !== undefined);
    const [, body] = /^function leave\(.*\n([^]*?)^\}/m.exec(SERVER)!;
    assert.deepEqual(written(quotes.flatMap(({ quote }) => quote!.lines)), linesIn(body!));
    assert.ok(quotes.every(({ ts, quote }) => ts.length === 0 && quote!.from === 'leave'));
    assert.deepEqual(quotes.map(({ quote }) => quote!.begins), quotes.map((_, i) => i === 0));
    const numbers = quotes.flatMap(({ quote }) => quote!.lines).map(({ number }) => SERVER.split('\n')[number - 1]);
    assert.deepEqual(numbers, linesIn(body!));
  });

  test('step 1 begins behind the imports, and only the numbers of the list begin steps', () => {
    const list = '/**\n *   1  begin\n *   2  go on\n */\n';
    const ts = `${list}import a;\n\nb();\n// 1\nc();\n// 1024  bytes\nd();\n// 2\ne();\n`;
    const begins = pairs('', ts).filter(({ heading }) => heading !== undefined);
    assert.deepEqual(begins.map(({ heading, ts }) => [heading!.name, heading!.title, written(ts).at(-1)]),
      [['', 'the heads of the files', 'import a;'], ['1', 'begin', 'b();'], ['2', 'go on', 'e();']]);
  });
});
