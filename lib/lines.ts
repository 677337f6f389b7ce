/** Where in these files something stands: found by words in the line, so that it stays right when lines move. */
import { readFileSync } from 'node:fs';

const TOP = new URL('..', import.meta.url);
const files = new Map<string, string[]>();
const found = new Map<string, string>();

/** A file's lines; each is read once, when it is first asked for. */
function linesOf(file: string): string[] {
  let lines = files.get(file);
  if (lines === undefined) files.set(file, lines = readFileSync(new URL(file, TOP), 'utf8').split('\n'));
  return lines;
}

/** The first line with these words, as 'lib/frame.ts:123'; 'lib/frame.ts' where there is none. */
export function lineOf(file: string, words: string): string {
  let line = found.get(file + words);
  if (line === undefined) {
    const index = linesOf(file).findIndex((one) => one.includes(words));
    found.set(file + words, line = index === -1 ? file : `${file}:${index + 1}`);
  }
  return line;
}

/** A step of the loop: what the list above it says, where it begins, and its lines up to the next step. */
export interface Step {
  step: number;
  says: string;
  /** 'server.ts:40' */
  line: string;
  code: string[];
}

/** The numbered steps of server.ts, in the order of their numbers. */
export function stepsOf(lines = linesOf('server.ts')): Step[] {
  const says = new Map(lines.flatMap((line) => {
    const [, number, text] = /^ \* +(\d+)  (\S.*)$/.exec(line) ?? [];
    return number === undefined ? [] : [[Number(number), text!] as const];
  }));
  const begins = lines.flatMap((line, index) => {
    const number = /^ *\/\/ (\d+)(?:  |$)/.exec(line)?.[1];
    return number === undefined ? [] : [{ step: Number(number), index }];
  });
  const end = lines.findIndex((line) => line === '}');
  return [...says].map(([step, text]) => {
    const code = begins.flatMap(({ step: one, index }, i) => {
      return one === step ? lines.slice(index, Math.min(begins[i + 1]?.index ?? end, end)) : [];
    });
    const first = begins.find((begin) => begin.step === step)?.index ?? 0;
    return { step, says: text, line: `server.ts:${first + 1}`, code: code.map((line) => line.trimEnd()) };
  });
}
