import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { checkClose, closeFrame, closePayload, isCloseCode, ProtocolError } from '../../lib/websocket/close.ts';
import { hex } from '../helpers.ts';

describe('RFC 6455 5.5.1: the payload of a Close frame', () => {
  test('closePayload() is the code in network byte order and the reason in UTF-8', () => {
    assert.deepEqual(closePayload(1000, 'bye'), hex('03e8 627965'));
    assert.deepEqual(closePayload(1002, 'ö€'), hex('03ea c3b6 e282ac'));
    assert.deepEqual(closePayload(4999, ''), hex('1387'));
    assert.deepEqual(closePayload(1001), hex('03e9'));
  });

  test('closePayload() has at most 125 bytes, and cuts no character', () => {
    for (const char of ['x', 'ö', '€', '😀']) {
      for (let count = 0; count <= 200; count++) {
        const payload = closePayload(1002, char.repeat(count));
        const kept = Math.min(count, Math.floor(123 / Buffer.byteLength(char)));
        assert.equal(payload.toString('utf8', 2), char.repeat(kept), `${count} times ${char}`);
        checkClose(payload);
      }
    }
  });

  test('closePayload() cuts no character at any place of the cut', () => {
    for (let before = 118; before <= 124; before++) {
      const expected = 'x'.repeat(Math.min(before, 123)) + (before + 4 <= 123 ? '😀' : '');
      assert.equal(closePayload(1002, `${'x'.repeat(before)}😀`).toString('utf8', 2), expected);
    }
  });

  test('checkClose() takes nothing at all, a code alone, a code and a reason', () => {
    for (const payload of ['', '03e8', '03e8 627965', '03e8 c3b6', '0bb8', '1387 00']) checkClose(hex(payload));
    checkClose(Buffer.concat([hex('03e8'), Buffer.alloc(123, 'x')]));
  });

  test('checkClose() refuses half a code with 1002', () => {
    assert.throws(() => checkClose(hex('03')),
      { name: 'ProtocolError', code: 1002, message: 'Cannot read close: its code is cut in half' });
  });

  test('checkClose() refuses a reason that is not UTF-8 with 1007, the code being fine', () => {
    for (const reason of ['ff', '62 c3', '80', 'eda080', 'c080', '6279 f09f98']) {
      assert.throws(() => checkClose(hex(`03e8 ${reason}`)),
        { name: 'ProtocolError', code: 1007, message: 'Cannot read close: reason is not UTF-8' });
    }
  });

  test('checkClose() looks at the code before the reason', () => {
    assert.throws(() => checkClose(hex('03ed ff')), { code: 1002 });
  });
});

describe('RFC 6455 7.4: close codes', () => {
  /** 7.4.1, IANA's registry (1012 to 1014), 7.4.2. */
  const MAY_BE_SENT: [number, number][] = [[1000, 1003], [1007, 1014], [3000, 4999]];

  test('of all 65536 codes isCloseCode() and checkClose() take 1000-1003, 1007-1014 and 3000-4999', () => {
    for (let code = 0; code < 65536; code++) {
      const expected = MAY_BE_SENT.some(([from, to]) => from <= code && code <= to);
      assert.equal(isCloseCode(code), expected, `isCloseCode(${code})`);
      const payload = Buffer.of(code >> 8, code & 0xff);
      if (expected) checkClose(payload);
      else assert.throws(() => checkClose(payload), { code: 1002 }, `checkClose(${code})`);
    }
  });

  test('the error of checkClose() names the code', () => {
    assert.throws(() => checkClose(hex('03ee')), { message: 'Cannot read close: code 1006 may not be sent' });
  });

  test('ProtocolError is an Error that carries its code', () => {
    const error = new ProtocolError(1009, 'too much');
    assert.ok(error instanceof Error);
    assert.equal(error.code, 1009);
    assert.equal(String(error), 'ProtocolError: too much');
  });
});

test('closeFrame() is a server\'s frame: not masked, at most 127 bytes', () => {
  assert.deepEqual(closeFrame(1000, 'bye'), hex('8805 03e8 627965'));
  assert.deepEqual(closeFrame(1001), hex('8802 03e9'));
  assert.equal(closeFrame(1002, 'x'.repeat(200)).length, 127);
});

test('a ProtocolError knows its bytes, a Close frame, and its line in the log', () => {
  const error = new ProtocolError(1002, 'Cannot read \x1b');
  assert.deepEqual(error.bytes, [closeFrame(1002, 'Cannot read \x1b')]);
  assert.equal(error.line, 'closed with 1002: Cannot read \\x1b');
});
