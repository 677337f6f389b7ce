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
import { escape, toColumns } from './source_view.ts';

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

const linesOf = (code: string): string[] => code.split('\n').filter((line) => line.trim() !== '');
const textsOf = (lines: Line[]): string[] => lines.map(({ text }) => text).filter((text) => !text.startsWith('┊'));

test('--source: both files are whole, each line once and in order', () => {
  const article = existsSync(ARTICLE) ? [blockOf(ARTICLE).code] : [];
  for (const php of [readFileSync(OUR_PHP, 'utf8'), OTHERS, ...article]) {
    const rows = pairs(php, SERVER);
    for (const [side, code] of [php, SERVER].entries()) {
      assert.deepEqual(textsOf(rows.flatMap((row) => [...row.comments[side]!, ...row.code[side]!])), linesOf(code));
    }
  }
});

test('--source: another hand\'s PHP has its statements beside the steps of server.ts that do the same', () => {
  let step = '';
  const beside = pairs(OTHERS, SERVER).map(({ heading, code }) => {
    step = heading?.split(' ')[0] ?? step;
    return [step, ...code.map((lines) => lines.map(({ text }) => text).join('\n'))];
  });
  for (const [number, php, ts] of [
    [1, 'stream_socket_server(', 'socket_create('], [2, 'stream_select(', 'socket_select('],
    [2, '$one === $master', 'socket === server'], [3, 'stream_socket_accept(', 'socket_accept('],
    [4, 'fread(', 'socket_read('], [5, 'fclose(', 'socket_close('],
    [5, 'empty($hand_shaken', '!handShake['], [6, 'Sec-WebSocket-Key', 'getRequest('], [6, 'sha1(', "hash('sha1'"],
    [6, 'fwrite($one, "HTTP', 'HTTP/1.1 101'], [7, 'decode(', 'getMsg('], [7, 'echo', 'var_dump('],
    [7, 'encode($text)', 'buildMsg('],
  ] as const) {
    const [found, , right] = beside.find(([, left]) => left!.includes(php))!;
    assert.ok(found === `${number}` && right!.includes(ts), `${php} beside ${ts}: ${found}, ${right}`);
  }
});

test('--source and --html FILE: in columns or as a page with links to its parts, and harmless', async (t) => {
  const top = await folder(t), php = join(top, 'other.php'), page = join(top, 'page.html');
  await writeFile(php, OTHERS);
  for (const width of [80, 121]) {
    const { status, stdout } = compare(['--source', php], { COLUMNS: `${width}` });
    assert.equal(status, 0);
    assert.deepEqual(stdout.split('\n').filter((line) => columnsOf(line) > width), []);
    assert.doesNotMatch(stdout, /[\x00-\x09\x0b-\x1f\x7f\u202e]/);
    const coloured = toColumns(pairs(OTHERS, SERVER), 'other.php', 'server.ts', width, true);
    assert.equal(`${stripVTControlCharacters(coloured)}\n`, stdout);
    assert.match(coloured, /\x1b\[32m"\\x1b[^]*\x1b\[2m\/\//);
  }
  assert.deepEqual(compare(['--html', page, php]), { status: 0, stdout: '', stderr: '' });
  const html = await readFile(page, 'utf8');
  assert.match(html, /^<!doctype html>[^]*<\/html>\n$/);
  assert.doesNotMatch(html, /<script|<b>|src=|href="[^#]|url\(/);
  const links = Array.from(html.matchAll(/<a href="#(.*?)">(.*?)</g), ([, part, name]) => ` id="${part}">${name}`);
  assert.deepEqual([links.length, links.filter((link) => !html.includes(link))], [12, []]);
  assert.match(html, /echo <span class="string">.*<span class="comment">\/\/ &lt;b>/);
  const text = html.match(/(?<=<code[^>]*>).*?(?=<\/code>)/gs)!.join('\n').replace(/<[^>]*>/g, '');
  assert.deepEqual(linesOf(OTHERS + SERVER).filter((line) => !text.includes(escape(line))), []);
});
