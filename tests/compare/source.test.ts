/** PHP's statements stand beside their counterparts in server.ts, and nothing of either is lost, doubled or moved. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { randomOf } from '../helpers.ts';
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

/** The pair whose PHP has this text. */
function beside(all: Pair[], php: string): Pair {
  const found = all.filter((pair) => written(pair.php).join('\n').includes(php));
  assert.ok(found.length > 0, `no pair has ${php}`);
  return found[0]!;
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

    test('each step but 8 and 9 has PHP beside it', () => {
      const steps = new Set<string>();
      let part = '';
      for (const { heading, php, ts } of all) {
        part = heading?.name ?? part;
        if (php.length > 0 && ts.length > 0) steps.add(part);
      }
      for (const step of '1234567') assert.ok(steps.has(step), `step ${step} has nothing beside it`);
    });

    test('edits lose nothing, double nothing and move nothing', (t) => {
      const random = randomOf(t), trim = (line: string): string => line.trim();
      const edit = (code: string): string => {
        const lines = code.split('\n');
        for (let i = 0; i < 5; i++) {
          const at = random(lines.length), copied = lines[random(lines.length)]!;
          lines.splice(at, random(3), ...random(2) === 0 ? [] : [copied]);
        }
        return lines.join('\n');
      };
      for (let i = 0; i < 40; i++) {
        const left = edit(php), right = edit(SERVER), edited = pairs(left, right);
        assert.deepEqual(column(edited, 'php').map(trim), linesIn(left).map(trim));
        assert.deepEqual(column(edited, 'ts').map(trim), linesIn(right).map(trim));
      }
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

  test('of another hand\'s', () => {
    const own = alone(pairs(SOURCES['source_fixture.php']!, SERVER));
    const codec = own.indexOf('function unmask($data)');
    assert.deepEqual(own.slice(0, codec),
      ['error_reporting(E_ALL);', 'set_time_limit(0);', 'else', 'global $clients, $handshaken;']);
    assert.ok(own.slice(codec).includes('function mask($text)'));
  });
});

describe('pairs(): what stands beside what', () => {
  test('another hand\'s stand beside those that do the same', () => {
    const all = pairs(SOURCES['source_fixture.php']!, SERVER);
    for (const [php, ts] of [
      ['$host =', 'getOptions()'], ['$clients = array($master)', 'sockets[server.id] = server'],
      ['$handshaken = array()', 'const handShake'], ['socket_select(', 'socket_select('],
      ['$conn === $master', 'socket === server'], ['$new === false', 'socket_accept('],
      ['$clients[] = $new', 'sockets[client.id] = client'], ['socket_recv(', 'socket_read('],
      ['$bytes === 0', ' === \'\''], ['disconnect($conn);', 'leave(socket'],
      ['!in_array(', '!handShake['], ['preg_match(', 'getRequest('], ['sha1(', 'hash(\'sha1\''],
      ['Sec-WebSocket-Accept', 'Sec-WebSocket-Accept'], ['$handshaken[] =', 'handShake[socket.id] = socket'],
      ['= unmask(', 'getMsg('], ['= mask(', 'buildMsg('], ['strlen($frame)', 'socket_write('],
      ['function disconnect', 'function leave'], ['unset($clients', 'delete sockets['],
    ] as const) {
      const shown = written(beside(all, php).ts).join('\n');
      assert.ok(shown.includes(ts), `${php} stands beside ${shown}`);
    }
  });

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

  test('one more statement in server.ts stands alone and moves nothing else', () => {
    const php = SOURCES['source_fixture.php']!;
    const shape = (all: Pair[]): string[] => all.filter((pair) => pair.php.length > 0)
      .map((pair) => `${written(pair.php).join('\n')} ${written(pair.ts).join('\n')}`);
    const more = SERVER.replace('while (true) {', 'const moment = performance.now();\n$&')
      .replace(/^import .*\n/m, '$&// two\n// more\n');
    assert.notEqual(more, SERVER);
    assert.deepEqual(shape(pairs(php, more)).slice(1), shape(pairs(php, SERVER)).slice(1));
  });

  test('lines are counted from where the block begins in its file', () => {
    assert.deepEqual(pairs('\n$a = 1;', 'b();', 40)[0]!.php.map(({ number }) => number), [41]);
  });

  test('empty files have no pairs', () => assert.deepEqual(pairs('', '\n'), []));
});
