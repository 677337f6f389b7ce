/** Any PHP's statements stand beside their counterparts in server.ts; README's table proves it of select_server.php. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { folder, TOP } from '../helpers.ts';
import { columnsOf } from '../columns.ts';
import { blockOf, OUR_PHP } from './php.ts';
import { compare } from './run_compare.ts';
import { type Line, pairs } from './source.ts';
import { escape, titlesOf, toColumns, toHtml } from './source_view.ts';

const SERVER = readFileSync(join(TOP, 'server.ts'), 'utf8');
const ARTICLE = join(TOP, '../shared/article.md');

/** Another hand's loop: other names, other calls, another layout; also what a terminal and a page must not obey. */
const OTHERS = `<?php
$master = stream_socket_server("tcp://0.0.0.0:9000", $errno, $err);
$all = array($master); $hand_shaken = array();
for (;;)
{
  $reads = $all;
  stream_select($reads, $none, $none, NULL);
  foreach ($reads as $one)
  {
    if ($one === $master)
    {
      $fresh = stream_socket_accept($master);
      $all[] = $fresh;
    }
    $data = fread($one, 2048);
    if (strlen($data) == 0) { unset($all[(int) $one]); fclose($one); continue; }
    if (empty($hand_shaken[(int) $one]))
    {
      preg_match('/Sec-WebSocket-Key: (.*)\\r\\n/', $data, $found);
      $accept = base64_encode(sha1($found[1] . $guid, true));
      fwrite($one, "HTTP/1.1 101\\r\\n");
    }
    $text = decode($data);
    echo "\x1b[31m</code><script>alert(1)</script>"; // <b>\u202e
    fwrite($one, encode($text));
  }
}
`;

/** A class: its methods stand in another order than the steps, and it asks for the handshake before the end. */
const CLASSY = `<?php
class Chat {
  private $clients = [];
  /* closes
     it */
  function drop($one) {
    unset($this->clients[(int) $one]);
    socket_close($one);
  }
  function unmask($data) {
    if (strlen($data) < 6) return '';
    else return substr($data, 6);
  }
  function __construct($port) {
    $this->server = socket_create(AF_INET, SOCK_STREAM, SOL_TCP);
    socket_bind($this->server, '127.0.0.1', $port) or die('socket_select() comes later');
  }
  function run() {
    do {
      $ready = $this->clients;
      socket_select($ready, $none, $none, null);
      foreach ($ready as $one) {
        if ($one == $this->server) {
          $this->clients[] = socket_accept($one);
        } else {
          $size = socket_recv($one, $data, 2048, 0);
          if (!isset($this->hands[(int) $one])) {
            $this->shake($one, $data);
          }
          else if ($size === 0) {
            $this->drop($one);
          }
          else {
            $text = $this->unmask($data);
          }
        }
      }
    } while (true);
  }
  function shake($one, $data) {
    if ($data === '') $this->drop($one);
    $accept = sha1($data);
    $answer = "HTTP/1.1 101\\r\\n" .
      "Upgrade: websocket\\r\\n" .
      "Sec-WebSocket-Accept: $accept\\r\\n";
    socket_write($one, $answer);
  }
}
$chat = new Chat(8080);
$chat->run();
`;

const linesOf = (code: string): string[] => code.split('\n').filter((line) => line.trim() !== '');
const textOf = (lines: Line[]): string => lines.map(({ text }) => text).join('\n');

/** The step, the PHP and our code of the row that has this in it; the heads are none. */
function rowWith(php: string, part: string): [step: string, php: string, ts: string] {
  let step = '';
  const rows = pairs(php, SERVER).map(({ heading, code }) => [step = heading ?? step, ...code.map(textOf)] as [string, string, string]);
  return rows.slice(1).find((row) => row.some((cell) => cell.includes(part)))!;
}

