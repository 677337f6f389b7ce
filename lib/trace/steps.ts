/** The numbered steps of server.ts, for the page: what the list above its loop says of each, and its lines. */

/** One step. */
export interface Step {
  /** Its number in the list, from 1 on. */
  step: number;
  /** Its sentence there. */
  says: string;
  /** The lines of the loop from its number, `// 7`, up to the next step's. */
  code: string[];
}

/** The steps of a file such as server.ts, in the order of their numbers; a step may stand in two places. */
export function stepsOf(source: string): Step[] {
  const lines = source.split('\n');
  const code = new Map<number, string[]>();
  let current: string[] = [];
  for (const line of lines.slice(0, lines.indexOf('}'))) {
    const number = /^ *\/\/ (\d+)(?:  |$)/.exec(line)?.[1];
    if (number !== undefined) {
      current = code.get(Number(number)) ?? [];
      code.set(Number(number), current);
    }
    current.push(line.trimEnd());
  }
  return Array.from(source.matchAll(/^ \* +(\d+)  (\S.*)$/gm), ([, number, says]) => {
    return { step: Number(number), says: says!, code: code.get(Number(number)) ?? [] };
  });
}
