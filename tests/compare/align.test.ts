import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { randomOf } from '../helpers.ts';
import { align } from './align.ts';

describe('align(): two lists side by side', () => {
  const keys = (text: string): Map<string, number> => new Map([...text].map((char) => [char, 4]));
  const aligned = (left: string[], right: string[]): string[] => {
    return align(left, right, keys, keys).map((group) => `${group.left.join('+')}|${group.right.join('+')}`);
  };

  test('align() leaves alone what has no counterpart', () => {
    assert.deepEqual(aligned(['a', 'x', 'b'], ['a', 'y', 'b']), ['a|a', 'x|', '|y', 'b|b']);
  });
  test('align() keeps both orders where it could have more in common', () => {
    assert.deepEqual(aligned(['a', 'b', 'c'], ['c', 'a', 'b']), ['|c', 'a|a', 'b|b', 'c|']);
  });
  test('align() takes the first of equals', () => {
    assert.deepEqual(aligned(['a', 'a'], ['a', 'x', 'a', 'a']), ['a|a', '|x', 'a|a', '|a']);
  });
  test('align() joins what is left over on the left with the pair beside it', () => {
    assert.deepEqual(aligned(['a', 'b', 'c'], ['abc']), ['a+b+c|abc']);
  });
  test('align() gives all of both, in order', (t) => {
    const random = randomOf(t);
    const list = (): string[] => Array.from({ length: random(12) }, () => 'abcdef'.slice(random(6), random(7)));
    for (let i = 0; i < 1000; i++) {
      const left = list(), right = list(), groups = align(left, right, keys, keys);
      assert.deepEqual(groups.flatMap((group) => group.left), left);
      assert.deepEqual(groups.flatMap((group) => group.right), right);
      assert.ok(groups.every((group) => group.right.length <= 1 && group.left.length + group.right.length > 0));
    }
  });
});
