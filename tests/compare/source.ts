/**
 * The two loops side by side, for reading. Each statement gets its step: by the calls in it, else from the block around
 * it. A function's lines stand behind its first call, and PHP's statements are sorted by step. Within a step, those stand
 * side by side that have the most words in common. Nothing here knows a line of either file.
 */

/** A line that is not empty, and its number in the file. */
export interface Line {
  number: number;
  text: string;
  /** What the machine reads of it: the text without comments. */
  code: string;
}

/** What stands side by side: lines of the PHP and of server.ts, comments above code. */
export interface Row {
  /** Of a row that begins a step of the loop or a function: '3', 'unmask()'. */
  heading?: string;
  comments: [php: Line[], ts: Line[]];
  code: [php: Line[], ts: Line[]];
}

interface Statement {
  comments: Line[];
  code: Line[];
  /** Its code without what the strings say. */
  calls: string;
  /** The statements of the block that it opens. */
  inside: Statement[];
  step: number;
  /** It opens the branch or the loop of its step: PHP's `else` may be an `if` in server.ts. */
  begins: boolean;
}

/** A string, or a comment, which is the first group; in one line, which may have been wrapped. */
const TOKEN = /(^[┊\s]*\/?\*[^]*|(?:\/\/|#)[^]*)|'(?:\\.|[^\\'])*'?|"(?:\\.|[^\\"])*"?|`(?:\\.|[^\\`])*`?/g;
/** The same in a whole file: here a comment may have lines, and a string ends with its line. */
const COMMENT = /\/\*[^]*?\*\/|(?:\/\/|#(?!\[)).*|('(?:\\.|[^\\'\n])*'|"(?:\\.|[^\\"\n])*"|`(?:\\.|[^\\`\n])*`)/g;
/** What a file fetches: it is the head, with all above it. */
const HEAD = /^(?:import |\} from |<\?php|require|namespace |use )/;
const END = /[;{}:]\s*$|^<\?php\s*$/, CLOSER = /^[\s})\];,]+$|^\s*\}\s*while\b.*;\s*$/;
/** The variable or the array that an assignment changes. */
const SET = /array_push\(\$(\w+)|(\w+)(?:\[[^\]]*\])?(?:: \w+\[\])? [.+]?=(?![=>])/g;
/** Words of PHP's that server.ts has others for. What bears one name in both needs no row. */
const WORDS: [php: RegExp, ts: string][] = [
  [/^elseif$/, 'if'], [/^foreach$/, 'for'], [/^do$/, 'while'], [/^unset$/, 'delete'],
  [/^preg_match$|^Exception$/, 'getRequest'], [/^hand(?:_?sh|s$)/i, 'handShake'],
  [/^stream_socket_server$/, 'socket_create'], [/^stream_select$/, 'socket_select'],
  [/^(?:fclose|.*disconnect)$/i, 'socket_close'], [/^stream_socket_accept$/, 'socket_accept'], [/^master$/, 'server'],
  [/^(?:fread|socket_recv)$/, 'socket_read'], [/^(?:fwrite|socket_send|send)/i, 'socket_write'],
  [/^(?:decode|unmask|deframe)/i, 'getMsg'], [/^(?:encode|mask|frame$)/i, 'buildMsg'],
  [/^(?:echo|print_r)$/, 'var_dump'], [/^(?:clients|users)$/, 'sockets'],
];
/** Below this, what two statements have in common is chance: `socket` is everywhere. */
const ENOUGH = 0.2;
/** What two branches of one step have in common, whatever their words are. */
const BRANCHES = 0.4;

