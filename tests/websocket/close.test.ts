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
        for (let before = 0; before < 4; before++) {
          const kept = Math.min(count, Math.floor((123 - before) / Buffer.byteLength(char)));
          const payload = closePayload(1002, 'x'.repeat(before) + char.repeat(count));
          assert.equal(payload.toString('utf8', 2), 'x'.repeat(before) + char.repeat(kept), `${count} times ${char}`);
          checkClose(payload);
        }
      }
    }
  });

  test('checkClose() takes nothing at all, a code alone, a code and a reason', () => {
    for (const payload of ['', '03e8', '03e8 627965', '03e8 c3b6', '0bb8', '1387 00']) checkClose(hex(payload));
    checkClose(Buffer.concat([hex('03e8'), Buffer.alloc(123, 'x')]));
  });

  test('checkClose() refuses half a code, a bad code, whatever its reason is, and a reason that is not UTF-8', () => {
    const rows: [code: number, message: string, ...payloads: string[]][] = [
      [1002, 'Cannot read close: its code is cut in half', '03'],
      [1002, 'Cannot read close: code 1006 may not be sent', '03ee', '03ee ff'],
      [1007, 'Cannot read close: reason is not UTF-8',
        ...['ff', '62 c3', '80', 'eda080', 'c080', '6279 f09f98'].map((reason) => `03e8 ${reason}`)],
    ];
    for (const [code, message, ...payloads] of rows) {
      for (const payload of payloads) {
        assert.throws(() => checkClose(hex(payload)), { name: 'ProtocolError', code, message });
      }
    }
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
});

test('closeFrame() is a server\'s frame: not masked, at most 127 bytes', () => {
  assert.deepEqual(closeFrame(1000, 'bye'), hex('8805 03e8 627965'));
  assert.deepEqual(closeFrame(1001), hex('8802 03e9'));
  assert.equal(closeFrame(1002, 'x'.repeat(200)).length, 127);
});

test('a ProtocolError is an Error that knows its code, its bytes, a Close frame, and its line in the log', () => {
  const error = new ProtocolError(1002, 'Cannot read \x1b');
  assert.ok(error instanceof Error);
  assert.equal(String(error), 'ProtocolError: Cannot read \x1b');
  assert.deepEqual([error.code, error.bytes], [1002, [closeFrame(1002, 'Cannot read \x1b')]]);
  assert.equal(error.line, 'closed with 1002: Cannot read \\x1b');
});
