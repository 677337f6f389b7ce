/** The pairs of source.ts as one HTML page that needs nothing else: no script, no font, no request. */
import { type Line, textOf, type Token } from './highlight.ts';
import { commentsOf, type Heading, type Names, type Pair } from './source.ts';
import { STYLE } from './source_style.ts';

/** The whole page. Each line of a file is a `<code>`; without its tags and entities it is the line. */
export function toHtml(pairs: Pair[], names: Names): string {
  const parts = partsOf(pairs), title = escape(`${names.phpName} beside ${names.tsName}`);
  const links = parts.map(({ id, heading }) => `<li><a href="#${id}">${escape(nameOf(heading))}</a></li>`);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<link rel="icon" href="data:,">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>${title}</h1>
<p>What stands side by side does the same. Where one side is empty, the other has something that it lacks. Both files
are in their own order, line by line; a bar along the edge marks a function that is quoted from further down.</p>
</header>
<nav aria-label="Parts">
<ul>${links.join('')}</ul>
<div class="names" aria-hidden="true"><span>${escape(names.phpName)}</span><span>${escape(names.tsName)}</span></div>
</nav>
<main>
${parts.map((part) => sectionOf(part, names)).join('\n')}
</main>
</body>
</html>
`;
}

/** What stands under one heading, and what a link calls it by. */
interface Part {
  heading: Heading;
  id: string;
  pairs: Pair[];
}

function partsOf(pairs: Pair[]): Part[] {
  const parts: Part[] = [];
  for (const pair of pairs) {
    const heading = pair.heading ?? (parts.length === 0 ? { name: '', title: 'above the loop' } : undefined);
    if (heading !== undefined) {
      const again = parts.filter((part) => part.heading.name === heading.name).length;
      const id = heading.name === '' ? 'head' : /^\d/.test(heading.name) ? `step-${heading.name}` : heading.name;
      parts.push({ heading, id: escape(again === 0 ? id : `${id}-${again + 1}`), pairs: [] });
    }
    parts.at(-1)!.pairs.push(pair);
  }
  return parts;
}

function sectionOf({ heading, id, pairs }: Part, names: Names): string {
  const body = pairs.map((pair) => pairOf(pair, names)).join('\n'), { name, title } = heading;
  const step = name === '' ? '' : `<span class="step">${escape(nameOf(heading))}</span> `;
  const h2 = `<h2 id="${id}">${step}${escape(title)}</h2>`;
  if (name !== '') return `<section>\n${h2}\n${body}\n</section>`;
  const summary = '<summary>imports, and what the files say of themselves</summary>';
  return `<section>\n${h2}\n<details>\n${summary}\n${body}\n</details>\n</section>`;
}

function nameOf({ name }: Heading): string {
  return name === '' ? 'heads' : /^\d/.test(name) ? name : `${name}()`;
}

function pairOf({ php, ts, quote }: Pair, { phpName, tsName }: Names): string {
  const left = side('php', `PHP: ${phpName}`, php), label = `TypeScript: ${tsName}`;
  if (quote === undefined) return `<div class="pair">${left}${side('ts', label, ts)}</div>`;
  const from = `${quote.from}()`;
  const note = quote.begins ? `<p class="note">${escape(from)}, which stands below the loop:</p>` : '';
  return `<div class="pair">${left}${side('ts quote', `${label}, ${from}`, quote.lines, note)}</div>`;
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
  // Where a narrow line may end. Else one that begins with a long name would leave its indent alone on a line
  if (kind === 'text' && language === '') return escape(text) + (/[([]$/.test(text) ? '<wbr>' : '');
  return `<span${kind === 'text' ? '' : ` class="${kind}"`}${language}>${escape(text)}</span>`;
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\'': '&#39;' };

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (char) => ENTITIES[char]!);
}
