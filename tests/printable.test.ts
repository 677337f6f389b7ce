import assert from 'node:assert/strict';
import { test } from 'node:test';
import { printable, printableBytes, printableHead } from '../lib/printable.ts';

test('printable() leaves what shows on a terminal as it is, and takes apart what would act on it', () => {
  for (const text of ['', 'hello', 'a "quoted" \\n', 'héllo', '新链接1已创建', '1️⃣', '👍🏽', '❤\ufe0f ☎\ufe0e', 'עברית', 'e\u0301']) {
    assert.equal(printable(text), text);
  }
  assert.equal(printable('a\r\n\tb'), 'a\\r\\n\\tb');
  assert.equal(printable('\x1b[31mred\x1b]0;t\x07\x1b[2J\x7f\b'), '\\x1b[31mred\\x1b]0;t\\x07\\x1b[2J\\x7f\\x08');
  assert.equal(printable('a\u202etxt.exe\u2066\u200f'), 'a\\u{202e}txt.exe\\u{2066}\\u{200f}');
  // In PHP "\x9b" is one byte, which is no text at all; the character is "\u{9b}", the bytes c2 9b
  assert.equal(printable('\u009b31m'), '\\u{9b}31m');
  // A character that takes no place could hide a word. One form an emoji, and none for a letter
  assert.equal(printable('a\u200b\u{e0041}b'), 'a\\u{200b}\\u{e0041}b');
  assert.equal(printable('❤\ufe0f\ufe0f a\ufe0f'), '❤\ufe0f\\u{fe0f} a\\u{fe0f}');
});

test('of all code points printable() changes control characters, line ends and invisible ones only', () => {
  const changed: string[] = [];
  for (let plane = 0; plane <= 0x10; plane++) {
    const chars = Array.from({ length: 0x10000 }, (_, low) => String.fromCodePoint(plane * 0x10000 + low));
    if (printable(chars.join('')) === chars.join('')) continue;
    changed.push(...chars.filter((char) => printable(char) !== char));
  }
  const range = (from: number, to: number): string[] =>
    Array.from({ length: to - from + 1 }, (_, i) => String.fromCodePoint(from + i));
  assert.deepEqual(changed, [
    ...range(0x00, 0x1f), ...range(0x7f, 0x9f), '\u00ad', '\u034f', '\u061c', ...range(0x115f, 0x1160),
    ...range(0x17b4, 0x17b5), ...range(0x180b, 0x180f), ...range(0x200b, 0x200f), ...range(0x2028, 0x202e),
    ...range(0x2060, 0x206f), '\u3164', ...range(0xfe00, 0xfe0f), '\ufeff', '\uffa0', ...range(0xfff0, 0xfffb),
    ...range(0x1bca0, 0x1bca3), ...range(0x1d173, 0x1d17a), ...range(0xe0000, 0xe0fff),
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

test('printableHead() shows UTF-8 as such, any other byte escaped, and cuts no character or escape in two', () => {
  const rows: [bytes: (string | number[])[], shown: string, most?: number][] = [
    [['cf-city: 北京 é 😀'], 'cf-city: 北京 é 😀'],
    [['北京', [0xe9, 0x41, 0xff], 'é'], '北京\\xe9A\\xffé'],
    // Too long, a surrogate, above 10ffff, cut
    ...[[0xc0, 0x80], [0xe0, 0x80, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xf5], [0xe5, 0x8c], [0xa0]]
      .map((bytes): typeof rows[number] => [[bytes], bytes.map((byte) => `\\x${byte.toString(16)}`).join('')]),
    [['\x1b[2J\u202e\u009b\t'], '\\x1b[2J\\u{202e}\\u{9b}\\t'],
    [['北京北京'], '北京北京', 4], [['北京北京'], '北京北...', 3], [['a😀😀'], 'a😀...', 4], [['a', [0xe9], 'b'], 'a...', 4],
  ];
  for (const [bytes, shown, most] of rows) {
    const head = Buffer.concat(bytes.map((one) => Buffer.from(one as string))).toString('latin1');
    assert.equal(printableHead(head, most), shown);
  }
});
