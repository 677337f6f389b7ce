/** A source's lines as statements, which is what two languages have in common. */
import type { Line } from './highlight.ts';

/** The comments above a statement, its own lines, and the lines below it that only close blocks. */
export interface Statement {
  comments: Line[];
  code: Line[];
  closers: Line[];
}

const CLOSER = /^[\s})\];,]+$/;
/** A statement is over at the end of a line that ends so; `:` ends case, and PHP's `if (...):`. */
const END = /(?:[;{}:]|<\?(?:php)?|\?>)\s*$/;
const HEAD = /^(?:import|<\?(?:php)?|declare|namespace|use|(?:require|include)(?:_once)?)(?!\w)/;

/** All lines, in order. A block's first line and each line in it are statements of their own. */
export function statementsOf(lines: Line[]): Statement[] {
  const statements: Statement[] = [];
  let comments: Line[] = [], code: Line[] = [];
  for (const line of lines) {
    const last = statements.at(-1), text = codeOf([line]);
    if (line.comment) {
      (code.length > 0 ? code : comments).push(line);
    } else if (code.length === 0 && last !== undefined && CLOSER.test(text)) {
      last.closers.push(...comments, line);
      comments = [];
    } else {
      code.push(line);
      if (!END.test(text) || (/^import\b/.test(codeOf(code)) && !/;\s*$/.test(text))) continue;
      statements.push({ comments, code, closers: [] });
      [comments, code] = [[], []];
    }
  }
  if (comments.length + code.length > 0) statements.push({ comments, code, closers: [] });
  return statements;
}

/** What the machine reads of these lines. */
export function codeOf(lines: Line[]): string {
  return lines.map((line) => line.tokens.map(({ kind, text }) => kind === 'comment' ? '' : text).join('')).join('\n');
}

/** The number of the loop's step that a statement's comment begins with: `// 3`, `// 3  PHP: one a pass`. */
export function stepOf({ comments }: Statement): string | undefined {
  const numbers = comments.map(({ tokens }) => /^\/\/ (\d+)(?:  |$)/.exec(tokens.at(-1)?.text ?? '')?.[1]);
  return numbers.find((number) => number !== undefined);
}

/** The function that begins with this statement, at the file's left edge. */
export function declaredBy({ code }: Statement): string | undefined {
  return /^(?:export )?(?:async )?function &?(\w+)/.exec(codeOf(code))?.[1];
}

/** The functions that a file declares at its left edge, by name, each with the statements that it does. */
export function functionsOf(statements: Statement[]): Map<string, Statement[]> {
  const functions = new Map<string, Statement[]>();
  let body: Statement[] | undefined;
  for (const statement of statements) {
    const name = declaredBy(statement);
    if (name !== undefined) functions.set(name, body = []);
    else if (/^\s/.test(codeOf(statement.code))) body?.push(statement);
    else body = undefined;
  }
  return functions;
}

/** The one of these functions that a statement calls. */
export function callOf(statement: Statement, functions: Map<string, Statement[]>): string | undefined {
  const code = codeOf(statement.code);
  return [...functions.keys()].find((name) => new RegExp(`(?<!function &?)\\b${name}\\(`).test(code));
}

/** How many statements stand at the head of a file only to fetch what it needs: imports, `<?php`, require. */
export function headOf(statements: Statement[]): number {
  const end = statements.findIndex(({ code }) => !HEAD.test(codeOf(code)));
  return end < 0 ? statements.length : end;
}
