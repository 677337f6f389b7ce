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

const KEYWORDS: Record<Language, Set<string>> = {
  php: new Set(`abstract and array as break callable case catch class clone const continue declare default do echo else
    elseif empty enddeclare endfor endforeach endif endswitch endwhile enum exit extends false final finally fn for
    foreach function global goto if implements include include_once instanceof interface isset list match namespace new
    null or print private protected public readonly require require_once return static switch throw trait true try unset
    use var while xor yield`.split(/\s+/)),
  typescript: new Set(`as async await break case catch class const continue default delete do else export extends false
    finally for from function if import in instanceof interface let new null of return satisfies static super switch
    this throw true try type typeof undefined var void while yield`.split(/\s+/)),
};

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
    if (kind === 'text' && KEYWORDS[language].has(text) && !isMember) kind = 'keyword';
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

/** The lines without what all of them are indented by: of no use to a reader who sees nothing else of the file. */
export function dedent(lines: Line[]): Line[] {
  const indents = lines.map(textOf).filter((text) => text !== '' && !text.startsWith('<?'))
    .map((text) => /^\s*/.exec(text)![0]);
  const indent = indents.reduce((least, one) => {
    let same = 0;
    while (same < least.length && least[same] === one[same]) same++;
    return least.slice(0, same);
  }, indents[0] ?? '');
  return lines.map((line) => {
    const [first, ...more] = line.tokens;
    if (first === undefined || !first.text.startsWith(indent)) return line;
    return { ...line, tokens: [{ ...first, text: first.text.slice(indent.length) }, ...more] };
  });
}

function isComment({ kind, text }: Token): boolean {
  return kind === 'comment' || text.trim() === '';
}
