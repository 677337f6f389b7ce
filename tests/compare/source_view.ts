/** The rows of source.ts as an HTML page that needs nothing else, and in two columns of a terminal. */
import { readFileSync } from 'node:fs';
import { printable } from '../../lib/printable.ts';
import { beside, wrap } from '../columns.ts';
import type { Fact, Language } from './facts.ts';
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
nav{position:sticky;top:0;padding:.25rem 0;background:Canvas}
nav a{margin-right:.75rem}
table{width:100%;table-layout:fixed;border-collapse:collapse}
th{text-align:left;padding:1.5rem .75rem .5rem;scroll-margin-top:2rem}
td{padding:0 .75rem;vertical-align:top;border-left:1px solid}
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
  en: 'What stands side by side does the same; "—" stands where one side has no counterpart. server.ts is in its own order, ' +
    'and PHP in the order of the steps, as its line numbers show. ┊ marks a function\'s lines: they stand behind its first call.',
  zh: '并排的语句作用相同；“—”表示这一边没有对应的语句。server.ts 按自己的顺序排列，PHP 按步骤的顺序排列，行号表明它在文件中的位置。' +
    '┊ 标出函数的各行：它们放在第一次调用之后。',
};
const NONE: Fact = { en: 'not in {name}', zh: '{name} 中没有' };

/** The titles of the steps: in English they stand in server.ts, in Chinese on the page that shows a connection. */
export function titlesOf(server: string, language: Language): Record<string, string> {
  const page = readFileSync(new URL('../../lib/trace/page.html', import.meta.url), 'utf8');
  const all = language === 'en' ? server.matchAll(/^ \* +(\d+)  (.+)$/gm) : page.matchAll(/^ {2}(\d+): '(.*)',$/gm);
  return Object.fromEntries(Array.from(all, ([, step, title]) => [step!, title!]));
}

/** What stands in the empty cell of each row, if one is: the words only where other rows than the one before begin. */
function absences(rows: Row[], { php, ts, language }: Pages): (readonly [side: 0 | 1, words: string] | undefined)[] {
  const sides = rows.map(({ code: [left, right] }) => left.length > 0 === right.length > 0 ? undefined : left.length > 0 ? 1 : 0);
  return sides.map((side, i) => {
    if (side === undefined) return undefined;
    const isNew = sides[i - 1] !== side || rows[i]!.heading !== undefined;
    return [side, isNew ? `— ${NONE[language].replace('{name}', () => side === 0 ? php : ts)}` : '—'];
  });
}

function titleOf({ php, ts, language }: Pages): string {
  return TITLE[language].replace('{php}', () => php).replace('{ts}', () => ts);
}

/** The whole page. Each line of a file is a `<code>`; its number is no text, so that it is not copied along. */
export function toHtml(rows: Row[], pages: Pages): string {
  const title = escape(titleOf(pages)), headings = rows.flatMap(({ heading }) => heading ?? []), none = absences(rows, pages);
  const lineOf = ({ number, text }: Line): string => {
    const code = paint(escape(text), (part, kind) => `<span class="${kind}">${part}</span>`);
    return `<code data-line="${number}">${code}</code>`;
  };
  const headOf = (heading: string): string => {
    const words = escape(`${heading}  ${pages.titles[heading] ?? ''}`.trim());
    return `<tr><th colspan="2" id="part-${headings.indexOf(heading)}">${words}</th></tr>`;
  };
  const rowOf = ({ heading, comments, code }: Row, i: number): string => {
    const cellOf = (lines: Line[], side: number): string => {
      return lines.length === 0 && none[i]?.[0] === side ? `<td class="none">${escape(none[i][1])}</td>` : `<td>${lines.map(lineOf).join('')}</td>`;
    };
    const both = [[...comments[0], ...code[0]], [...comments[1], ...code[1]]].map(cellOf).join('');
    return `${heading === undefined ? '' : headOf(heading)}<tr>${both}</tr>`;
  };
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
${rows.map(rowOf).join('\n')}
</table>
</html>
`;
}

/** Two columns, together of so many of a terminal's (80 at least); ends without a line end. */
export function toColumns(rows: Row[], pages: Pages, width: number, hasColours: boolean): string {
  const half = (Math.max(width, 80) - 3) >> 1, none = absences(rows, pages);
  const lineOf = ({ number, text }: Line): string[] => {
    const [, spaces, code] = /^([┊ ]*)(.*)$/.exec(printable(text.replaceAll('\t', '  ')))!;
    const indent = spaces!.slice(0, half >> 1), room = half - NUMBER - indent.length - HANGING.length;
    // Colours have no width: they come after the lines are broken
    const wrapped = wrap(code!, room).join(`\n${HANGING}`);
    const painted = hasColours ? paint(wrapped, (part, kind) => `\x1b[${COLOURS[kind]}m${part}\x1b[0m`) : wrapped;
    return painted.split('\n').map((part, i) => `${i === 0 ? number : ''}`.padStart(NUMBER - 1) + ` ${indent}${part}`);
  };
  const both = (cells: string[][]): string[] => beside(cells, [half, half], ' │ ');
  const out = [...wrap(printable(titleOf(pages)), width), '', ...wrap(LEAD[pages.language], width)];
  rows.forEach(({ heading, comments, code }, i) => {
    if (heading !== undefined) out.push('', ...wrap(`── ${heading}  ${pages.titles[heading] ?? ''}`, width));
    const [above, below] = [comments, code].map((sides) => sides.map((lines) => lines.flatMap(lineOf)));
    const [side, words] = none[i] ?? [];
    if (side !== undefined) (above!.flat().length > 0 ? above! : below!)[side] = wrap(printable(words!), half - NUMBER).map((line) => `${' '.repeat(NUMBER)}${line}`);
    out.push(...both(above!), ...both(below!));
  });
  return out.join('\n');
}

/** Quotes stay as they are: nothing of a file stands in a tag, and `paint` looks for them. */
export function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
