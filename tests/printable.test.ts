import assert from 'node:assert/strict';
import { test } from 'node:test';
import { printable, printableBytes } from '../lib/printable.ts';

test('printable() leaves what shows on a terminal as it is, and takes apart what would act on it', () => {
  for (const text of ['', 'hello', 'a "quoted" \\n', 'héllo', '新链接1已创建', '👍🏽', 'עברית', 'e\u0301']) {
    assert.equal(printable(text), text);
  }
  assert.equal(printable('a\r\n\tb'), 'a\\r\\n\\tb');
  assert.equal(printable('\x1b[31mred\x1b]0;t\x07\x1b[2J\x7f\b'), '\\x1b[31mred\\x1b]0;t\\x07\\x1b[2J\\x7f\\x08');
  assert.equal(printable('a\u202etxt.exe\u2066\u200f'), 'a\\u{202e}txt.exe\\u{2066}\\u{200f}');
  // In PHP "\x9b" is one byte, which is no text at all; the character is "\u{9b}", the bytes c2 9b
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

test('printableBytes() leaves 20 to 7e of all bytes, and shows a view, not the buffer behind it', () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  for (const byte of bytes) {
    const escaped = `\\x${byte.toString(16).padStart(2, '0')}`;
    const expected = byte >= 0x20 && byte <= 0x7e ? String.fromCharCode(byte) : escaped;
    assert.equal(printableBytes(bytes.subarray(byte, byte + 1)), expected);
  }
});
