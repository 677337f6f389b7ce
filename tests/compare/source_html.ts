/** The pairs of source.ts as one HTML page that needs nothing else: no script, no font, no request. */
import { type Line, textOf, type Token } from './highlight.ts';
import { commentsOf, type Heading, type Names, type Pair } from './source.ts';
import { STYLE } from './source_style.ts';

/** The whole page. Each line of a file is a `<code>`; without its tags and entities it is the line. */
export function toHtml(pairs: Pair[], names: Names): string {
  const parts: { heading: Heading; id: string; pairs: Pair[] }[] = [];
  let quoting = '';
  const bodies = new Map(pairs.map((pair) => {
    const body = pairOf(pair, names, pair.quote !== undefined && pair.quote.from !== quoting);
    quoting = pair.quote?.from ?? '';
    return [pair, body];
  }));
  for (const pair of pairs) {
    const { heading } = pair;
    if (heading !== undefined || parts.length === 0) {
      const { name, title } = heading ?? { name: '', title: 'the heads of the files' };
      const id = name === '' ? 'head' : /^\d/.test(name) ? `step-${name}` : name;
      const again = parts.filter((part) => part.heading.name === name).length;
      parts.push({ heading: { name, title }, id: again === 0 ? id : `${id}-${again + 1}`, pairs: [] });
    }
    parts.at(-1)!.pairs.push(pair);
  }

  const title = `${names.phpName} beside ${names.tsName}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<link rel="icon" href="data:,">
<title>${escape(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>${escape(title)}</h1>
<p>What stands side by side does the same. Where one side is empty, the other has something that it lacks. Both files are in
their own order, line by line; a line along the edge marks a function that is quoted from further down.</p>
</header>
<nav aria-label="Parts">
<ul>${parts.map(({ id, heading }) => `<li><a href="#${escape(id)}"${tooltip(heading)}>${escape(nameOf(heading))}</a></li>`).join('')}</ul>
<div class="names" aria-hidden="true"><span>${escape(names.phpName)}</span><span>${escape(names.tsName)}</span></div>
</nav>
<main>
${parts.map(({ id, heading, pairs }) => {
    const body = pairs.map((pair) => bodies.get(pair)).join('\n');
    const head = `<h2 id="${escape(id)}">${headline(heading)}</h2>`;
    if (heading.name !== '') return `<section>\n${head}\n${body}\n</section>`;
    return `<section>\n${head}\n<details>\n<summary>imports, and what the files say of themselves</summary>\n${body}\n</details>\n</section>`;
  }).join('\n')}
</main>
</body>
</html>
`;
}

function nameOf({ name }: Heading): string {
  return name === '' ? 'heads' : /^\d/.test(name) ? name : `${name}()`;
}

function headline(heading: Heading): string {
  const { name, title } = heading;
  return name === '' ? escape(title) : `<span class="step">${escape(nameOf(heading))}</span> ${escape(title)}`;
}

function tooltip({ title }: Heading): string {
  return title === '' ? '' : ` title="${escape(title)}"`;
}

function pairOf({ php, ts, quote }: Pair, { phpName, tsName }: Names, first: boolean): string {
  const right = quote === undefined ? ts : quote.lines;
  const label = quote === undefined ? tsName : `${tsName}, ${quote.from}()`;
  const note = first ? `<p class="note">${escape(quote!.from)}(), which stands below the loop:</p>` : '';
  return `<div class="pair">${side('php', phpName, php)}${side(quote === undefined ? 'ts' : 'ts quote', label, right, note)}</div>`;
}

/** A cell: its label (seen where the two stand one above the other), the comments above the code, the code. */
function side(className: string, label: string, lines: Line[], note = ''): string {
  if (lines.length === 0 && note === '') return `<div class="${className} none"></div>`;
  const comments = commentsOf(lines);
  return `<div class="${className}"><div class="above"><p class="label">${escape(label)}</p>${note}` +
    `${block(lines.slice(0, comments))}</div>${block(lines.slice(comments))}</div>`;
}

function block(lines: Line[]): string {
  return lines.length === 0 ? '' : `<pre>${lines.map(lineOf).join('')}</pre>`;
}

/** The line number is no text, so that it is not copied along. */
function lineOf(line: Line): string {
  const indent = /^\s*/.exec(textOf(line))![0].replaceAll('\t', '  ').length;
  return `<code data-line="${line.number}" style="--indent:${indent}">${line.tokens.map(tokenOf).join('')}</code>`;
}

function tokenOf({ kind, text }: Token): string {
  const language = /\p{Script=Han}/u.test(text) ? ' lang="zh"' : '';
  if (kind === 'text' && language === '') return escape(text);
  return `<span${kind === 'text' ? '' : ` class="${kind}"`}${language}>${escape(text)}</span>`;
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\'': '&#39;' };

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (char) => ENTITIES[char]!);
}
