/** The rows of source.ts as an HTML page that needs nothing else, and in two columns of a terminal. */
import { printable } from '../../lib/printable.ts';
import { beside, wrap } from '../columns.ts';
import { type Line, paint, type Row } from './source.ts';

/** Light or dark, as the reader's system is. */
const STYLE = `
:root{color-scheme:light dark}
body{font:1rem/1.5 system-ui,sans-serif;margin:1rem}
table{width:100%;table-layout:fixed;border-collapse:collapse}
th{text-align:left;padding:1.5rem .75rem .5rem}
td{padding:0 .75rem;vertical-align:top;border-left:1px solid}
code{display:block;position:relative;font:.8125rem/1.5 ui-monospace,monospace;tab-size:2;white-space:pre-wrap;
  overflow-wrap:anywhere;padding-left:2.75rem}
code::before{content:attr(data-line);position:absolute;left:0}
.comment{color:light-dark(#59636e,#9198a1)}
.string{color:light-dark(#0a3069,#a5d6ff)}
`;
/** SGR codes: dim, and green. */
const COLOURS = { comment: 2, string: 32 };
/** Columns of a line's number, and what a line is indented by where it goes on. */
const NUMBER = 5, HANGING = '    ';

/** The whole page. Each line of a file is a `<code>`; its number is no text, so that it is not copied along. */
export function toHtml(rows: Row[], phpName: string, tsName: string): string {
  const title = escape(`${phpName} beside ${tsName}`), headings = rows.flatMap(({ heading }) => heading ?? []);
  const lineOf = ({ number, text }: Line): string => {
    const code = paint(escape(text), (part, kind) => `<span class="${kind}">${part}</span>`);
    return `<code data-line="${number}">${code}</code>`;
  };
  const cellOf = (lines: Line[]): string => `<td>${lines.map(lineOf).join('')}</td>`;
  const headOf = (heading: string): string => {
    return `<tr><th colspan="2" id="part-${headings.indexOf(heading)}">${escape(heading)}</th></tr>`;
  };
  const rowOf = ({ heading, comments, code }: Row): string => {
    const rows = [comments, code].map((sides) => `<tr>${sides.map(cellOf).join('')}</tr>`);
    return [...(heading === undefined ? [] : [headOf(heading)]), ...rows].join('\n');
  };
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title>
<style>${STYLE}</style>
<h1>${title}</h1>
<p>What stands side by side does the same. Where one side is empty, the other has something that it lacks. Both files
are in their own order, line by line; ┊ marks a function that is shown where it is called, and again further down.</p>
<p>${headings.map((heading, i) => `<a href="#part-${i}">${escape(heading.split(' ')[0]!)}</a>`).join(' ')}</p>
<table>
${rows.map(rowOf).join('\n')}
</table>
</html>
`;
}

/** Two columns, together of so many of a terminal's (80 at least); ends without a line end. */
export function toColumns(rows: Row[], phpName: string, tsName: string, width: number, hasColours: boolean): string {
  const half = (Math.max(width, 80) - 3) >> 1;
  const lineOf = ({ number, text }: Line): string[] => {
    const [, spaces, code] = /^([┊ ]*)(.*)$/.exec(printable(text.replaceAll('\t', '  ')))!;
    const indent = spaces!.slice(0, half >> 1), room = half - NUMBER - indent.length - HANGING.length;
    // Colours have no width: they come after the lines are broken
    const wrapped = wrap(code!, room).join(`\n${HANGING}`);
    const painted = hasColours ? paint(wrapped, (part, kind) => `\x1b[${COLOURS[kind]}m${part}\x1b[0m`) : wrapped;
    return painted.split('\n').map((part, i) => `${i === 0 ? number : ''}`.padStart(NUMBER - 1) + ` ${indent}${part}`);
  };
  const both = (cells: string[][]): string[] => beside(cells, [half, half], ' │ ');
  const out = both([[printable(phpName)], [printable(tsName)]]);
  for (const { heading, comments, code } of rows) {
    if (heading !== undefined) out.push('', ...wrap(`── ${heading}`, width));
    out.push(...[comments, code].flatMap((sides) => both(sides.map((lines) => lines.flatMap(lineOf)))));
  }
  return out.join('\n');
}

/** Quotes stay as they are: nothing of a file stands in a tag, and `paint` looks for them. */
export function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
