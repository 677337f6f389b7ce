/**
 * The two loops side by side, for reading: PHP's statements on the left, their counterparts in server.ts on the right.
 * Nothing here knows a line of either file: counterparts.ts tells what statements have in common, align.ts pairs them.
 */
import { align, type Group, type Keys } from './align.ts';
import { keysOf } from './counterparts.ts';
import { type Language, type Line, dedent, linesOf } from './highlight.ts';
import { callOf, declaredBy, functionsOf, headOf, type Statement, statementsOf, stepOf } from './statements.ts';

/** A part of the page: the head of the files, a step of the loop, a function below it. A step may come twice. */
export interface Heading {
  /** '3', or a function's name, or '' for the head. */
  name: string;
  /** The sentence in the list above the loop, or who calls the function. */
  title: string;
}

/** Lines of a function. */
export interface Quote {
  from: string;
  lines: Line[];
  /** Whether they are the first that are quoted here. */
  begins: boolean;
}

/** What stands side by side. `php` of all pairs are the file's lines but for the empty ones, and so are `ts`. */
export interface Pair {
  /** Where a part begins. */
  heading?: Heading;
  php: Line[];
  ts: Line[];
  /**
   * PHP forgets a client where it has left; server.ts in a function below the loop, since it has to in three places.
   * Both keep their order, so beside PHP's statements that function is quoted, which `ts` shows where it stands.
   */
  quote?: Quote;
}

/** What the two files are called. */
export interface Names {
  phpName: string;
  tsName: string;
}

interface Source {
  language: Language;
  statements: Statement[];
  functions: Map<string, Statement[]>;
}

/**
 * @param php the left file, or a block of one
 * @param ts server.ts
 * @param first the number of the block's first line in its file
 */
export function pairs(php: string, ts: string, first = 1): Pair[] {
  const left = read(php, 'php', first), right = read(ts, 'typescript');
  const leftHead = left.statements.slice(0, headOf(left.statements));
  const rightHead = right.statements.slice(0, headOf(right.statements));
  const [ones, others] = [left.statements.slice(leftHead.length), right.statements.slice(rightHead.length)];
  const groups = alignStatements(ones, others, left, right);

  const heading = headings(right, ts);
  return [{ left: leftHead, right: rightHead }, ...groups].flatMap((group) => {
    const begins = group.right[0] && heading(group.right[0]);
    const [pair, ...more] = quoted(group, left, right);
    return [begins === undefined ? pair! : { heading: begins, ...pair! }, ...more];
  }).filter(({ php, ts, quote }) => php.length + ts.length > 0 || quote !== undefined);
}

function read(code: string, language: Language, first = 1): Source {
  const statements = statementsOf(linesOf(dedent(code), language, first));
  return { language, statements, functions: functionsOf(statements) };
}

type Statements = Group<Statement, Statement>;

/** A call of a function that the file has itself is also known by what that does, and so is where it stands, apart. */
function alignStatements(ones: Statement[], others: Statement[], left: Source, right: Source): Statements[] {
  const keys = ({ language, functions }: Source) => (statement: Statement): Keys => {
    const bodyOf = (name = ''): Statement[] => functions.get(name) ?? [];
    const called = bodyOf(callOf(statement, functions)).flatMap((one) => [...keysOf(one, language)]);
    const declared = bodyOf(declaredBy(statement)).flatMap((one) => [...keysOf(one, language)])
      .map(([key, weight]) => [`function: ${key}`, weight] as const);
    return new Map([...called, ...declared, ...keysOf(statement, language)]);
  };
  return align(ones, others, keys(left), keys(right));
}

/** The group as a pair, or, where its right side calls a function for what the left does here, as more of them. */
function quoted({ left: ones, right: others }: Statements, left: Source, right: Source): Pair[] {
  const ts = others.flatMap(allOf), [other] = others;
  const from = other && callOf(other, right.functions);
  if (from === undefined || ones.some((one) => callOf(one, left.functions) !== undefined) || ones.length === 0) {
    return [{ php: ones.flatMap(allOf), ts }];
  }
  const beside = alignStatements(ones, right.functions.get(from)!, left, right);
  return [{ php: [], ts }, ...beside.map(({ left, right }, i) => ({
    php: left.flatMap(allOf), ts: [], quote: { from, lines: right.flatMap(({ code }) => code), begins: i === 0 },
  }))];
}

function allOf({ comments, code, closers }: Statement): Line[] {
  return [...comments, ...code, ...closers];
}

/** Tells the heading of the part that a statement of server.ts begins, if it begins one. */
function headings({ statements, functions }: Source, ts: string): (statement: Statement) => Heading | undefined {
  const titles = new Map([...ts.matchAll(/^ \* +(\d+)  (.+)$/gm)].map(([, name, title]) => [name!, title!]));
  const begins = new Map<Statement, Heading>();
  const head = headOf(statements);
  let step = '';
  const callers = new Map<string, Set<string>>();
  statements.forEach((statement, i) => {
    const number = stepOf(statement), name = declaredBy(statement);
    if (name !== undefined) {
      const by = [...callers.get(name) ?? []];
      begins.set(statement, { name, title: by.length === 0 ? '' : `called by ${by.join(', ')}` });
    } else if (i === 0 && head > 0) {
      begins.set(statement, { name: '', title: 'the heads of the files' });
    } else if (i === head || (number !== undefined && number !== step && titles.has(number))) {
      // What stands between the head and the first number belongs to that step
      step = number ?? [...titles.keys()][0] ?? '';
      begins.set(statement, { name: step, title: titles.get(step) ?? '' });
    }
    const call = callOf(statement, functions);
    if (call !== undefined) callers.set(call, (callers.get(call) ?? new Set()).add(step));
  });
  return (statement) => begins.get(statement);
}

/** How many of these lines are comments above the rest. */
export function commentsOf(lines: Line[]): number {
  const code = lines.findIndex(({ comment }) => !comment);
  return code < 0 ? 0 : code;
}
