/** The pairs of source.ts in two columns of a terminal. */
import { styleText } from 'node:util';
import { printable } from '../../lib/printable.ts';
import type { Kind, Line, Token } from './highlight.ts';
import { commentsOf, type Heading, type Names, type Pair } from './source.ts';
import { characters, columnsOf, pad } from '../columns.ts';

type Style = Parameters<typeof styleText>[0];

const STYLES: Record<Kind, Style | undefined> = {
  comment: 'gray', string: 'green', keyword: 'magenta', variable: 'cyan', number: 'yellow', name: 'blue',
  text: undefined,
};
/** Columns of a tab, and of one more indent; server.ts's indent. */
const TAB = 2;
/** What a line is indented by where it goes on. */
const HANGING = 4;
/** No line begins with one of these where that can be had. */
const CLOSING = /[)\]}'",;.，。、；：）]/;
/** From this width on there is room for line numbers. */
const NUMBERED = 120;

export interface Look extends Names {
  /** Columns of the terminal; 80 at least. */
  width: number;
  colour: boolean;
}

/** A line of one cell: what is seen, for its width, and what is written, with colours. */
interface Shown {
  columns: number;
  text: string;
}

/** All pairs, with a heading above each part; ends without a line end. */
export function toColumns(pairs: Pair[], { width, colour, phpName, tsName }: Look): string {
  const half = Math.floor((Math.max(width, 80) - 3) / 2);
  const style = (how: Style | undefined, text: string): string => {
    return colour && how !== undefined ? styleText(how, text, { validateStream: false }) : text;
  };
  const cell = (lines: Line[], mark = ''): Shown[] => {
    return lines.flatMap((line) => show(line, { mark, width: half, numbered: width >= NUMBERED, style }));
  };
  const label = (text: string): Shown[] => wrap(paint([{ kind: 'comment', text }]), half, '', style);

  const out = [`${pad(printable(phpName), half)} │ ${printable(tsName)}`];
  let last = 0;
  for (const { heading, php, ts, quote } of pairs) {
    const gap = ts.length > 0 && ts[0]!.number > last + 1;
    if (heading !== undefined) out.push('', ...banner(heading, half * 2 + 3).map((line) => style('bold', line)));
    else if (gap) out.push(`${' '.repeat(half)} │`);
    last = ts.at(-1)?.number ?? last;

    const mark = quote === undefined ? '' : '┊ ', right = quote?.lines ?? ts;
    const note = quote?.begins === true ? label(`┊ ${quote.from}(), which stands below the loop:`) : [];
    const cells = [
      { above: cell(php.slice(0, commentsOf(php))), code: cell(php.slice(commentsOf(php))) },
      {
        above: [...note, ...cell(right.slice(0, commentsOf(right)), mark)],
        code: cell(right.slice(commentsOf(right)), mark),
      },
    ];
    // Comments end where the code beside them begins
    const height = Math.max(...cells.map(({ above }) => above.length));
    const [a, b] = cells.map(({ above, code }) => [...new Array<undefined>(height - above.length), ...above, ...code]);
    for (let i = 0; i < Math.max(a!.length, b!.length); i++) {
      const { columns, text } = a![i] ?? { columns: 0, text: '' };
      out.push(`${text}${' '.repeat(half - columns)} │ ${b![i]?.text ?? ''}`.trimEnd());
    }
  }
  return out.join('\n');
}

/** What a part is about, wrapped: ── 3  it is the server: accept the new clients ────── */
function banner({ name, title }: Heading, width: number): string[] {
  const text = `── ${[/^\D/.test(name) ? `${name}()` : name, title].filter((part) => part !== '').join('  ')} `;
  const lines = wrap(paint([{ kind: 'text', text }]), width, ' '.repeat(HANGING), (_, same) => same);
  const { columns } = lines.at(-1)!;
  return lines.map(({ text }, i) => i < lines.length - 1 ? text : text + '─'.repeat(width - columns));
}

interface Place {
  /** What stands before each line. */
  mark: string;
  width: number;
  numbered: boolean;
  style: (how: Style | undefined, text: string) => string;
}

function show({ number, tokens }: Line, { mark, width, numbered, style }: Place): Shown[] {
  const gutter = numbered ? `${String(number).padStart(4)} ` : '';
  const room = width - gutter.length - mark.length;
  const chars = paint(tokens);
  const depth = Math.max(0, chars.findIndex(([char]) => char !== ' '));
  const kept = Math.min(depth, room >> 1);
  return wrap(chars.slice(depth - kept), room, ' '.repeat(kept + HANGING), style).map(({ columns, text }, i) => ({
    columns: columns + gutter.length + mark.length,
    text: style('gray', (i === 0 ? gutter : ' '.repeat(gutter.length)) + mark) + text,
  }));
}

type Char = [char: string, kind: Kind];

function paint(tokens: Token[]): Char[] {
  return tokens.flatMap(({ kind, text }) => {
    return characters(printable(text.replaceAll('\t', ' '.repeat(TAB)))).map((char): Char => [char, kind]);
  });
}

/** Lines of at most so many columns, broken behind spaces and beside wide characters where that can be had. */
function wrap(chars: Char[], width: number, hanging: string, style: Place['style']): Shown[] {
  const lines: Shown[] = [];
  let rest = chars;
  do {
    const lead = lines.length === 0 ? '' : hanging;
    let columns = lead.length, end = 0, fit = 0, inked = false;
    for (; end < rest.length; end++) {
      const [char] = rest[end]!, wide = columnsOf(char);
      const before = rest[end - 1]?.[0] ?? '';
      if (inked && !CLOSING.test(char) && (wide > 1 || before === ' ' || columnsOf(before) > 1)) fit = end;
      if (columns + wide > width) break;
      columns += wide;
      inked ||= char !== ' ';
    }
    if (end < rest.length && fit > 0) end = fit;
    const taken = rest.slice(0, Math.max(end, 1));
    rest = rest.slice(taken.length);

    let text = lead;
    for (let i = 0, to; i < taken.length; i = to) {
      for (to = i; to < taken.length && taken[to]![1] === taken[i]![1];) to++;
      text += style(STYLES[taken[i]![1]], taken.slice(i, to).map(([char]) => char).join(''));
    }
    lines.push({ columns: lead.length + taken.reduce((sum, [char]) => sum + columnsOf(char), 0), text });
  } while (rest.length > 0);
  return lines;
}
