import assert from 'node:assert/strict';
import { test } from 'node:test';
import { strlen } from '../../lib/php/strlen.ts';
import { buildMsg } from '../../lib/websocket/codec.ts';

test('a string has as many bytes as its UTF-8, whatever its own length is', () => {
  for (const [text, bytes] of [['', 0], ['hello', 5], ['Hellö', 6], ['你好', 6], ['👋🏽', 8], ['a\0b', 3], ['\ud800', 3]] as const) {
    assert.equal(strlen(text), bytes);
    assert.equal(Buffer.from(text).length, bytes);
  }
});

test('bytes have their own', () => {
  assert.equal(strlen(Buffer.from('你好')), 6);
  assert.equal(strlen(buildMsg('你好')), 8);
  assert.equal(strlen(buildMsg(Buffer.alloc(70_000))), 70_010);
});
