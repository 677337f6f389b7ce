/** Where in these files something stands: found by words in the line, so that it stays right when lines move. */
import { readFileSync } from 'node:fs';

const TOP = new URL('..', import.meta.url);
/** Read at once, when the program starts: later there may be no descriptor left to do it with. */
const files = new Map(
  ['server.ts', 'lib/frame.ts', 'lib/handshake.ts', 'lib/http.ts', 'lib/message.ts'].map(readLines),
);
const found = new Map<string, string>();

function readLines(file: string): [string, string[]] {
  return [file, readFileSync(new URL(file, TOP), 'utf8').split('\n')];
}

/** The first line with these words, as 'lib/frame.ts:123'; 'lib/frame.ts' where none of those files has it. */
export function lineOf(file: string, words: string): string {
  let line = found.get(file + words);
  if (line === undefined) {
    const index = files.get(file)?.findIndex((one) => one.includes(words)) ?? -1;
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
export function stepsOf(lines = files.get('server.ts')!): Step[] {
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
