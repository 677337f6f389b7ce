/**
 * The two loops side by side, for reading: each statement of the PHP beside its counterpart in server.ts.
 *
 *   1  both files are cut into statements, which stand in blocks
 *   2  each statement gets its step: by the calls in it, else from the block around it
 *   3  a function's lines stand behind its first call; then PHP's statements are sorted by step
 *   4  within a step, the statements that have the most words in common stand side by side
 *
 * Nothing here knows a line of either file.
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
  /** The statements of the block that it opens. */
  inside: Statement[];
  step: number;
  /** What it opens is the branch of a step: PHP's `else` may be an `if` in server.ts. */
  isBranch: boolean;
}

/** A string, or a comment, which is the first group; in one line, which may have been wrapped. */
const TOKEN = /(^\s*\/?\*[^]*|(?:\/\/|#)[^]*)|'(?:\\.|[^\\'])*'?|"(?:\\.|[^\\"])*"?|`(?:\\.|[^\\`])*`?/g;
/** The same in a whole file: here a comment may have lines, and a string ends with its line. */
const COMMENT = /\/\*[^]*?\*\/|(?:\/\/|#(?!\[)).*|('(?:\\.|[^\\'\n])*'|"(?:\\.|[^\\"\n])*"|`(?:\\.|[^\\`\n])*`)/g;
/** What a file fetches: it is the head, with all above it. */
const HEAD = /^(?:import |\} from |<\?php|require|namespace |use )/;
const END = /[;{}:]\s*$|^<\?php\s*$/, CLOSER = /^[\s})\];,]+$/;
/** The variable or the array that an assignment changes. */
const SET = /array_push\(\$(\w+)|(\w+)(?:\[[^\]]*\])?(?:: \w+\[\])? [.+]?=(?![=>])/g;
/** Words of PHP's that server.ts has others for. What bears one name in both needs no row. */
const WORDS: [php: RegExp, ts: string][] = [
  [/^elseif$/, 'if'], [/^foreach$/, 'for'], [/^unset$/, 'delete'], [/^preg_match$|^Exception$/, 'getRequest'],
  [/^hand(?:_?sh|s$)/i, 'handShake'], [/^stream_socket_server$/, 'socket_create'], [/^stream_select$/, 'socket_select'],
  [/^(?:fclose|.*disconnect)$/i, 'socket_close'], [/^stream_socket_accept$/, 'socket_accept'], [/^master$/, 'server'],
  [/^(?:fread|socket_recv)$/, 'socket_read'], [/^(?:fwrite|socket_send)$/, 'socket_write'],
  [/^(?:decode|unmask|deframe)/i, 'getMsg'], [/^(?:encode|mask|frame$)/i, 'buildMsg'], [/^(?:echo|print_r)$/, 'var_dump'],
];
/** Below this, what two statements have in common is chance: `socket` is everywhere. */
const ENOUGH = 0.2;
/** What two branches of one step have in common, whatever their words are. */
const BRANCHES = 0.4;

