/** README's picture of --trace: what a terminal shows of the lesson's connection, colours and all, drawn as SVG. */
import { Child } from '../child.ts';
import { TYPESCRIPT } from '../helpers.ts';
import { closing, frame, REQUEST, Wire } from '../wire.ts';
import { CLOSE, TEXT } from '../../lib/websocket/frame.ts';
import { columnsOf } from '../columns.ts';

const COLUMNS = 92;
const SERVER = [...TYPESCRIPT, 'server.ts', '--trace', '--port', '0', '--address', '127.0.0.1'];

/** Pixels of a column and of a line, and around all. */
const COLUMN = 8.4, LINE = 20, MARGIN = 20;

/** SGR code, its class and its colour on white and on black (lib/trace/terminal.ts); 0 is what has none. */
const COLOURS = [
  [0, 'plain', '#1f2328', '#f0f6fc'], [2, 'dim', '#59636e', '#9198a1'],
  [32, 'green', '#1a7f37', '#3fb950'], [36, 'cyan', '#0550ae', '#39c5cf'],
] as const;

/** A handshake, "Hello" and a Close as `server.ts --trace` shows them to a reader of its pipe: without colours. */
export function traceInPipe(): Promise<string[]> {
  return play('sh', ['-c', `COLUMNS=${COLUMNS} exec "$0" "$@"`, process.execPath, ...SERVER]);
}

/** The same on a terminal, which script(1) of Linux makes; its lines have SGR codes. */
export function traceOnTerminal(): Promise<string[]> {
  const command = [process.execPath, ...SERVER].map((word) => `'${word}'`).join(' ');
  return play('script', ['-qfec', `stty cols ${COLUMNS}; unset NO_COLOR; echo pid $$; TERM=xterm exec ${command}`, '/dev/null']);
}

async function play(program: string, args: string[]): Promise<string[]> {
  const server = new Child(null, program, args);
  try {
    // A terminal has no standard error of its own
    const where = program === 'script' ? 'stdout' : 'stderr';
    const [, port] = await server.says(where, /^listening on ws:\/\/127\.0\.0\.1:(\d+)\r?$/m);
    const wire = await Wire.connect({ host: '127.0.0.1', port: Number(port) });
    wire.send(REQUEST);
    await wire.head();
    wire.send(frame(TEXT, 'Hello'));
    await wire.frame();
    wire.send(frame(CLOSE, closing(1000, 'bye')));
    await wire.frame();
    wire.end();
    await server.says('stdout', /server → client 1  closes[^\n]*\n/);
    return server.stdout.trimEnd().split(/\r?\n/).filter((line) => !/^(listening on|pid) /.test(line));
  } finally {
    // script(1) leaves it behind, and the pipe open
    const pid = /^pid (\d+)/.exec(server.stdout)?.[1];
    if (pid !== undefined) process.kill(Number(pid), 'SIGKILL');
    await server.stop('SIGKILL');
  }
}

/** The lines as SVG; it paints its own ground, and takes the colours that the reader's light wants. */
export function tracePicture(lines: string[]): string {
  const width = COLUMNS * COLUMN + 2 * MARGIN, height = lines.length * LINE + 2 * MARGIN;
  const colours = (of: 2 | 3): string => COLOURS.map((one) => `.${one[1]} { fill: ${one[of]} }`).join(' ');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"
    role="img" aria-labelledby="t">
  <title id="t">server.ts --trace: a handshake, Hello and a Close</title>
  <style>
    text { font: 14px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; white-space: pre }
    .paper { fill: #fff; stroke: #818b98 }
    ${colours(2)}
    @media (prefers-color-scheme: dark) {
    .paper { fill: #0d1117 }
    ${colours(3)}
    }
  </style>
  <rect class="paper" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="6"/>
  ${lines.flatMap(drawLine).join('\n  ')}
</svg>
`;
}

/** Each word group where its column is, and as wide as its columns: whatever font the reader has, the columns hold. */
function drawLine(line: string, row: number): string[] {
  const y = MARGIN + row * LINE + 15;
  let colour = 0, column = 0;
  return line.split(/\x1b\[(\d+)m/).flatMap((part, i) => {
    if (i % 2 === 1) colour = Number(part);
    if (i % 2 === 1) return [];
    const kind = COLOURS.find(([code]) => code === colour)?.[1] ?? 'plain';
    return part.split(/( {2,})/).flatMap((words) => {
      const at = column, columns = columnsOf(words);
      column += columns;
      if (words.trim() === '') return [];
      const [x, length] = [MARGIN + at * COLUMN, columns * COLUMN].map((value) => value.toFixed(1));
      return [`<text class="${kind}" x="${x}" y="${y}" textLength="${length}">${escape(words)}</text>`];
    });
  });
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

/** The words that a picture shows, its lines put together again without the room between the groups. */
export function wordsOf(svg: string): string[] {
  const rows = new Map<string, string>();
  for (const [, y, words] of svg.matchAll(/<text [^>]*y="(\d+)"[^>]*>([^<]*)</g)) {
    rows.set(y!, (rows.get(y!) ?? '') + words!.replaceAll('&lt;', '<').replaceAll('&amp;', '&').replaceAll(' ', ''));
  }
  return [...rows.values()];
}
