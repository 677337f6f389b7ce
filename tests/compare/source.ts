/**
 * The two loops side by side, for reading: each statement of the PHP beside the one of server.ts that has the most
 * words in common with it, both files in their own order. Nothing here knows a line of either file.
 */

/** A line that is not empty, and its number in the file. */
export interface Line {
  number: number;
  text: string;
}

/** What stands side by side: lines of the PHP and of server.ts, comments above code. */
export interface Row {
  /** Of a row that begins a step of the loop or a function: '3  it is the server: accept the new clients'. */
  heading?: string;
  comments: [php: Line[], ts: Line[]];
  code: [php: Line[], ts: Line[]];
}

interface Statement {
  comments: Line[];
  code: Line[];
}

/** A string, or a comment, which is the first group; in one line, which may have been wrapped. */
const TOKEN = /(^\s*\/?\*[^]*|(?:\/\/|#)[^]*)|'(?:\\.|[^\\'])*'?|"(?:\\.|[^\\"])*"?|`(?:\\.|[^\\`])*`?/g;
/** What a file fetches: it is the head, with all above it. */
const HEAD = /^(?:import |\} from |<\?php|require )/;
const END = /[;{}:]\s*$/, CLOSER = /^[\s})\];,]+$/;
/** The variable or the array that an assignment changes. */
const SET = /array_push\(\$(\w+)|(\w+)(?:\[[^\]]*\])?(?:: \w+\[\])? [.+]?=(?![=>])/g;
/** Words of PHP's that server.ts has others for. What bears one name in both needs no row. */
const WORDS: [php: RegExp, ts: string][] = [
  [/^elseif$/, 'if'], [/^unset$/, 'delete'], [/^preg_match$|^Exception$/, 'getRequest'], [/^hand_?sh/i, 'handShake'],
  [/^stream_socket_server$/, 'socket_create'], [/^stream_select$/, 'socket_select'], [/^fclose$/, 'socket_close'],
  [/^stream_socket_accept$/, 'socket_accept'], [/^(?:fread|socket_recv)$/, 'socket_read'], [/^master$/, 'server'],
  [/^(?:fwrite|socket_send)$/, 'socket_write'], [/^decode/, 'getMsg'], [/^encode/, 'buildMsg'], [/^echo$/, 'var_dump'],
];
/** Below this, what two statements have in common is chance: `socket` is everywhere. */
const ENOUGH = 0.2;

/** @param first the number of the PHP's first line in its file */
export function pairs(php: string, ts: string, first = 1): Row[] {
  const left = statementsOf(php, first), right = withCalled(statementsOf(ts, 1));
  const titles = new Map([...ts.matchAll(/^ \* +((\d+)  .+)$/gm)].map(([, title, step]) => [step!, title!]));
  const partners = partnersOf(left, right);
  const rows: Row[] = [];
  let shown = 0, step = '';
  const showRight = (): void => {
    const { comments, code } = right[shown++]!, row: Row = { comments: [[], comments], code: [[], code] };
    const name = functionOf(code);
    // What stands between the head and the first number belongs to that step
    const number = stepOf(comments) ?? (shown === 2 ? '1' : step);
    if (name !== undefined) row.heading = `${name}()`;
    else if (number !== step) row.heading = titles.get(number) ?? number;
    step = number;
    rows.push(row);
  };
  left.forEach(({ comments, code }, i) => {
    const partner = partners[i];
    while (partner !== undefined && shown <= partner) showRight();
    if (partner === undefined) rows.push({ comments: [[], []], code: [[], []] });
    const { comments: [above], code: [lines] } = rows.at(-1)!;
    (lines.length > 0 ? lines : above).push(...comments);
    lines.push(...code);
  });
  while (shown < right.length) showRight();
  return rows;
}

/** The text with each comment and string as `colour` makes it. */
export function paint(text: string, colour: (text: string, kind: 'comment' | 'string') => string): string {
  return text.replace(TOKEN, (token, comment?: string) => {
    return token.replace(/[^\n]+/g, (line) => colour(line, comment === undefined ? 'string' : 'comment'));
  });
}

/** What the machine reads of these lines. */
export function codeOf(lines: Line[]): string {
  const withoutComment = (token: string, comment?: string): string => comment === undefined ? token : '';
  return lines.map(({ text }) => text.replace(TOKEN, withoutComment)).join('\n');
}

