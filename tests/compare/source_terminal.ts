/** The pairs of source.ts in two columns of a terminal. */
import { printable } from '../../lib/printable.ts';
import { type Line, textOf } from './highlight.ts';
import { commentsOf, type Heading, type Names, type Pair } from './source.ts';
import { columnsOf, pad, wrap } from '../columns.ts';

/** What a tab counts for, and what a line is indented by where it goes on. */
const TAB = 2, HANGING = 4;
/** From this width on there is room for line numbers. */
const NUMBERED = 120;

/** All pairs, with a heading above each part, for so many columns (80 at least); ends without a line end. */
export function toColumns(pairs: Pair[], { phpName, tsName }: Names, width: number): string {
  const half = Math.floor((Math.max(width, 80) - 3) / 2);
  const cell = (lines: Line[], mark = ''): string[] => lines.flatMap((line) => show(line, mark, half, width >= NUMBERED));

  const out = [`${pad(printable(phpName), half)} │ ${printable(tsName)}`];
  for (const { heading, php, ts, quote } of pairs) {
    if (heading !== undefined) out.push('', ...banner(heading, half * 2 + 3));
    const mark = quote === undefined ? '' : '┊ ', right = quote?.lines ?? ts;
    const note = quote?.begins === true ? [`┊ ${quote.from}(), which stands below the loop:`] : [];
    const cells = [
      { above: cell(php.slice(0, commentsOf(php))), code: cell(php.slice(commentsOf(php))) },
      {
        above: [...note, ...cell(right.slice(0, commentsOf(right)), mark)],
        code: cell(right.slice(commentsOf(right)), mark),
      },
    ];
    // Comments end where the code beside them begins
    const height = Math.max(...cells.map(({ above }) => above.length));
    const [a, b] = cells.map(({ above, code }) => [...new Array<string>(height - above.length).fill(''), ...above, ...code]);
    for (let i = 0; i < Math.max(a!.length, b!.length); i++) {
      out.push(`${pad(a![i] ?? '', half)} │ ${b![i] ?? ''}`.trimEnd());
    }
  }
  return out.join('\n');
}

/** What a part is about: ── 3  it is the server: accept the new clients ────── */
function banner({ name, title }: Heading, width: number): string[] {
  const called = /^\D/.test(name) ? `${name}()` : name;
  const lines = wrap(`── ${[called, title].filter((part) => part !== '').join('  ')}`, width - 1);
  return lines.map((text, i) => i < lines.length - 1 ? text : `${text} ${'─'.repeat(width - 1 - columnsOf(text))}`);
}

function show(line: Line, mark: string, width: number, isNumbered: boolean): string[] {
  const gutter = isNumbered ? `${String(line.number).padStart(4)} ` : '';
  const text = printable(textOf(line).replaceAll('\t', ' '.repeat(TAB))), room = width - gutter.length - mark.length;
  const indent = ' '.repeat(Math.min(text.length - text.trimStart().length, room >> 1));
  return wrap(text.trimStart(), room - indent.length - HANGING).map((part, i) => {
    return i === 0 ? gutter + mark + indent + part : ' '.repeat(gutter.length) + mark + indent + ' '.repeat(HANGING) + part;
  });
}
