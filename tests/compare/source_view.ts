/** The rows of source.ts as an HTML page that needs nothing else, and in two columns of a terminal. */
import { readFileSync } from 'node:fs';
import { printable } from '../../lib/printable.ts';
import { beside, wrap } from '../columns.ts';
import type { Language } from '../helpers.ts';
import type { Fact } from './facts.ts';
import { type Line, paint, type Row } from './source.ts';

/** What the rows are of. */
export interface Pages {
  php: string;
  ts: string;
  language: Language;
  /** What each step does: { '1': 'create a socket ...' }. */
  titles: Record<string, string>;
}

/** Light or dark, as the reader's system is. */
const STYLE = `
:root{color-scheme:light dark}
body{font:1rem/1.5 system-ui,sans-serif;margin:1rem}
nav a{margin-right:.75rem}
table{width:100%;table-layout:fixed;border-collapse:collapse}
th{text-align:left;padding:1.5rem .75rem .5rem}
td{padding:0 .75rem;vertical-align:top;border-left:1px solid GrayText}
code{display:block;position:relative;font:.8125rem/1.5 ui-monospace,monospace;tab-size:2;white-space:pre-wrap;
  overflow-wrap:anywhere;padding-left:2.75rem}
code::before{content:attr(data-line);position:absolute;left:0}
.comment,.none{color:light-dark(#59636e,#9198a1)}
.none{font-size:.8125rem}
.string{color:light-dark(#0a3069,#a5d6ff)}
`;
/** SGR codes: dim, and green. */
const COLOURS = { comment: 2, string: 32 };
/** Columns of a line's number, and what a line is indented by where it goes on. */
const NUMBER = 5, HANGING = '    ';

const TITLE: Fact = { en: '{php} beside {ts}', zh: '{php} 与 {ts} 对照' };
const LEAD: Fact = {
  en: 'What stands side by side does the same; "—" stands where one side has no counterpart. server.ts keeps its order. ' +
    'The PHP is in the order of the steps: see its line numbers. ┊ marks a function, which stands behind its first call.',
  zh: '并排的语句作用相同；“—”表示这一边没有对应的语句。server.ts 保持原来的顺序，PHP 按步骤的顺序排列，见行号。' +
    '┊ 标出函数，它放在第一次调用之后。',
};
const NONE: Fact = { en: 'not in {name}', zh: '{name} 中没有' };

/** The titles of the steps: in English they stand in server.ts, in Chinese on the page that shows a connection. */
export function titlesOf(server: string, language: Language): Record<string, string> {
  const page = readFileSync(new URL('../../lib/trace/page/words.js', import.meta.url), 'utf8');
  const all = language === 'en' ? server.matchAll(/^ \* +(\d+)  (.+)$/gm) : page.matchAll(/^ {2}(\d+): '(.*)',$/gm);
  return Object.fromEntries(Array.from(all, ([, step, title]) => [step!, title!]));
}

/** Lines, or a mark that there are none. */
type Cell = Line[] | string;

/** The rows, comments above code; an empty cell beside code is a mark, with words where the row before had none. */
function partsOf(rows: Row[], { php, ts, language }: Pages): { heading: string | undefined; parts: Cell[][] }[] {
  let last = -1;
  return rows.map(({ heading, comments, code }) => {
    const empty = code.findIndex((lines) => lines.length === 0);
    const words = NONE[language].replace('{name}', () => [php, ts][empty]!);
    const mark = empty === last && heading === undefined ? '—' : `— ${words}`;
    last = code.flat().length > 0 ? empty : -1;
    const parts = [comments, code].map((cells): Cell[] => [...cells]).filter((cells) => cells.flat().length > 0);
    if (last >= 0) parts[0]![last] = mark;
    return { heading, parts };
  });
}

function titleOf({ php, ts, language }: Pages): string {
  return TITLE[language].replace('{php}', () => php).replace('{ts}', () => ts);
}

/** The whole page. Each line of a file is a `<code>`; its number is no text, so that it is not copied along. */
export function toHtml(rows: Row[], pages: Pages): string {
  const title = escape(titleOf(pages)), headings = rows.flatMap(({ heading }) => heading ?? []);
  const lineOf = ({ number, text }: Line): string => {
    const code = paint(escape(text), (part, kind) => `<span class="${kind}">${part}</span>`);
    return `<code data-line="${number}">${code}</code>`;
  };
  const cellOf = (cell: Cell): string => {
    return typeof cell === 'string' ? `<td class="none">${escape(cell)}</td>` : `<td>${cell.map(lineOf).join('')}</td>`;
  };
  const headOf = (heading: string): string => {
    const words = escape(`${heading}  ${pages.titles[heading] ?? ''}`.trim());
    return `<tr><th colspan="2" id="part-${headings.indexOf(heading)}">${words}</th></tr>`;
  };
  const all = partsOf(rows, pages).flatMap(({ heading, parts }) => {
    const lines = parts.map((cells) => `<tr>${cells.map(cellOf).join('')}</tr>`);
    return heading === undefined ? lines : [headOf(heading), ...lines];
  });
  return `<!doctype html>
<html lang="${pages.language === 'en' ? 'en' : 'zh-CN'}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title>
<style>${STYLE}</style>
<h1>${title}</h1>
<p>${LEAD[pages.language]}</p>
<nav>${headings.map((heading, i) => `<a href="#part-${i}">${escape(heading)}</a>`).join(' ')}</nav>
<table>
${all.join('\n')}
</table>
</html>
`;
}

/** Two columns, together of so many of a terminal's (80 at least); ends without a line end. */
export function toColumns(rows: Row[], pages: Pages, width: number, hasColours: boolean): string {
  const half = (Math.max(width, 80) - 3) >> 1;
  const lineOf = ({ number, text }: Line): string[] => {
    const [, spaces, code] = /^([┊ ]*)(.*)$/.exec(printable(text.replaceAll('\t', '  ')))!;
    const indent = spaces!.slice(0, half >> 1), room = half - NUMBER - indent.length - HANGING.length;
    // Colours have no width: they come after the lines are broken
    const wrapped = wrap(code!, room).join(`\n${HANGING}`);
    const painted = hasColours ? paint(wrapped, (part, kind) => `\x1b[${COLOURS[kind]}m${part}\x1b[0m`) : wrapped;
    return painted.split('\n').map((part, i) => `${i === 0 ? number : ''}`.padStart(NUMBER - 1) + ` ${indent}${part}`);
  };
  const cellOf = (cell: Cell): string[] => {
    if (typeof cell !== 'string') return cell.flatMap(lineOf);
    return wrap(printable(cell), half - NUMBER).map((line) => ' '.repeat(NUMBER) + line);
  };
  const out = [...wrap(printable(titleOf(pages)), width), '', ...wrap(LEAD[pages.language], width)];
  for (const { heading, parts } of partsOf(rows, pages)) {
    if (heading !== undefined) out.push('', ...wrap(`── ${heading}  ${pages.titles[heading] ?? ''}`, width));
    out.push(...parts.flatMap((cells) => beside(cells.map(cellOf), [half, half], ' │ ')));
  }
  return out.join('\n');
}

/** Quotes stay as they are: nothing of a file stands in a tag, and `paint` looks for them. */
export function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
