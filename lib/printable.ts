/** Makes a stranger's text safe to print: it cannot move the cursor, change colours or hide what was sent. */
import { isUtf8 } from 'node:buffer';

/**
 * Control characters, line breaks, and characters that nobody sees: Unicode's Default_Ignorable_Code_Point, with those
 * that change the text's direction, and the marks of interlinear notes. U+FE0E and U+FE0F after an emoji stay.
 */
const UNSAFE = /(?:(?!\ufe0f\u20e3)[\p{Cc}\p{DI}\u2028\u2029\ufff9-\ufffb](?<!\p{ExtPict}[\ufe0e\ufe0f]))+/gu;
/** Most text is ASCII and Chinese. This test takes half the time of a replacement that finds nothing. */
const PLAIN = /^[\x20-\x7e\u4e00-\u9fff]*$/;
const NAMED: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** How each byte is shown. */
const BYTES = Array.from({ length: 256 }, (_, byte) => {
  return byte >= 0x20 && byte <= 0x7e ? String.fromCharCode(byte) : hex(byte);
});

/**
 * Returns the text with each unsafe character escaped as in PHP's double quotes: \n, \x1b, \u{202e}. A backslash stays
 * one, as PHP prints it. So \x1b may be four characters of the text, too: the length that var_dump prints tells.
 */
export function printable(text: string): string {
  if (PLAIN.test(text)) return text;
  return text.replace(UNSAFE, (run) => Array.from(run, (char) => NAMED[char] ?? escape(char.codePointAt(0)!)).join(''));
}

/** Returns bytes that are not text as ASCII; every other byte becomes \xHH. */
export function printableBytes(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += BYTES[byte];
  return text;
}

/** Runs of well-formed UTF-8, or one other byte; one character a byte. */
const RUNS = /(?:[\x00-\x7f]|[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3})+|[^]/g;
/** Half a character, or half of what stands for a byte, at the end of a cut text. */
const HALF = /[\ud800-\udbff]$|\\(?:x.?)?$/;

/**
 * Returns a text of an HTTP head, which has a character for each byte (latin1): UTF-8 as the characters that it means,
 * any other byte above 0x7f as \xHH.
 * @param most characters to look at; a longer text is cut, and ends in "..."
 */
export function printableHead(head: string, most = Infinity): string {
  let text = '';
  for (const [run] of head.matchAll(RUNS)) {
    const words = run.length === 1 ? BYTES[run.charCodeAt(0)]! : decode(Buffer.from(run, 'latin1'));
    const room = most - text.length;
    if (words.length > room) return `${printable(text + words.slice(0, room).replace(HALF, ''))}...`;
    text += words;
  }
  return printable(text);
}

function decode(bytes: Buffer): string {
  return isUtf8(bytes) ? bytes.toString() : printableBytes(bytes);
}

/** \x stands for one byte, and UTF-8 needs more from 0x80 on. */
function escape(code: number): string {
  return code < 0x80 ? hex(code) : `\\u{${code.toString(16)}}`;
}

function hex(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, '0')}`;
}
