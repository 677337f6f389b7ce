/** How wide a text is on a terminal, where a Chinese character takes two columns. */

/** Unicode's East Asian Wide and Fullwidth (UAX #11), which JavaScript's \p{} does not know, and emoji. */
const WIDE = new RegExp([
  '[\\u1100-\\u115f\\u2e80-\\u303e\\u3041-\\u4dbf\\u4e00-\\ua4cf\\ua960-\\ua97f\\uac00-\\ud7a3\\uf900-\\ufaff',
  '\\ufe30-\\ufe6f\\uff01-\\uff60\\uffe0-\\uffe6\\u{17000}-\\u{18cff}\\u{1b000}-\\u{1b2ff}\\u{20000}-\\u{3fffd}',
  '\\p{Emoji_Presentation}\\ufe0f]',
].join(''), 'u');
const NOTHING = /^[\p{Mn}\p{Me}\p{Cf}]+$/u;
/** Most text, and what the terminal's view adds to it: one column each. */
const NARROW = /^[ -~→…]*$/;
const segmenter = new Intl.Segmenter('en');

/** Returns what a reader sees as characters: a letter with its accents is one. */
export function characters(text: string): string[] {
  return NARROW.test(text) ? text.split('') : Array.from(segmenter.segment(text), ({ segment }) => segment);
}

/** Returns the columns of a text without control characters. */
export function columnsOf(text: string): number {
  if (NARROW.test(text)) return text.length;
  return characters(text).reduce((sum, one) => sum + (NOTHING.test(one) ? 0 : WIDE.test(one) ? 2 : 1), 0);
}

/** Returns the beginning of a text, at most `columns` wide. */
export function cutTo(text: string, columns: number): string {
  let cut = '', used = 0;
  // A long text need not be split into characters as a whole
  for (const char of characters(text.slice(0, Math.max(0, columns) * 16))) {
    used += columnsOf(char);
    if (used > columns) break;
    cut += char;
  }
  return cut;
}
