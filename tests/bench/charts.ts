/** The charts of tests/bench/README.md, in SVG. They carry their own background, for light and for dark pages. */
import { MACHINE } from './machine.ts';
import type { Peer } from './rivals.ts';
import { isUsual } from './rows.ts';
import { format, type Result, spreadOf } from './tables.ts';

const STYLE = `
    svg { --paper: #ffffff; --ink: #1f2328; --dim: #59636e; --line: #d1d9e0;
      --ours: #0969da; --ws: #8250df; --php: #bc4c00; --limit: #59636e; --other: #818b98;
      font: 13px system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif; }
    @media (prefers-color-scheme: dark) { svg { --paper: #151b23; --ink: #f0f6fc; --dim: #9198a1; --line: #3d444d;
      --ours: #4493f8; --ws: #ab7df8; --php: #f0883e; --limit: #9198a1; --other: #656c76; } }
    text { fill: var(--ink); paint-order: stroke; stroke: var(--paper); stroke-width: 4px; stroke-linejoin: round; }
    .dim { fill: var(--dim); } .title { font-size: 17px; font-weight: 600; }
    .head { font-weight: 600; } .ours { font-weight: 600; }`;

const WIDTH = 880;

/** The rates as bars: a panel for each row, all servers in it, the longest bar being the fastest one's. */
export function barChart(results: readonly Result[]): string {
  const shown = results.filter(({ row, rounds }) => isUsual(row) && row.compared[0] === 'rate' && rounds.length > 0);
  // No font is known here: a character is about so wide
  const left = 36 + 7.4 * Math.max(0, ...shown.map(({ peer }) => peer.name.length));
  const body: string[] = [];
  let y = 74;
  for (const row of new Set(shown.map((one) => one.row))) {
    const own = shown.filter((one) => one.row === row);
    const scale = (WIDTH - 174 - left) / Math.max(...own.map((one) => spreadOf(one, 'rate')!.max));
    body.push(text(24, y + 15, row.name, 'head'));
    y += 30;
    for (const one of own) {
      body.push(...bar(one, left, y, scale));
      y += 21;
    }
    y += 14;
  }
  return picture('Echoes a second', `clients x in flight x bytes. ${MACHINE}`, y + 10, body);
}

/** As long as the median, with a thin line from the least to the most. */
function bar(result: Result, x: number, y: number, scale: number): string[] {
  const { peer } = result, { median, min, max } = spreadOf(result, 'rate')!;
  // The limit is no rival, so it is drawn as a frame
  const look = peer.kind === 'limit' ? `fill="none" stroke="${colorOf(peer)}"` : `fill="${colorOf(peer)}"`;
  return [
    text(x - 8, y + 12, peer.name, peer.kind, 'end'),
    `<rect x="${round(x)}" y="${y}" width="${round(median * scale)}" height="15" rx="2" ${look}/>`,
    line(x + min * scale, y + 7.5, x + max * scale, y + 7.5, 'ink'),
    text(x + max * scale + 8, y + 12, format(median, 'rate'), peer.kind),
  ];
}

const LEFT = 66, RIGHT = 670, TOP = 92, BOTTOM = 382;
/** Where the x axis has numbers; it ends a little behind the last one. */
const TICKS = [100, 200, 500, 1000, 2000, 5000, 10_000];
/** select(2)'s FD_SETSIZE */
const FD_SETSIZE = 1024;

/** What a message costs with many open clients: the same where the kernel tells who is active, more with select. */
export function scaleChart(results: readonly Result[]): string {
  const costs = results.filter((one) => one.row.group === 'scaling' && spreadOf(one, 'cpu') !== null)
    .map((one) => ({ peer: one.peer, clients: one.row.clients + one.row.idle, cost: spreadOf(one, 'cpu')!.median }));
  const most = Math.ceil(Math.max(1, ...costs.map(({ cost }) => cost)) / 5) * 5;
  const x = (clients: number): number => LEFT + Math.log(clients / 100) / Math.log(10_100 / 100) * (RIGHT - LEFT);
  const y = (cost: number): number => BOTTOM - cost / most * (BOTTOM - TOP);

  const body = [text((LEFT + RIGHT) / 2, BOTTOM + 44, 'open clients', 'dim', 'middle')];
  for (let cost = 0; cost <= most; cost += 5) {
    body.push(line(LEFT, y(cost), RIGHT, y(cost)), text(LEFT - 8, y(cost) + 4, String(cost), 'dim', 'end'));
  }
  for (const clients of TICKS) {
    body.push(line(x(clients), BOTTOM, x(clients), BOTTOM + 5),
      text(x(clients), BOTTOM + 20, clients.toLocaleString('en-US'), 'dim', 'middle'));
  }
  body.push(line(x(FD_SETSIZE), TOP, x(FD_SETSIZE), BOTTOM, 'php', 'stroke-dasharray="3 4"'),
    text(x(FD_SETSIZE), TOP - 8, 'select(2) ends: 1,024 descriptors', 'dim', 'middle'));
  const ends: { peer: Peer; x: number; y: number }[] = [];
  for (const peer of new Set(costs.map((one) => one.peer))) {
    const points = costs.filter((one) => one.peer === peer)
      .map((one) => ({ peer, x: round(x(one.clients)), y: round(y(one.cost)) }));
    const curve = points.map((at) => `${at.x},${at.y}`).join(' ');
    body.push(`<polyline points="${curve}" fill="none" stroke="${colorOf(peer)}" \
stroke-width="${peer.kind === 'ours' || peer.kind === 'php' ? 2.5 : 1.5}"/>`);
    body.push(...points.map((at) => `<circle cx="${at.x}" cy="${at.y}" r="3" fill="${colorOf(peer)}"/>`));
    ends.push(points.at(-1)!);
  }
  // Names at the ends of the curves; those that end side by side are moved apart
  let lower = Infinity;
  for (const { peer, x, y } of ends.sort((a, b) => b.y - a.y)) {
    if (x < RIGHT - 1) body.push(text(x - 8, y - 6, peer.name, peer.kind, 'end'));
    else body.push(text(x + 10, lower = Math.min(y + 4, lower - 17), peer.name, peer.kind));
  }
  const note = `100 busy clients, the others idle. ${MACHINE}`;
  return picture('Server CPU time of one echo, in microseconds', note, BOTTOM + 58, body);
}

/** A whole file. */
function picture(title: string, note: string, height: number, body: string[]): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" \
role="img" aria-labelledby="title">
  <title id="title">${title}</title>
  <style>${STYLE}
  </style>
  <rect width="${WIDTH}" height="${height}" rx="8" fill="var(--paper)"/>
  ${[text(24, 34, title, 'title'), text(24, 55, note, 'dim'), ...body].join('\n  ')}
</svg>
`;
}

/** A line of text, its base line at y. */
function text(x: number, y: number, what: string, kind = '', anchor: 'start' | 'middle' | 'end' = 'start'): string {
  const escaped = what.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);
  return `<text x="${round(x)}" y="${round(y)}" class="${kind}" text-anchor="${anchor}">${escaped}</text>`;
}

function line(x1: number, y1: number, x2: number, y2: number, color = 'line', more = ''): string {
  const [fromX, fromY, toX, toY] = [x1, y1, x2, y2].map(round);
  return `<line x1="${fromX}" y1="${fromY}" x2="${toX}" y2="${toY}" stroke="var(--${color})" ${more}/>`;
}

/** The colour that a server has in both charts. */
function colorOf({ kind }: Peer): string {
  return `var(--${kind})`;
}

/** Pixels, to a tenth. */
function round(value: number): number {
  return Math.round(value * 10) / 10;
}