/** The steps by their calls, in the order in which a line with two of them is judged. */
const DECODES = /\b(?:decode|unmask|deframe|getMsg|hybi10Decode)\w*\(/i, CLOSES = /\b(?:socket_close|fclose)\(/;
const CALLS: [step: number, RegExp][] = [
  [6, /\bsha1\(|hand_?shak\w*\(/i], [7, DECODES], [3, /\b(?:socket|stream_socket)_accept\(/],
  [4, /\b(?:socket_read|socket_recv|fread|stream_socket_recvfrom)\(/], [2, /\b(?:socket|stream)_select\(/],
  [1, /\b(?:socket_(?:create|bind|listen)|stream_socket_server)\(/], [5, CLOSES], [5, /\bunset\(|\b\w*disconnect\(/i],
];
const BRANCH = /^[\s}]*(?:if|else|elseif|catch)\b/, LOOP = /^\s*(?:while|for|foreach|do)\b/;
const FUNCTION = /^[\w\s]*\bfunction\s+&?(\w+)\s*\([^]*\{[\s}]*$/;
/** From this number on: the functions that belong to no step. */
const BELOW = 100;

/** @param first the number of the PHP's first line in its file */
export function pairs(php: string, ts: string, first = 1): Row[] {
  const left = arrange(statementsOf(php, first)), right = arrange(statementsOf(ts, 1));
  // server.ts is in order: a step that goes on behind a later one begins no part of its own
  right.forEach((one, i) => { one.step = Math.max(one.step, right[i - 1]?.step ?? 0); });
  left.sort((a, b) => a.step - b.step);
  const partners = partnersOf(left, right);
  const rows: Row[] = [];
  let shown = 0, step = 0;
  const begin = (of: Statement): void => {
    const row: Row = { comments: [[], []], code: [[], []] };
    if (of.step !== step) row.heading = of.step >= BELOW ? `${FUNCTION.exec(of.calls)![1]}()` : `${of.step}`;
    step = of.step;
    rows.push(row);
  };
  const showRight = (): void => {
    begin(right[shown]!);
    const { comments, code } = rows.at(-1)!;
    comments[1].push(...right[shown]!.comments);
    code[1].push(...right[shown]!.code);
    // What is added to one text here in several statements, PHP may say in one
    let end = shown + 1;
    while (/^\s*\w+ \+=/.test(right[end]?.calls ?? '')) end++;
    if (partners.filter((j) => j !== undefined && j >= shown && j < end).length > 1) end = shown + 1;
    for (const { comments, code: more } of right.slice(shown + 1, end)) code[1].push(...comments, ...more);
    shown = end;
  };
  left.forEach((one, i) => {
    const partner = partners[i];
    while (shown < right.length && (right[shown]!.step < one.step || shown <= (partner ?? -1))) showRight();
    if (partner === undefined) begin(one);
    const { comments: [above], code: [lines] } = rows.at(-1)!;
    (lines.length > 0 ? lines : above).push(...one.comments);
    lines.push(...one.code);
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
  return lines.map(({ code }) => code).join('\n');
}

/** The head of a file, then its statements; what only closes a block belongs to the statement before. */
function statementsOf(source: string, first: number): Statement[] {
  const texts = source.split(/\r?\n/);
  const codes = source.replace(COMMENT, (token, string?: string) => string ?? token.replace(/[^\n]+/g, '')).split(/\r?\n/);
  const all = texts.map((text, i) => ({ number: first + i, text, code: codes[i]! }));
  const empty = (): Statement => ({ comments: [], code: [], calls: '', inside: [], step: 0, begins: false });
  const statements: Statement[] = [empty()];
  let next = empty();
  for (const line of all.filter(({ text }) => text.trim() !== '')) {
    if (next.code.length === 0 && line.code.trim() === '') next.comments.push(line);
    else next.code.push(line);
    if (next.code.length === 0 || !END.test(line.code)) continue;
    const isHead = statements.length === 1 && next.code.some(({ code }) => HEAD.test(code));
    const isPart = isHead || next.code.length === 1 && CLOSER.test(line.code);
    if (isPart) statements.at(-1)!.code.push(...next.comments, ...next.code);
    else statements.push(next);
    next = empty();
  }
  if (next.code.length + next.comments.length > 0) statements.push(next);
  for (const one of statements) one.calls = codeOf(one.code).replace(COMMENT, "''");
  return statements;
}

/** The statements in the order in which they are shown, with their steps. */
function arrange([head, ...statements]: Statement[]): Statement[] {
  const top: Statement = { ...head!, inside: nest(statements) };
  // A function that decodes is lib's in server.ts. Others close a client, too, where they fail
  const steps = new Map(statements.filter(({ calls }) => FUNCTION.test(calls)).map((one) => {
    const all = new Set(DECODES.test(one.calls) ? [] : within(one).flatMap((inner) => callStep(inner) ?? []));
    if (all.size > 1 || !within(one).some(({ calls }) => CLOSES.test(calls))) all.delete(5);
    return [one, [...all]] as const;
  }));
  const names = new Map(Array.from(steps.keys(), (one) => [FUNCTION.exec(one.calls)![1], one]));
  const calledIn = (one: Statement): Statement[] => {
    return Array.from(one.calls.matchAll(/\b(\w+)\(/g), ([, name]) => names.get(name) ?? one).filter((each) => each !== one);
  };
  /** What closes where another step than the reading has begun is that step's. */
  const stepOf = (one: Statement, current: number): number | undefined => {
    const step = callStep(one) ?? calledIn(one).flatMap((each) => steps.get(each)!)[0];
    return step === 5 && current !== 4 && current !== 5 ? undefined : step;
  };
  const below = [...steps.keys()].filter((one) => steps.get(one)!.length === 0);
  const called = new Set(statements.flatMap(calledIn).filter((one) => steps.get(one)!.length === 1));
  const shown: Statement[] = [];
  const show = (one: Statement, current: number): void => {
    const isBranch = BRANCH.test(one.calls), isLoop = LOOP.test(one.calls), own = stepOf(one, current);
    const inside = within(one).slice(1).map((inner) => stepOf(inner, current)).find((step) => step !== undefined);
    one.step = steps.get(one)?.[0] ?? own ?? (isBranch ? inside : undefined) ?? current;
    // The loop that waits, and the one that looks at each socket
    if (isLoop && own === undefined && inside !== undefined && inside > 1 && inside < 5) one.step = 2;
    one.begins = isBranch ? inside !== undefined : isLoop && one.step === 2;
    shown.push(one);
    for (const each of calledIn(one)) {
      if (steps.get(each)![0] !== one.step || !called.delete(each)) continue;
      const lines = within(each).flatMap(({ comments, code }) => [...comments, ...code]);
      for (const line of lines) line.text = `┊ ${line.text}`;
      show(each, one.step);
    }
    let last = one.step;
    for (const inner of one.inside) {
      if (below.includes(inner) || called.has(inner) || shown.includes(inner)) continue;
      show(inner, last);
      if (!BRANCH.test(inner.calls) && !steps.has(inner)) last = inner.step;
    }
  };
  show(top, 1);
  for (const one of called) if (called.delete(one)) show(one, 1);
  below.forEach((one, i) => {
    for (const inner of within(one)) if (!shown.includes(inner)) shown.push(Object.assign(inner, { step: BELOW + i }));
  });
  top.step = 0;
  return shown;
}

/** By a number in a comment, as server.ts has them, or by what is called. */
function callStep({ comments, code, calls }: Statement): number | undefined {
  const number = /^\s*\/\/ (\d+)(?:  |$)/m.exec(comments.map(({ text }) => text).join('\n'))?.[1];
  if (number !== undefined) return Number(number);
  return /Sec\W+WebSocket\W+Key:/i.test(codeOf(code)) ? 6 : CALLS.find(([, call]) => call.test(calls))?.[0];
}

/** The statement, and those in its blocks. */
function within(one: Statement): Statement[] {
  return [one, ...one.inside.flatMap(within)];
}

/** The statements, each with those of its block in it; what closes one block and opens another stands in neither. */
function nest(statements: Statement[]): Statement[] {
  const open: Statement[][] = [[]];
  for (const one of statements) {
    let isPlaced = false;
    for (const [char] of `${one.calls};`.matchAll(/\S/g)) {
      if (char !== '}' && !isPlaced) isPlaced = open.at(-1)!.push(one) > 0;
      if (char === '{') open.push(one.inside);
      else if (char === '}' && open.length > 1) open.pop();
    }
  }
  return open[0]!;
}

/** The words of a statement's code and of its strings, and what it sets once more. */
function wordsOf({ code }: Statement): Set<string> {
  const text = codeOf(code).replace(/\\[a-z]/g, ' ');
  const words = text.match(/\p{L}[\p{L}\p{N}_]*/gu) ?? [];
  const ours = (word: string): string => WORDS.find(([php]) => php.test(word))?.[1] ?? word;
  return new Set([...words.map(ours), ...Array.from(text.matchAll(SET), ([, pushed, set]) => `${ours(pushed ?? set!)} =`)]);
}

/**
 * For each on the left the one on the right that is its own, if any: those in order that have the most in common
 * (Needleman and Wunsch, 1970).
 */
function partnersOf(left: Statement[], right: Statement[]): (number | undefined)[] {
  const [ones, others] = [left.map(wordsOf), right.map(wordsOf)];
  const often = (all: Set<string>[], word: string): number => all.filter((words) => words.has(word)).length;
  // A word tells the less the more often it occurs. The heads belong together, whatever is in them
  const score = ones.map((words, i) => {
    const weights = [...words].map((word) => [word, 1 / Math.sqrt(often(ones, word) * often(others, word))] as const);
    return others.map((other, j) => {
      if (i * j === 0) return i === j ? 1 : 0;
      if (left[i]!.step !== right[j]!.step || FUNCTION.test(right[j]!.calls) && !FUNCTION.test(left[i]!.calls)) return 0;
      const begun = left[i]!.begins && right[j]!.begins ? BRANCHES : 0;
      const sum = weights.reduce((sum, [word, weight]) => sum + (other.has(word) ? weight : 0), begun);
      return sum < ENOUGH ? 0 : sum;
    });
  });
  // The most that can be had from i and j on
  const best = Array.from({ length: left.length + 1 }, () => new Array<number>(right.length + 1).fill(0));
  for (let i = left.length - 1; i >= 0; i--) {
    for (let j = right.length - 1; j >= 0; j--) {
      best[i]![j] = Math.max(best[i + 1]![j]!, best[i]![j + 1]!, score[i]![j]! + best[i + 1]![j + 1]!);
    }
  }
  const partners: (number | undefined)[] = new Array<undefined>(left.length).fill(undefined);
  for (let i = 0, j = 0; i < left.length && j < right.length;) {
    if (score[i]![j]! > 0 && best[i]![j] === score[i]![j]! + best[i + 1]![j + 1]!) partners[i++] = j++;
    else if (best[i]![j] === best[i]![j + 1]) j++;
    else i++;
  }
  // PHP often takes more statements for one: they join the one before or behind
  const join = (i: number, neighbour: number): void => {
    const j = partners[neighbour];
    if (partners[i] === undefined && j !== undefined && score[i]![j]! > 0) partners[i] = j;
  };
  for (let i = 1; i < left.length; i++) join(i, i - 1);
  for (let i = left.length - 2; i >= 0; i--) join(i, i + 1);
  return partners;
}
