/** The rates as bars: a panel for each row, all servers in it, the longest bar being the fastest one's. */
import { format } from './metrics.ts';
import { type Report, type Result, spreadOf } from './results.ts';
import type { Row } from './rows.ts';
import { colorOf, document, line, round, text, widthOf } from './svg.ts';

const WIDTH = 880, MARGIN = 24, BAR = 15, STEP = 21, HEAD = 30, TOP = 74, VALUE = 150;

export function barChart({ machine, cores, results }: Report): string {
  const shown = results.filter(({ row, rounds }) =>
    row.group !== 'scaling' && row.compared[0] === 'rate' && rounds.length > 0);
  const names = MARGIN + 12 + Math.max(0, ...shown.map(({ peer }) => widthOf(peer.name)));
  const body = [
    text(MARGIN, 34, 'Echoes a second', 'title'),
    text(MARGIN, 55, `${machine}. ${cores.note}.`, 'dim'),
  ];
  let y = TOP;
  for (const row of new Set(shown.map((one) => one.row))) {
    const own = shown.filter((one) => one.row === row);
    const most = Math.max(...own.map((one) => spreadOf(one, 'rate')!.max));
    body.push(text(MARGIN, y + 15, headingOf(row), 'head'));
    y += HEAD;
    for (const one of own) {
      body.push(...bar(one, y, names, (WIDTH - MARGIN - VALUE - names) / most));
      y += STEP;
    }
    y += 14;
  }
  const desc = shown.map((one) =>
    `${headingOf(one.row)}: ${one.peer.name} ${format(spreadOf(one, 'rate')!.median, 'rate')}`).join('; ');
  return document(WIDTH, y + 10, 'Echoes a second', desc, body);
}

/** As long as the median, with a thin line from the least to the most. */
function bar(result: Result, y: number, x: number, scale: number): string[] {
  const { peer } = result, { median, min, max } = spreadOf(result, 'rate')!;
  // The limit is no rival, so it is drawn as a frame
  const look = peer.kind === 'limit' ? `fill="none" stroke="${colorOf(peer)}"` : `fill="${colorOf(peer)}"`;
  const middle = y + BAR / 2, end = x + max * scale;
  return [
    text(x - 8, y + 12, peer.name, peer.kind, 'end'),
    `<rect x="${round(x)}" y="${y}" width="${round(Math.max(1, median * scale))}" height="${BAR}" rx="2" \
${look}/>`,
    line(x + min * scale, middle, end, middle, 'ink', 'stroke-width="1.2"'),
    text(end + 8, y + 12, format(median, 'rate'), peer.kind),
  ];
}

function headingOf({ kind, clients, inflight, size, deflate }: Row): string {
  const bytes = size >= 1_048_576 ? `${size / 1_048_576} MiB` : size >= 1024 ? `${size / 1024} KiB` : `${size} bytes`;
  if (kind === 'connections') return 'New connections, each with its handshake and one echo';
  return `${clients} clients × ${inflight} in flight × ${bytes}${deflate ? ' of JSON, compressed' : ''}`;
}
