/** What stands in README and is made of the source, or of a run of it: each part by its name, in both languages. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ROWS } from '../../lib/program/flags.ts';
import { describe } from '../../lib/trace/terminal.ts';
import { Decoder, Link } from '../../lib/trace/decoder.ts';
import type { Line } from '../compare/highlight.ts';
import { OUR_PHP } from '../compare/php.ts';
import { pairs } from '../compare/source.ts';
import { codeOf } from '../compare/statements.ts';
import { closeBlock, frameBlock, handshakeBlock, lengthBlock } from '../lesson/blocks.ts';
import { type Lesson, playLesson } from '../lesson/run.ts';
import { REQUEST } from '../wire.ts';

export type Language = 'en' | 'zh';

/** The checkout's top. */
export const TOP = fileURLToPath(new URL('../..', import.meta.url));
const read = (name: string): string => readFileSync(`${TOP}/${name}`, 'utf8');

const fenced = (text: string, kind = ''): string => `\`\`\`${kind}\n${text.trimEnd()}\n\`\`\``;
const row = (cells: string[]): string => `|${cells.map((cell) => cell === '' ? ' ' : ` ${cell} `).join('|')}|`;
/** Code in a cell of a table, whatever stands in it. */
const code = (text: string): string => {
  const tick = text.includes('`') ? '``' : '`';
  return tick + text.replaceAll('|', '\\|') + tick;
};

let played: Promise<Lesson> | null = null;
const lesson = (): Promise<Lesson> => played ??= playLesson();
const block = (make: (lesson: Lesson, language: Language) => string) => async (language: Language): Promise<string> => {
  return fenced(make(await lesson(), language), 'text');
};

/** Each makes one part. */
export const PARTS: Record<string, (language: Language) => string | Promise<string>> = {
  'handshake': block(handshakeBlock), 'frame': block(frameBlock), 'lengths': block(lengthBlock), 'close': block(closeBlock),
  'trace': () => fenced(traceOfHello()),
  'beside': besideTable,
  'flags': flagTable,
  'nginx.conf': () => fenced(read('tests/clients/nginx.conf'), 'nginx'),
};

/** What --trace shows of RFC 6455's own "Hello". */
function traceOfHello(): string {
  const link = new Link(), client = new Decoder('client', link);
  client.push(Buffer.from(REQUEST));
  new Decoder('server', link).push(Buffer.from('HTTP/1.1 101 Switching Protocols\r\n\r\n'));
  const [event] = client.push(Buffer.from('818537fa213d7f9f4d5158', 'hex'));
  return describe({ client: 1, at: 0, ...event! }, { width: 80, colors: false });
}

/** PHP's statements and ours, side by side, with the steps of the loop. */
function besideTable(): string {
  const rows: string[] = [row(['', 'PHP', 'server.ts']), '|---|---|---|'];
  let step = '';
  for (const { heading, php, ts, quote } of pairs(readFileSync(OUR_PHP, 'utf8'), read('server.ts'))) {
    step = heading?.name ?? step;
    // The heads of the files, and a function that is quoted where it is called
    if (!/^\d+$/.test(step)) continue;
    const cells = [php, quote?.lines ?? ts].map(statementsIn);
    if (cells.some((cell) => cell !== '')) rows.push(row([heading === undefined ? '' : step, ...cells]));
  }
  return rows.join('\n');
}

/** Code alone, a span for each line; what only closes a block is left out. */
function statementsIn(lines: Line[]): string {
  const texts = lines.map((line) => codeOf([line]).trim());
  return texts.filter((text) => !/^[\s})\];]*$/.test(text)).map((text) => code(text.replace(/ \{$/, ''))).join(' ');
}

function flagTable(language: Language): string {
  const rows = ROWS.map(({ name, en, zh, ...flag }) => {
    return row([code(`--${name}`), flag.default === undefined ? '' : code(flag.default), language === 'en' ? en : zh]);
  });
  return [row([language === 'en' ? 'flag' : '参数', language === 'en' ? 'default' : '默认值', '']), '|---|---|---|', ...rows].join('\n');
}
