import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hex } from '../helpers.ts';
import { framesOf, say } from './facts.ts';

const english = (bytes: string, ...sent: string[]): string =>
  say(framesOf(hex(bytes), sent.map((one) => Buffer.from(one))), 'en');

describe('framesOf', () => {
  for (const [bytes, sent, facts] of [
    ['', [], ''],
    ['8105 68656c6c6f', ['hello'], 'text "hello"'],
    ['8105 68656c6c6f 8105 776f726c64', ['hello', 'world'], 'text "hello"; text "world"'],
    ['8100', [''], 'text ""'],
    ['8203 c0ffee', [], 'binary c0 ff ee'],
    ['8a02 6869', [], 'pong "hi"'],
    ['8802 03e9', [], 'close 1001'],
    ['8805 03e8 627965', [], 'close 1000 "bye"'],
    ['8101 07', [], 'text 07'],
    ['0103 68656c', [], 'text, first byte 0x1 "hel"'],
    ['83 00', [], 'opcode 0x3 ""'],
    ['8185 68656c6c6f', ['hello'], 'text "hello"; MASK is set'],
    ['817e0001 61', [], 'text "a"; its length is too long'],
    ['817f0000000000000001 61', [], 'text "a"; its length is too long'],
    ['8105 6865', [], '2 of a frame\'s 5 bytes'],
    ['81', [], 'then garbage'],
    ['8102 6865 8101 07', ['hello'], 'text "he"; then garbage'],
  ] as const) {
    test(`says '${facts}' of ${bytes || 'nothing'}`, () => assert.equal(english(bytes, ...sent), facts));
  }
  test('tells of many frames only the first', () => {
    assert.equal(framesOf(Buffer.from('8100'.repeat(20), 'hex')).length, 20);
    assert.deepEqual(framesOf(Buffer.from('8100'.repeat(100_000), 'hex')).slice(20), [{ en: 'and more', zh: '还有更多' }]);
  });
  test('counts a long payload, and says whether it is what was sent', () => {
    const payload = Buffer.alloc(2000, 'a'), frame = Buffer.concat([hex('817e 07d0'), payload]);
    assert.equal(say(framesOf(frame, [payload]), 'en'), 'text, the same 2,000 bytes');
    assert.equal(say(framesOf(frame, [payload.subarray(1)]), 'en'), 'text of 2,000 bytes');
    assert.equal(say(framesOf(frame, [payload]), 'zh'), 'text，原样的 2,000 字节');
  });
});