/** The head of a file, then its statements; what only closes a block belongs to the statement before. */
function statementsOf(source: string, first: number): Statement[] {
  const lines = source.split(/\r?\n/).map((text, i) => ({ number: first + i, text }))
    .filter(({ text }) => text.trim() !== '');
  const head = lines.findLastIndex(({ text }) => HEAD.test(text)) + 1;
  const statements: Statement[] = [{ comments: [], code: lines.slice(0, head) }];
  let next: Statement = { comments: [], code: [] };
  for (const line of lines.slice(head)) {
    const code = codeOf([line]);
    if (next.code.length === 0 && code.trim() === '') next.comments.push(line);
    else next.code.push(line);
    if (next.code.length === 1 && CLOSER.test(code)) statements.at(-1)!.code.push(...next.comments, line);
    else if (next.code.length > 0 && END.test(code)) statements.push(next);
    else continue;
    next = { comments: [], code: [] };
  }
  return next.code.length + next.comments.length > 0 ? [...statements, next] : statements;
}

/**
 * PHP forgets a client where it has left; server.ts in a function below the loop, since it has to in three places. So
 * a function's lines are shown behind its first call too, marked by ┊.
 */
function withCalled(statements: Statement[]): Statement[] {
  const all = [...statements];
  for (const [begin, { code }] of statements.entries()) {
    const name = functionOf(code);
    const caller = all.findIndex(({ code }) => functionOf(code) === undefined && codeOf(code).includes(`${name}(`));
    if (name === undefined || caller < 0) continue;
    const end = statements.findIndex(({ code: [line] }, i) => i > begin && /^\S/.test(line?.text ?? ''));
    const marked = (lines: Line[]): Line[] => lines.map(({ number, text }) => ({ number, text: `┊ ${text}` }));
    all.splice(caller + 1, 0, ...statements.slice(begin + 1, end < 0 ? undefined : end).map(({ comments, code }) => {
      return { comments: marked(comments), code: marked(code) };
    }));
  }
  return all;
}

/** The function that begins here, at the file's left edge. */
function functionOf([line]: Line[]): string | undefined {
  return /^(?:async )?function (\w+)/.exec(line?.text ?? '')?.[1];
}

/** The number of the loop's step that a comment begins with: `// 3  PHP: one a pass`. */
function stepOf(comments: Line[]): string | undefined {
  return comments.map(({ text }) => /^\s*\/\/ (\d+)(?:  |$)/.exec(text)?.[1]).find((step) => step !== undefined);
}

/** The words of a statement's code and of its strings, and what it sets once more. */
function wordsOf({ code }: Statement): Set<string> {
  const text = codeOf(code).replace(/\\[a-z]/g, ' ');
  const words = text.match(/\p{L}[\p{L}\p{N}_]*/gu) ?? [];
  return new Set([
    ...words.map((word) => WORDS.find(([php]) => php.test(word))?.[1] ?? word),
    ...Array.from(text.matchAll(SET), ([, pushed, set]) => `${pushed ?? set} =`),
  ]);
}

/**
 * For each on the left the one on the right that is its own, if any: those in order that have the most in common
 * (Needleman and Wunsch, 1970). PHP often takes more statements for one, so several may have the same.
 */
function partnersOf(left: Statement[], right: Statement[]): (number | undefined)[] {
  const [ones, others] = [left.map(wordsOf), right.map(wordsOf)];
  const often = (all: Set<string>[], word: string): number => all.filter((words) => words.has(word)).length;
  // A word tells the less the more often it occurs. The heads belong together, whatever is in them
  const score = ones.map((words, i) => {
    const weights = [...words].map((word) => [word, 1 / Math.sqrt(often(ones, word) * often(others, word))] as const);
    return others.map((other, j) => {
      if (i * j === 0) return i === j ? 1 : 0;
      const sum = weights.reduce((sum, [word, weight]) => sum + (other.has(word) ? weight : 0), 0);
      return sum < ENOUGH ? 0 : sum;
    });
  });
  // The most that can be had from i and j on
  const best = Array.from({ length: left.length + 1 }, () => new Array<number>(right.length + 1).fill(0));
  for (let i = left.length - 1; i >= 0; i--) {
    for (let j = right.length - 1; j >= 0; j--) {
      best[i]![j] = Math.max(best[i + 1]![j]!, best[i]![j + 1]!, score[i]![j]! + best[i + 1]![j]!);
    }
  }
  const partners: (number | undefined)[] = left.map(() => undefined);
  for (let i = 0, j = 0; i < left.length && j < right.length;) {
    if (score[i]![j]! > 0 && best[i]![j] === score[i]![j]! + best[i + 1]![j]!) partners[i++] = j;
    else if (best[i]![j] === best[i]![j + 1]) j++;
    else i++;
  }
  return partners;
}