/** The steps by their calls, in the order in which a line with two of them is judged. */
const DECODES = /\b(?:decode|unmask|deframe|getMsg|hybi10Decode)\w*\(/i, CLOSES = /\b(?:socket_close|fclose|\w*disconnect)\(/i;
const CALLS: [step: number, RegExp][] = [
  [6, /\bsha1\(|hand_?shak\w*\(/i], [7, DECODES], [3, /\b(?:socket|stream_socket)_accept\(/],
  [4, /\b(?:socket_read|socket_recv|fread|stream_socket_recvfrom)\(/], [2, /\b(?:socket|stream)_select\(/],
  [1, /\b(?:socket_(?:create|bind|listen)|stream_socket_server)\(/], [5, CLOSES],
];
const BRANCH = /^[\s}]*(?:if|else|elseif)\b/, LOOP = /^[\s}]*(?:while|for|foreach|do)\b/, CATCH = /^[\s}]*catch\b/;
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
    if (of.step !== step) row.heading = of.step >= BELOW ? `${functionOf(of)}()` : `${of.step}`;
    step = of.step;
    rows.push(row);
  };
  const showRight = (): void => {
    const one = right[shown++]!;
    begin(one);
    rows.at(-1)!.comments[1] = one.comments;
    rows.at(-1)!.code[1] = one.code;
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
  const lines = texts.map((text, i) => ({ number: first + i, text, code: codes[i]! })).filter(({ text }) => text.trim() !== '');
  const empty = (): Statement => ({ comments: [], code: [], inside: [], step: 0, isBranch: false });
  const statements: Statement[] = [empty()];
  let next = empty();
  for (const line of lines) {
    if (next.code.length === 0 && line.code.trim() === '') next.comments.push(line);
    else next.code.push(line);
    if (next.code.length === 0 || !END.test(line.code)) continue;
    const isHead = statements.length === 1 && next.code.some(({ code }) => HEAD.test(code));
    if (isHead || next.code.length === 1 && CLOSER.test(line.code)) statements.at(-1)!.code.push(...next.comments, ...next.code);
    else statements.push(next);
    next = empty();
  }
  return next.code.length + next.comments.length > 0 ? [...statements, next] : statements;
}

/** The statements in the order in which they are shown, with their steps. */
function arrange([head, ...statements]: Statement[]): Statement[] {
  const blocks = nest(statements), all = within(blocks);
  const functions = new Map(all.flatMap((one) => functionOf(one) === undefined ? [] : [[functionOf(one)!, one] as const]));
  const calledIn = (one: Statement): Statement[] => {
    const names = Array.from(machineCode(one).matchAll(/\b(\w+)\(/g), ([, name]) => functions.get(name!));
    return names.filter((each) => each !== undefined && each !== one) as Statement[];
  };
  const known = new Map<Statement, number[]>();
  const stepsIn = (one: Statement): number[] => {
    if (known.has(one)) return known.get(one)!;
    known.set(one, []); // where it calls itself
    const steps = new Set(within(one.inside).flatMap((inner) => callStep(inner) ?? []));
    // Others close a client, too, where they fail
    if (steps.size > 1 || !within(one.inside).some((inner) => CLOSES.test(machineCode(inner)))) steps.delete(5);
    known.set(one, [...steps]);
    return [...steps];
  };
  /** By a number in a comment, as server.ts has them, or by what is called, here or in a function that is called. */
  const callStep = (one: Statement): number | undefined => {
    const number = one.comments.map(({ text }) => /^\s*\/\/ (\d+)(?:  |$)/.exec(text)?.[1]).find((found) => found !== undefined);
    if (number !== undefined) return Number(number);
    if (/Sec\W+WebSocket\W+Key:/i.test(codeOf(one.code))) return 6;
    const code = machineCode(one);
    return CALLS.find(([, call]) => call.test(code))?.[0] ?? calledIn(one).flatMap(stepsIn)[0];
  };
  /** What closes where another step than the reading has begun is that step's. */
  const stepOf = (one: Statement, current: number, isInBranch: boolean): number | undefined => {
    const step = callStep(one) ?? (isInBranch && /\bunset\(/.test(machineCode(one)) ? 5 : undefined);
    return step === 5 && current !== 4 && current !== 5 ? undefined : step;
  };
  const firstIn = (list: Statement[], current: number): number | undefined => {
    return within(list).map((one) => stepOf(one, current, true)).find((step) => step !== undefined);
  };
  const below = new Set([...functions].filter(([name, one]) => stepsIn(one).length === 0 || DECODES.test(`${name}(`)).map(([, one]) => one));
  const called = new Set(all.flatMap(calledIn).filter((one) => !below.has(one) && stepsIn(one).length === 1));
  const shown: Statement[] = [];
  const show = (list: Statement[], from: number): void => {
    let current = from;
    for (const one of list) {
      const code = machineCode(one), isBranch = BRANCH.test(code), isFunction = functionOf(one) !== undefined;
      const own = stepOf(one, current, isBranch), inside = firstIn(one.inside, current);
      one.step = own ?? current;
      if (isFunction) one.step = stepsIn(one)[0] ?? current;
      else if (isBranch) one.step = own ?? inside ?? current;
      else if (CATCH.test(code) && current > 1) one.step = 9;
      else if (LOOP.test(code) && inside !== undefined && inside > 1 && inside < 5) one.step = own ?? 2;
      one.isBranch = isBranch && (own ?? inside) !== undefined || LOOP.test(code) && one.step === 2;
      shown.push(one);
      for (const each of calledIn(one)) {
        if (!called.delete(each)) continue;
        for (const { comments, code } of within([each])) for (const line of [...comments, ...code]) line.text = `┊ ${line.text}`;
        show([each], one.step);
      }
      show(one.inside.filter((each) => !below.has(each) && !called.has(each) && !shown.includes(each)), one.step);
      if (!isBranch && !isFunction) current = one.step;
    }
  };
  const top: Statement = { ...head!, inside: blocks };
  show([top], 1);
  show([...called], 1);
  [...below].forEach((one, i) => {
    for (const inner of within([one])) shown.push(Object.assign(inner, { step: BELOW + i }));
  });
  top.step = 0;
  return shown;
}

function within(list: Statement[]): Statement[] {
  return list.flatMap((one) => [one, ...within(one.inside)]);
}

/** The statements with those of their blocks in them. */
function nest(statements: Statement[]): Statement[] {
  const top: Statement[] = [], open = [top];
  for (const one of statements) {
    const [, closing, code] = /^([\s}]*)([^]*)$/.exec(machineCode(one))!;
    const close = (): void => void (open.length > 1 && open.pop());
    for (const char of closing!) if (char === '}') close();
    open.at(-1)!.push(one);
    for (const char of code!) {
      if (char === '{') open.push(one.inside);
      else if (char === '}') close();
    }
  }
  return top;
}

/** The code without what its strings say. */
function machineCode({ code }: Statement): string {
  return codeOf(code).replace(COMMENT, "''");
}

/** The function that begins here. */
function functionOf(one: Statement): string | undefined {
  return /^[\w\s]*\bfunction\s+&?(\w+)\s*\([^]*\{[\s}]*$/.exec(machineCode(one))?.[1];
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
      if (left[i]!.step !== right[j]!.step) return 0;
      const sum = weights.reduce((sum, [word, weight]) => sum + (other.has(word) ? weight : 0), 0);
      return (sum < ENOUGH ? 0 : sum) + (left[i]!.isBranch && right[j]!.isBranch ? BRANCHES : 0);
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
  // What stands between two that have the same has it too
  let last = 0;
  partners.forEach((partner, i) => {
    if (partner === partners[last]) partners.fill(partner, last, i);
    if (partner !== undefined) last = i;
  });
  return partners;
}
