/** The pairs of source.ts as one HTML page that needs nothing else: no script, no font, no request. */
import { type Line, type Token } from './highlight.ts';
import { commentsOf, type Heading, type Names, type Pair } from './source.ts';

/** Light or dark, as the reader's system is. */
const STYLE = `
:root{color-scheme:light dark}
body{font:1rem/1.5 system-ui,sans-serif;margin:1rem}
table{width:100%;table-layout:fixed;border-collapse:collapse}
td{padding:0 .75rem;vertical-align:top;border-left:1px solid}
.above td{vertical-align:bottom}
.quote{border-left-style:double;border-left-width:4px}
th{text-align:left;padding:1.5rem .75rem .5rem}
pre{margin:0;font:.8125rem/1.5 ui-monospace,monospace;tab-size:2}
code{display:block;position:relative;min-height:1.5em;font:inherit;white-space:pre-wrap;overflow-wrap:anywhere;
  padding-left:2.75rem}
code::before{content:attr(data-line);position:absolute;left:0}
.comment{font-style:italic}
`;

/** The whole page. Each line of a file is a `<code>`; without its tags and entities it is the line. */
export function toHtml(pairs: Pair[], { phpName, tsName }: Names): string {
  const title = escape(`${phpName} beside ${tsName}`);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${title}</h1>
<p>What stands side by side does the same. Where one side is empty, the other has something that it lacks. Both files
are in their own order, line by line; a double bar marks a function that is quoted from further down.</p>
<table>
<tr><th scope="col">${escape(phpName)}</th><th scope="col">${escape(tsName)}</th></tr>
${pairs.map(rowsOf).join('\n')}
</table>
</body>
</html>
`;
}

/** The comments of both sides, then their code, so that the code begins at one height. */
function rowsOf({ heading, php, ts, quote }: Pair): string {
  const right = quote?.lines ?? ts, className = quote === undefined ? '' : ' class="quote"';
  const note = quote?.begins === true ? `<p>${escape(quote.from)}(), which stands below the loop:</p>` : '';
  const row = (name: string, left: Line[], lines: Line[], note = ''): string => {
    return `<tr class="${name}"><td>${block(left)}</td><td${className}>${note}${block(lines)}</td></tr>`;
  };
  return (heading === undefined ? '' : headOf(heading)) +
    row('above', php.slice(0, commentsOf(php)), right.slice(0, commentsOf(right)), note) +
    row('code', php.slice(commentsOf(php)), right.slice(commentsOf(right)));
}

function headOf({ name, title }: Heading): string {
  return `<tr><th colspan="2">${escape(/^\D/.test(name) ? `${name}()` : name)} ${escape(title)}</th></tr>\n`;
}

/** The line number is no text, so that it is not copied along. */
function block(lines: Line[]): string {
  if (lines.length === 0) return '';
  const codes = lines.map(({ number, tokens }) => `<code data-line="${number}">${tokens.map(tokenOf).join('')}</code>`);
  return `<pre>${codes.join('')}</pre>`;
}

function tokenOf({ kind, text }: Token): string {
  return kind === 'comment' ? `<span class="comment">${escape(text)}</span>` : escape(text);
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}
