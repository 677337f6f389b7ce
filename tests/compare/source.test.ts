/** PHP's statements stand beside their counterparts in server.ts, and nothing of either is lost, doubled or moved. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { folder } from '../helpers.ts';
import { columnsOf } from '../columns.ts';
import { type Line, textOf } from './highlight.ts';
import { blockOf, OUR_PHP } from './php.ts';
import { compare, TOP } from './run_compare.ts';
import { pairs } from './source.ts';

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

/** Each with the PHP that nothing stands beside: it has no such call, or both arrays are empty where nothing is active. */
const FILES: [name: string, code: string, alone: string[]][] = [
  ['select_server.php', readFileSync(OUR_PHP, 'utf8'), ['if (!$selectResult) continue;', '} else {']],
];
if (existsSync(ARTICLE)) FILES.push(['article.md', blockOf(ARTICLE).code, ['if (!$selectResult) continue;', '} else {']]);

const lines = (code: string): string[] => code.split('\n').map((line) => line.trim()).filter((line) => line !== '');
const written = (all: Line[]): string[] => all.map(textOf).map((line) => line.trim()).filter((line) => line !== '');

for (const [name, php, none] of [...FILES, ['another hand\'s', OTHERS, null]] as const) {
  test(`--source: ${name} and server.ts are whole, each line once and in order`, () => {
    const all = pairs(php, SERVER);
    assert.deepEqual(written(all.flatMap((pair) => pair.php)), lines(php));
    assert.deepEqual(written(all.flatMap((pair) => pair.ts)), lines(SERVER));
    if (none === null) return;
    const alone = all.filter(({ ts, quote }) => ts.length + (quote?.lines.length ?? 0) === 0).flatMap((pair) => pair.php);
    const code = written(alone.filter(({ comment }) => !comment)).filter((text) => !/^[\s{})\];]*$/.test(text));
    assert.deepEqual(code, none);
  });
}

describe('--source PATH: another hand\'s PHP', () => {
  test('has its statements beside the steps of server.ts that do the same', () => {
    let step = '';
    const beside = pairs(OTHERS, SERVER).map(({ heading, php, ts, quote }) => {
      step = heading?.name ?? step;
      return `${step}: ${written(php).join(' ')} | ${written(quote?.lines ?? ts).join(' ')}`;
    });
    for (const [number, php, ts] of [
      [1, 'stream_socket_server(', 'socket_create('], [1, 'for (;;)', 'while (true)'],
      [2, 'stream_select(', 'socket_select('], [2, 'foreach ($reads', 'for (const socket of tempSelectRead'],
      [2, '$one === $master', 'socket === server'], [3, 'stream_socket_accept(', 'socket_accept('],
      [3, '$all[] =', 'sockets[client.id] ='], [4, 'fread(', 'socket_read('], [5, 'fclose(', 'socket_close('],
      [5, 'empty($hand_shaken', '!handShake['], [6, 'Sec-WebSocket-Key', 'getRequest('], [6, 'sha1(', "hash('sha1'"],
      [6, 'fwrite($one, "HTTP', 'socket_write('], [7, 'decode(', 'getMsg('], [7, 'echo', 'var_dump('],
      [7, 'encode($text)', 'buildMsg('],
    ] as const) {
      const found = beside.find((one) => one.startsWith(`${number}: `) && one.split(' | ')[0]!.includes(php));
      assert.ok(found?.split(' | ')[1]!.includes(ts), `${php} beside ${ts}: ${found}`);
    }
  });
  test('fits its columns, and is harmless on a terminal and on a page', async (t) => {
    const top = await folder(t), php = join(top, 'other.php'), page = join(top, 'page.html');
    await writeFile(php, OTHERS);
    for (const width of [80, 121]) {
      const { status, stdout } = compare(['--source', php], { COLUMNS: `${width}` });
      assert.equal(status, 0);
      assert.deepEqual(stdout.split('\n').filter((line) => columnsOf(line) > width), []);
      assert.doesNotMatch(stdout, /[\x00-\x09\x0b-\x1f\x7f\u202e]/);
    }
    assert.deepEqual(compare(['--source', php, '--html', page]), { status: 0, stdout: '', stderr: '' });
    const html = await readFile(page, 'utf8');
    assert.match(html, /^<!doctype html>[^]*<\/html>\n$/);
    assert.doesNotMatch(html, /<script|<b>|src=|href=|url\(/);
    const text = html.match(/(?<=<code[^>]*>).*?(?=<\/code>)/gs)!.join('\n').replace(/<[^>]*>/g, '')
      .replace(/&#(\d+);/g, (_, char: string) => String.fromCharCode(Number(char)));
    for (const line of [...lines(OTHERS), ...lines(SERVER)]) assert.ok(text.includes(line), line);
  });
});
