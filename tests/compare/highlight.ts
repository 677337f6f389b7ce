/** PHP and TypeScript cut into what an eye tells apart: enough to find comments, strings and calls, no parser. */

export type Language = 'php' | 'typescript';
type Kind = 'comment' | 'string' | 'keyword' | 'variable' | 'number' | 'name' | 'text';

/** A piece of source; a name stands before its `(`, text is everything else. All texts joined are the source. */
export interface Token {
  kind: Kind;
  text: string;
}

/** A line that is not empty: its number in the file, its pieces, and whether a comment is all there is in it. */
export interface Line {
  number: number;
  tokens: Token[];
  comment: boolean;
}

/** Words that are no names, of both languages. */
const KEYWORDS = new Set(`array as async await break case catch class const continue default delete do echo else elseif
  empty export exit false finally for foreach from function if import in isset let list new null of print return static
  switch throw true try type typeof undefined unset var void while`.split(/\s+/));

/** What may come next, the first that fits. Unclosed comments and strings go on to the end of the source. */
const PATTERNS: Record<Language, [Kind, RegExp][]> = {
  php: [
    ['comment', /\/\*[^]*?(?:\*\/|$)|(?:\/\/|#(?!\[))(?:(?!\?>)[^\n])*/y],
    ['string', /<<<[ \t]*(['"]?)(\w+)\1\n[^]*?(?:\n[ \t]*\2\b|$)/y],
    ['string', /'(?:\\[^]|[^\\'])*(?:'|$)|"(?:\\[^]|[^\\"])*(?:"|$)|`(?:\\[^]|[^\\`])*(?:`|$)/y],
    ['keyword', /<\?(?:php\b|=)?|\?>/y],
    ['variable', /\$[\p{L}_][\p{L}\p{N}_]*/uy],
  ],
  typescript: [
    ['comment', /\/\*[^]*?(?:\*\/|$)|\/\/[^\n]*/y],
    ['string', /'(?:\\[^]|[^\\'\n])*'?|"(?:\\[^]|[^\\"\n])*"?|`(?:\\[^]|[^\\`])*(?:`|$)/y],
    // A regular expression, where no operand stands before that could be divided
    ['string', /(?<![\w$)\]}'"`]\s*)\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*/y],
  ],
};
const COMMON: [Kind, RegExp][] = [
  ['number', /\d[\w.]*/y],
  ['text', /[\p{L}_][\p{L}\p{N}_]*/uy],
  ['text', /\s+/y],
];

/** The source in pieces. PHP may stand between `<?php` and `?>`, or be all there is. */
function tokens(code: string, language: Language): Token[] {
  const found: Token[] = [], patterns = [...PATTERNS[language], ...COMMON];
  for (let at = 0; at < code.length; at += found.at(-1)!.text.length) {
    let kind: Kind = 'text', text = '';
    for (const [next, pattern] of patterns) {
      pattern.lastIndex = at;
      [kind, text] = [next, pattern.exec(code)?.[0] ?? ''];
      if (text !== '') break;
    }
    if (text === '') [kind, text] = ['text', code[at]!];
    // A member may be called as a keyword is: promise.catch
    const isMember = /(?:(?<!\.)\.|->|::)$/.test(code.slice(Math.max(0, at - 2), at));
    if (kind === 'text' && KEYWORDS.has(text) && !isMember) kind = 'keyword';
    else if (kind === 'text' && /^\w/.test(text) && code[at + text.length] === '(') kind = 'name';
    found.push({ kind, text });
  }
  return found;
}

/** The lines of a source, but for the empty ones between its statements; `first` is the number of the first. */
export function linesOf(code: string, language: Language, first = 1): Line[] {
  const lines: Token[][] = [[]];
  for (const { kind, text } of tokens(code.replaceAll('\r\n', '\n'), language)) {
    text.split('\n').forEach((part, i) => {
      if (i > 0) lines.push([]);
      // An empty line inside of a comment or string is part of it
      if (part !== '' || kind !== 'text') lines.at(-1)!.push({ kind, text: part });
    });
  }
  return lines.map((line, i) => ({ number: first + i, tokens: line, comment: line.every(isComment) }))
    .filter(({ tokens }) => tokens.some(({ kind, text }) => kind !== 'text' || text.trim() !== ''));
}

/** The line as it stands in the file. */
export function textOf({ tokens }: Line): string {
  return tokens.map(({ text }) => text).join('');
}

/** The code without what all of its lines are indented by: of no use to a reader who sees nothing else of the file. */
export function dedent(code: string): string {
  const isShown = (line: string): boolean => line.trim() !== '' && !line.startsWith('<?');
  const lines = code.split('\n'), indents = lines.filter(isShown).map((line) => line.length - line.trimStart().length);
  return lines.map((line) => isShown(line) ? line.slice(Math.min(...indents)) : line).join('\n');
}

function isComment({ kind, text }: Token): boolean {
  return kind === 'comment' || text.trim() === '';
}
