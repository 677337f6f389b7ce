/** The head of an HTTP response, read as a client may read it. */
import type { Line } from './line.ts';

export interface Head {
  status: number;
  /** Their names in lower case. */
  fields: Map<string, string>;
  /** Whether each line ends as it has to. */
  isCrlf: boolean;
}

export function demand(holds: boolean, why: string): asserts holds {
  if (!holds) throw new Error(why);
}

/** Null where TCP ends. A line that ends in LF may be taken for a line (RFC 9112 2.2). */
export async function readHead(line: Line): Promise<Head | null> {
  let end: RegExpExecArray | null = null;
  for (let length = 1; end === null; length = line.peek().length + 1) {
    const come = await line.has(length);
    demand(come !== 'silent', 'says nothing');
    if (come === 'over') return null;
    end = /\r?\n\r?\n/.exec(line.peek().toString('latin1'));
  }
  const text = line.take(end.index + end[0].length).toString('latin1');
  const [first = '', ...lines] = text.trimEnd().split(/\r?\n/);
  const fields = new Map<string, string>();
  for (const one of lines) {
    const [name = '', value = ''] = one.split(/:(.*)/).map((part) => part.trim());
    fields.set(name.toLowerCase(), [fields.get(name.toLowerCase()) ?? [], value].flat().join(', '));
  }
  return { status: Number(/^HTTP\/1\.\d (\d{3})/.exec(first)?.[1] ?? 0), fields, isCrlf: !/[^\r]\n/.test(text) };
}
