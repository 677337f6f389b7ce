/** The front page's picture of --trace: what a terminal shows of the lesson's connection, colours and all, drawn as SVG. */
import { Program } from '../program.ts';
import { closing, frame, Wire } from '../wire.ts';
import { CLOSE, TEXT } from '../../lib/websocket/frame.ts';
import { columnsOf } from '../columns.ts';

const COLUMNS = 92;

/** Pixels of a column and of a line, and around all. */
const COLUMN = 8.4, LINE = 20, MARGIN = 20;

/** A class and its colour on white and on black. */
const COLOURS = [
  ['plain', '#1f2328', '#f0f6fc'], ['dim', '#59636e', '#9198a1'], ['green', '#1a7f37', '#3fb950'],
  ['cyan', '#0550ae', '#39c5cf'],
] as const;

/** A handshake, "Hello" and a Close as `server.ts --trace` shows them. */
async function play(): Promise<string[]> {
  const server = await Program.startIn(`export COLUMNS=${COLUMNS}; exec "$@"`, { after: () => {} }, '--trace');
  try {
    const wire = await Wire.open(server.where);
    wire.send(frame(TEXT, 'Hello'));
    await wire.frame();
    wire.send(frame(CLOSE, closing(1000, 'bye')));
    await wire.frame();
    wire.end();
    await server.says('stdout', /server → client 1  closes[^\n]*\n/);
    return server.stdout.trimEnd().split('\n');
  } finally {
    await server.stop('SIGKILL');
  }
}

/** The picture; it paints its own ground, and takes the colours that the reader's light wants. */
export async function tracePicture(): Promise<string> {
  const lines = await play();
  const width = COLUMNS * COLUMN + 2 * MARGIN, height = lines.length * LINE + 2 * MARGIN;
  const colours = (of: 1 | 2): string => COLOURS.map((one) => `.${one[0]} { fill: ${one[of]} }`).join(' ');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"
    role="img" aria-labelledby="t">
  <title id="t">server.ts --trace: a handshake, Hello and a Close</title>
  <style>
    text { font: 14px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; white-space: pre }
    .paper { fill: #fff; stroke: #818b98 }
    ${colours(1)}
    @media (prefers-color-scheme: dark) {
    .paper { fill: #0d1117 }
    ${colours(2)}
    }
  </style>
  <rect class="paper" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="6"/>
  ${lines.flatMap(drawLine).join('\n  ')}
</svg>
`;
}

/**
 * Each group of words where its column is, and as wide as its columns: whatever font the reader has, the columns hold.
 * In the colours of lib/trace/terminal.ts, which a pipe does not get.
 */
function drawLine(line: string, row: number): string[] {
  const way = line.startsWith('client') ? 'cyan' : line.startsWith('server') ? 'green' : 'plain';
  return Array.from(line.matchAll(/\S+(?: \S+)*/g), ({ 0: words, index }) => {
    const kind = /^(?:step \d+|RFC [\d. ]+|\d+\.[\d.]+)$/.test(words) ? 'dim' : way;
    const [x, length] = [MARGIN + columnsOf(line.slice(0, index)) * COLUMN, columnsOf(words) * COLUMN];
    const text = words.replaceAll('&', '&amp;').replaceAll('<', '&lt;'), y = MARGIN + row * LINE + 15;
    return `<text class="${kind}" x="${x.toFixed(1)}" y="${y}" textLength="${length.toFixed(1)}">${text}</text>`;
  });
}
