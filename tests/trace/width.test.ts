import assert from 'node:assert/strict';
import { test } from 'node:test';
import { characters, columnsOf, cutTo } from '../../lib/trace/width.ts';
import { pad, wrap } from '../columns.ts';

test('columnsOf(): a Chinese character and an emoji have two columns, an accent none', () => {
  for (const [text, columns] of [['', 0], ['abc', 3], ['你好', 4], ['ａ', 2], ['😀', 2], ['e\u0301', 1], ['👍🏽', 2], ['→…', 2]] as const) {
    assert.equal(columnsOf(text), columns, text);
  }
});

test('characters(): an emoji with its colour is one', () => {
  assert.deepEqual(characters('a👍🏽e\u0301'), ['a', '👍🏽', 'e\u0301']);
});

test('pad() and cutTo() come to so many columns, and cut no character in two', () => {
  assert.equal(pad('你', 4), '你  ');
  assert.equal(pad('abc', 2), 'abc');
  assert.equal(cutTo('你好', 3), '你');
  assert.equal(cutTo('abc', 2), 'ab');
  assert.equal(cutTo('abc', 5), 'abc');
  assert.equal(cutTo('abc', 0), '');
  assert.equal(cutTo('abc', -1), '');
  assert.equal(cutTo('e\u0301e\u0301', 1), 'e\u0301');
});

test('wrap() breaks at spaces, and between Chinese characters', () => {
  assert.deepEqual(wrap('one two three', 8), ['one two', 'three']);
  assert.deepEqual(wrap('你好世界', 5), ['你好', '世界']);
  assert.deepEqual(wrap('abcdefgh', 3), ['abc', 'def', 'gh']);
  assert.deepEqual(wrap('', 3), ['']);
});