test('--source: both files are whole, each line once; PHP that has the order of the steps keeps it', () => {
  const article = existsSync(ARTICLE) ? [blockOf(ARTICLE).code] : [], ours = readFileSync(OUR_PHP, 'utf8');
  for (const php of [ours, OTHERS, CLASSY, ...article]) {
    const rows = pairs(php, SERVER);
    for (const [side, code] of [php, SERVER].entries()) {
      const lines = rows.flatMap((row) => [...row.comments[side]!, ...row.code[side]!]);
      const sorted = lines.toSorted((a, b) => a.number - b.number);
      assert.deepEqual(sorted.map(({ text }) => text.replace('┊ ', '')), linesOf(code));
      if ([ours, ...article].includes(code)) assert.deepEqual(lines, sorted);
    }
  }
});

test('--source: several statements for one stand in its row, on either side', () => {
  const php = readFileSync(OUR_PHP, 'utf8');
  for (const part of ['$tempSelectRead = ', '$tempSelectWrite = ', '$selectResult = ']) {
    assert.ok(rowWith(php, part)[2].includes('socket_select('), part);
  }
  assert.ok(rowWith(php, 'if ($client)')[2].includes('socket_accept('));
  for (const part of ['HTTP/1.1 101', "'Upgrade: ", "'Connection: ", 'Accept: $']) {
    assert.ok(rowWith(CLASSY, part)[1].includes('$answer ='), part);
  }
});

test('--source: the head of a function stands beside no other statement', () => {
  const php = "<?php\n$d = socket_read($s, 9);\nif ($d === '') {\n  log('socket error: step unknown');\n  socket_close($s);\n}\n";
  assert.deepEqual(rowWith(php, 'function leave(').slice(0, 2), ['5', '']);
});

test('--source: an else stands beside the branch that does the same, whatever that is called', () => {
  const php = readFileSync(OUR_PHP, 'utf8');
  assert.ok(rowWith(php, 'else if (inbox) try')[1].includes('} else {'));
  assert.ok(rowWith(php, 'elseif (!in_array')[2].includes('if (!handShake['));
  assert.match(rowWith(php, ' if (handShake[socket.id]) {')[1], /^ *} else {$/);
});

test('--source: methods stand where they are called, branches at their step, and what lib has at the end', () => {
  for (const [step, php, ts] of [
    ['1', 'socket_create(', 'socket_create('], ['1', 'new Chat', ''], ['2', 'do {', 'while (true)'], ['2', 'foreach', 'limits.turns('],
    ['3', '$one == $this->server', 'socket === server'], ['3', 'socket_accept(', 'socket_accept('], ['4', '        } else {', 'else if (inbox)'],
    ['5', '$size === 0', "buff === ''"], ['5', '┊     socket_close(', '┊   socket_close('], ['6', '!isset(', '!handShake['],
    ['6', "if ($data === '')", ''],
    ['6', '┊     $accept =', "hash('sha1'"], ['6', 'Upgrade: websocket', "'Upgrade: websocket"], ['6', '┊     socket_write(', 'socket_write('],
    ['7', '$this->unmask(', 'getMsg('], ['unmask()', 'substr(', ''],
  ] as const) {
    const [found, , right] = rowWith(CLASSY, php);
    assert.ok(found === step && (ts === '' ? right === '' : right.includes(ts)), `${php} beside ${ts}: ${found}, ${right}`);
  }
});

test('--source: another hand\'s PHP has its statements beside the steps of server.ts that do the same', () => {
  for (const [number, php, ts] of [
    [1, 'stream_socket_server(', 'socket_create('], [2, 'stream_select(', 'socket_select('],
    [3, '$one === $master', 'socket === server'], [3, 'stream_socket_accept(', 'socket_accept('],
    [4, 'fread(', 'socket_read('], [5, 'fclose(', 'socket_close('],
    [6, 'empty($hand_shaken', '!handShake['], [6, 'Sec-WebSocket-Key', 'getRequest('], [6, 'sha1(', "hash('sha1'"],
    [6, 'fwrite($one, "HTTP', 'HTTP/1.1 101'], [7, 'decode(', 'getMsg('], [7, 'echo', 'var_dump('],
    [7, 'encode($text)', 'buildMsg('],
  ] as const) {
    const [found, , right] = rowWith(OTHERS, php);
    assert.ok(found === `${number}` && right.includes(ts), `${php} beside ${ts}: ${found}, ${right}`);
  }
});

