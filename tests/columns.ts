/** Texts in columns of a terminal. */
import { stripVTControlCharacters } from 'node:util';
import { characters, columnsOf } from '../lib/trace/width.ts';

export { columnsOf };

/** The text with spaces behind it, up to so many columns; colours have none. */
export function pad(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - columnsOf(stripVTControlCharacters(text))));
}

/** Cells side by side, each of several lines and as wide as its column. */
export function beside(cells: string[][], columns: number[], between: string): string[] {
  return Array.from({ length: Math.max(...cells.map((lines) => lines.length)) }, (_, i) => {
    return cells.map((lines, c) => pad(lines[i] ?? '', columns[c]!)).join(between).trimEnd();
  });
}

/** Lines of at most so many columns, broken at spaces where there are some, else between characters. */
export function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = '', used = 0, word = '', wide = 0;
  const place = (): void => {
    if (used > 0 && used + wide > columns) {
      lines.push(line.trimEnd());
      line = '';
      used = 0;
    }
    line += word;
    used += wide;
    word = '';
    wide = 0;
  };
  for (const char of characters(text)) {
    const width = columnsOf(char);
    if (wide + width > columns) place();
    word += char;
    wide += width;
    if (char === ' ' || width > 1) place();
  }
  place();
  return [...lines, line.trimEnd()].filter((one, i) => one !== '' || i === 0);
}
