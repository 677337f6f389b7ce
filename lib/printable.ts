/** Strangers' text, made safe to print: no client shall move a reader's cursor, change colours or hide what it sent. */

/** Control characters, and those that turn the text's direction around (Unicode's Bidi_Control) or break a line. */
const UNSAFE = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]+/gu;
/** ASCII and Chinese characters, as most text is: to see that takes half as long as to replace nothing. */
const PLAIN = /^[\x20-\x7e\u4e00-\u9fff]*$/;
const NAMED: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** How each byte is shown. */
const BYTES = Array.from({ length: 256 }, (_, byte) => {
  return byte >= 0x20 && byte <= 0x7e ? String.fromCharCode(byte) : hex(byte);
});

/** The text with unsafe characters in the notation of PHP's double quotes: \n, \x1b, \u{202e}. */
export function printable(text: string): string {
  if (PLAIN.test(text)) return text;
  return text.replace(UNSAFE, (run) => Array.from(run, (char) => NAMED[char] ?? escape(char.codePointAt(0)!)).join(''));
}

/** The same for bytes that are no text: what is not printable ASCII becomes \xHH. */
export function printableBytes(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += BYTES[byte];
  return text;
}

/** From 0x80 on a character is more than one byte, and \x would be one. */
function escape(code: number): string {
  return code < 0x80 ? hex(code) : `\\u{${code.toString(16)}}`;
}

function hex(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, '0')}`;
}