test('--source and --html FILE: in columns or as a page with links to its parts, and harmless', async (t) => {
  const top = await folder(t), php = join(top, 'other.php'), page = join(top, 'page.html');
  await writeFile(php, OTHERS);
  const pages = { php: 'other.php', ts: 'server.ts', language: 'en', titles: titlesOf(SERVER, 'en') } as const;
  for (const width of [80, 121]) {
    const { status, stdout } = compare(['--source', php], { COLUMNS: `${width}` });
    assert.equal(status, 0);
    assert.deepEqual(stdout.split('\n').filter((line) => columnsOf(line) > width), []);
    assert.doesNotMatch(stdout, /[\x00-\x09\x0b-\x1f\x7f\u202e]/);
    const coloured = toColumns(pairs(OTHERS, SERVER), pages, width, true);
    assert.equal(`${stripVTControlCharacters(coloured)}\n`, stdout);
    assert.match(coloured, /\x1b\[32m"\\x1b[^]*\x1b\[2m\/\//);
  }
  assert.deepEqual(compare(['--html', page, php]), { status: 0, stdout: '', stderr: '' });
  const html = await readFile(page, 'utf8');
  assert.match(html, /^<!doctype html>[^]*<\/html>\n$/);
  assert.doesNotMatch(html, /<script|<b>|src=|href="[^#]|url\(/);
  assert.match(html, /echo <span class="string">.*<span class="comment">\/\/ &lt;b>/);
  const text = html.match(/(?<=<code[^>]*>).*?(?=<\/code>)/gs)!.join('\n').replace(/<[^>]*>/g, '');
  assert.deepEqual(linesOf(OTHERS + SERVER).filter((line) => !text.includes(escape(line))), []);
});

test('--source: the page links to the steps in order, then to the functions', () => {
  const html = toHtml(pairs(CLASSY, SERVER), { php: 'a.php', ts: 'server.ts', language: 'en', titles: {} });
  const links = Array.from(html.matchAll(/<a href="#(.*?)">(.*?)</g), ([, part, name]) => [name!, html.includes(` id="${part}">${name}<`)]);
  assert.deepEqual(links, [...Array.from({ length: 11 }, (_, i) => `${i + 1}`), 'unmask()'].map((name) => [name, true]));
});

test('--source: a row without a counterpart says so where the other code would stand, also in Chinese', () => {
  const rows = pairs('<?php\nsocket_bind($a, $b);\necho_nothing();\n', SERVER);
  for (const [language, ...words] of [
    ['en', 'not in a&b.php', 'not in server.ts', '1  create a socket'], ['zh', 'a&b.php 中没有', 'server.ts 中没有', '1  创建套接字'],
  ] as const) {
    const pages = { php: 'a&b.php', ts: 'server.ts', language, titles: titlesOf(SERVER, language) };
    for (const shown of [toColumns(rows, pages, 100, false), toHtml(rows, pages).replaceAll('&amp;', '&')]) {
      for (const word of words) assert.ok(shown.includes(word), word);
    }
    const lines = toColumns(rows, pages, 100, false).split('\n');
    const besideOf = (code: string): string => lines.find((line) => line.includes(code))!.replace(code, '').replace(/[ │\d]/g, '');
    assert.equal(besideOf('echo_nothing();'), `—${words[1].replaceAll(' ', '')}`);
    assert.equal(besideOf('const handShake: Socket[] = [];'), '—');
    assert.equal(besideOf('socket_bind($a, $b);'), 'socket_bind(server,address,port);');
  }
});

test('--source --chinese: on the terminal and as a page', async (t) => {
  const page = join(await folder(t), 'page.html');
  for (const step of Object.values(titlesOf(SERVER, 'zh'))) assert.match(step, /^\p{Script=Han}/u);
  assert.deepEqual(Object.keys(titlesOf(SERVER, 'zh')), Object.keys(titlesOf(SERVER, 'en')));
  assert.match(compare(['--source', '--chinese']).stdout, /^select_server\.php 与 server\.ts 对照\n\n并排的/);
  assert.equal(compare(['--html', page, '--chinese']).status, 0);
  assert.match(await readFile(page, 'utf8'), /<html lang="zh-CN">[^]*<p>并排的/);
});
