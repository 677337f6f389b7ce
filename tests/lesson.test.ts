/** README's lesson: its bytes are those of a run. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { hex, run } from './helpers.ts';
import { frameBlock, handshakeBlock, lengthBlock } from './lesson/blocks.ts';
import { type Lesson, playLesson } from './lesson/run.ts';
import { ACCEPT, KEY } from './wire.ts';

let lesson: Lesson;

test('the lesson is RFC 6455\'s own example (1.3 and 5.7), played to server.ts', async () => {
  lesson = await playLesson();
  assert.match(lesson.response.toString(), new RegExp(`^HTTP/1\\.1 101 [^]*Sec-WebSocket-Accept: ${ACCEPT.replaceAll('+', '\\+')}\r\n`));
  assert.deepEqual(lesson.hello, { client: hex('8185 37fa213d 7f9f4d5158'), server: hex('8105 48656c6c6f') });
  assert.deepEqual(lesson.close, { client: hex('8882 37fa213d 3412'), server: hex('8802 03e8') });
});

test('a frame is told byte by byte, in both languages', () => {
  const english = frameBlock(lesson, 'en').split('\n'), chinese = frameBlock(lesson, 'zh').split('\n');
  assert.deepEqual(english.slice(0, 5), [
    'client → server, 11 bytes: 81 85 37 fa 21 3d 7f 9f 4d 51 58',
    '81               1000 0001      FIN 1: the last frame of its message; RSV 000; opcode 0001: text',
    '85               1000 0101      MASK 1: masked; length 5',
    '37 fa 21 3d                     the masking key',
    '7f               ^ 37 = 48      H',
  ]);
  assert.equal(chinese[2], '85               1000 0101      MASK 1：有掩码；长度 5');
  assert.equal(chinese.length, english.length);
});

test('the Accept is worked out from the key', () => {
  const lines = handshakeBlock(lesson, 'en').trimEnd().split('\n').slice(-4).map((line) => line.split(/ {3,}/)[1]);
  assert.deepEqual(lines, [KEY, '258EAFA5-E914-47DA-95CA-C5AB0DC85B11',
    'b3 7a 4f 2c c0 62 4f 16 90 f6 46 06 cf 38 59 45 b2 be c4 ea', ACCEPT]);
});

test('each form of the length shows its smallest and its largest', () => {
  assert.deepEqual(lengthBlock(lesson, 'en').trimEnd().split('\n').slice(1).map((line) => line.trim().split(/ {3,}/).slice(0, 2)), [
    ['0', '82 00'], ['125', '82 7d'], ['126', '82 7e 00 7e'], ['65535', '82 7e ff ff'], ['65536', '82 7f 00 00 00 00 00 01 00 00'],
  ]);
});

test('README says what each departure teaches', () => {
  for (const name of ['README.md', 'README.zh-CN.md']) {
    const text = readFileSync(new URL(`../${name}`, import.meta.url), 'utf8');
    const rows = text.split('\n').filter((line) => /^\| \d+[a-z] \|/.test(line)).map((line) => line.split(/(?<!\\)\|/));
    assert.ok(rows.length > 20);
    assert.deepEqual(rows.filter((cells) => cells.length !== 7 || cells[5]!.trim() === '').map((cells) => cells[1]), []);
  }
});

test('npm run lesson prints the blocks, in Chinese on request', async () => {
  const english = await run('tests/lesson/lesson.ts'), chinese = await run('tests/lesson/lesson.ts', '--chinese');
  assert.deepEqual([english.status, english.stderr, chinese.status, chinese.stderr], [0, '', 0, '']);
  assert.ok(english.stdout.includes(frameBlock(lesson, 'en')) && chinese.stdout.includes(frameBlock(lesson, 'zh')));
});
