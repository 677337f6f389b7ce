/** How wide a text is on a terminal, where a Chinese character takes two columns. */

/** Unicode's East Asian Wide and Fullwidth (UAX #11), which JavaScript's \p{} does not know, and emoji. */
const WIDE = new RegExp([
  '[\\u1100-\\u115f\\u2e80-\\u303e\\u3041-\\u4dbf\\u4e00-\\ua4cf\\ua960-\\ua97f\\uac00-\\ud7a3\\uf900-\\ufaff',
  '\\ufe30-\\ufe6f\\uff01-\\uff60\\uffe0-\\uffe6\\u{17000}-\\u{18cff}\\u{1b000}-\\u{1b2ff}\\u{20000}-\\u{3fffd}',
  '\\p{Emoji_Presentation}\\ufe0f]',
].join(''), 'u');
const NOTHING = /^[\p{Mn}\p{Me}\p{Cf}]+$/u;
/** What a reader sees as one character. Intl.Segmenter knows more scripts, and takes 50 times as long. */
const CHARACTER =
  /(?:\p{RI}{2}|.)(?:[\p{M}\p{Emoji_Modifier}\u1160-\u11ff]|\u200d\p{Extended_Pictographic}?)*/gsu;
/** Most text, and what the terminal's view adds to it: one column each. */
const NARROW = /^[ -~→…]*$/;

/** Returns what a reader sees as characters: a letter with its accents is one. */
export function characters(text: string): string[] {
  return text.match(CHARACTER) ?? [];
}

/** Returns the columns of a text without control characters. */
export function columnsOf(text: string): number {
  if (NARROW.test(text)) return text.length;
  return characters(text).reduce((sum, one) => sum + columnsOfOne(one), 0);
}

/** Returns the beginning of a text, at most `columns` wide. What is behind it is not looked at. */
export function cutTo(text: string, columns: number): string {
  let end = 0, used = 0;
  for (const [char] of text.matchAll(CHARACTER)) {
    used += columnsOfOne(char);
    if (used > columns) break;
    end += char.length;
  }
  return text.slice(0, end);
}

function columnsOfOne(char: string): number {
  return NOTHING.test(char) ? 0 : WIDE.test(char) ? 2 : 1;
}
