import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { printable, printableBytes } from '../lib/printable.ts';

describe('printable(): a text of strangers', () => {
  test('printable() leaves what shows on a terminal as it is', () => {
    for (const text of ['', 'hello', 'a "quoted" \\n', 'héllo', '新链接1已创建', '👍🏽', 'עברית', 'e\u0301']) {
      assert.equal(printable(text), text);
    }
  });

  test('printable() writes line ends and tabs by their names', () => {
    assert.equal(printable('a\r\n\tb'), 'a\\r\\n\\tb');
  });

  test('printable() takes colours, titles and cursor moves apart', () => {
    assert.equal(printable('\x1b[31mred\x1b]0;t\x07\x1b[2J\x7f\b'), '\\x1b[31mred\\x1b]0;t\\x07\\x1b[2J\\x7f\\x08');
  });

  test('printable() lets no text be turned around', () => {
    assert.equal(printable('a\u202etxt.exe\u2066\u200f'), 'a\\u{202e}txt.exe\\u{2066}\\u{200f}');
  });

  // In PHP "\x9b" is one byte, which is no text at all; the character is "\u{9b}", the bytes c2 9b
  test('printable() writes a C1 control character as PHP does, \\u{9b}', () => {
    assert.equal(printable('\u009b31m'), '\\u{9b}31m');
  });

  test('of all code points printable() changes control characters, the Bidi ones and line ends only', () => {
    const changed: string[] = [];
    for (let plane = 0; plane <= 0x10; plane++) {
      const chars = Array.from({ length: 0x10000 }, (_, low) => String.fromCodePoint(plane * 0x10000 + low));
      if (printable(chars.join('')) === chars.join('')) continue;
      changed.push(...chars.filter((char) => printable(char) !== char));
    }
    const range = (from: number, to: number): string[] =>
      Array.from({ length: to - from + 1 }, (_, i) => String.fromCodePoint(from + i));
    assert.deepEqual(changed, [
      ...range(0x00, 0x1f), ...range(0x7f, 0x9f), '\u061c', ...range(0x200e, 0x200f), ...range(0x2028, 0x202e),
      ...range(0x2066, 0x2069),
    ]);
    for (const char of changed) assert.match(printable(char), /^\\(?:[nrt]|x[0-9a-f]{2}|u\{[0-9a-f]+\})$/);
  });
});

describe('printableBytes(): bytes that are no text', () => {
  test('of all 256 bytes printableBytes() leaves 20 to 7e', () => {
    for (let byte = 0; byte < 256; byte++) {
      const escaped = `\\x${byte.toString(16).padStart(2, '0')}`;
      const expected = byte >= 0x20 && byte <= 0x7e ? String.fromCharCode(byte) : escaped;
      assert.equal(printableBytes(Uint8Array.of(byte)), expected);
    }
  });

  test('printableBytes() shows a view, not the buffer behind it', () => {
    assert.equal(printableBytes(Uint8Array.of(0x41, 0x42, 0x43, 0x44).subarray(1, 3)), 'BC');
  });
});
