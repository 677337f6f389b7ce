/** What a message costs against the number of open clients: flat where the kernel tells who is active, rising with select. */
import { type Report, type Result, spreadOf } from './results.ts';
import { colorOf, document, line, round, text } from './svg.ts';

const WIDTH = 880, HEIGHT = 440, LEFT = 66, RIGHT = 210, TOP = 92, BOTTOM = 58;
/** Where the x axis has numbers, between its ends. */
const TICKS = [100, 200, 500, 1000, 2000, 5000, 10_000];
/** select(2)'s FD_SETSIZE */
const FD_SETSIZE = 1024;

interface Point { clients: number; cost: number }
interface Series { result: Result; points: Point[] }

export function scaleChart({ machine, results }: Report): string {
  const scaling = results.filter(({ row }) => row.group === 'scaling');
  const all = seriesOf(scaling);
  const points = all.flatMap((series) => series.points);
  const [step, most] = ticksOf(Math.max(1, ...points.map(({ cost }) => cost)));
  const last = Math.max(2 * TICKS[0]!, ...points.map(({ clients }) => clients));
  const x = (clients: number): number =>
    LEFT + Math.log(clients / TICKS[0]!) / Math.log(last / TICKS[0]!) * (WIDTH - LEFT - RIGHT);
  const y = (cost: number): number => HEIGHT - BOTTOM - cost / most * (HEIGHT - TOP - BOTTOM);

  const what = 'Server CPU time of one echo, in microseconds';
  const body = [text(24, 34, what, 'title'), text(24, 55, `100 busy clients, the others idle. ${machine}`, 'dim')];
  for (let cost = 0; cost <= most; cost += step) {
    body.push(line(LEFT, y(cost), WIDTH - RIGHT, y(cost)), text(LEFT - 8, y(cost) + 4, String(cost), 'dim', 'end'));
  }
  for (const clients of TICKS.filter((tick) => tick <= last)) {
    body.push(line(x(clients), y(0), x(clients), y(0) + 5),
      text(x(clients), y(0) + 20, clients.toLocaleString('en-US'), 'dim', 'middle'));
  }
  body.push(text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 14, 'open clients', 'dim', 'middle'));
  if (all.some(({ result }) => result.peer.kind === 'php')) {
    body.push(line(x(FD_SETSIZE), TOP, x(FD_SETSIZE), y(0), 'php', 'stroke-dasharray="3 4"'),
      text(x(FD_SETSIZE), TOP - 8, 'select(2) ends: 1,024 descriptors', 'dim', 'middle'));
  }
  for (const { result, points } of all) body.push(...curve(result, points, x, y));
  body.push(...labels(all, x, y));
  const desc = all.map(({ result, points }) => `${result.peer.name}: ` +
    points.map(({ clients, cost }) => `${cost.toFixed(1)} with ${clients}`).join(', ')).join('; ');
  return document(WIDTH, HEIGHT, `${what}, against the number of open clients`, desc, body);
}

function seriesOf(results: readonly Result[]): Series[] {
  const names = new Set(results.map(({ peer }) => peer.name));
  return [...names].map((name) => {
    const own = results.filter((one) => one.peer.name === name && spreadOf(one, 'cpu') !== null);
    return { result: own[0]!, points: own.map((one) => {
      return { clients: one.row.clients + one.row.idle, cost: spreadOf(one, 'cpu')!.median };
    }) };
  }).filter(({ points }) => points.length > 0);
}

/** Round numbers for the y axis: the step, and the end. */
function ticksOf(most: number): [step: number, end: number] {
  const power = 10 ** Math.floor(Math.log10(most / 5));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => most / size <= 6)!;
  return [step, Math.ceil(most / step) * step];
}

type Scale = (value: number) => number;

function curve({ peer }: Result, points: Point[], x: Scale, y: Scale): string[] {
  const at = points.map(({ clients, cost }) => [round(x(clients)), round(y(cost))] as const);
  return [
    `<polyline points="${at.map((pair) => pair.join(',')).join(' ')}" fill="none" stroke="${colorOf(peer)}" \
stroke-width="${peer.kind === 'ours' || peer.kind === 'php' ? 2.5 : 1.5}"/>`,
    ...at.map(([cx, cy]) => `<circle cx="${cx}" cy="${cy}" r="3" fill="${colorOf(peer)}"/>`),
  ];
}

/** Names at the ends of the curves; those that end side by side are moved apart. */
function labels(all: Series[], x: Scale, y: Scale): string[] {
  const ends = all.map(({ result: { peer }, points }) => ({ peer, x: x(points.at(-1)!.clients), y: y(points.at(-1)!.cost) }))
    .sort((a, b) => b.y - a.y);
  const drawn: { x: number; y: number }[] = [];
  return ends.map(({ peer, x, y }) => {
    const left = x < WIDTH - RIGHT - 1;
    const lower = drawn.filter((other) => other.x === x).at(-1)?.y ?? Infinity;
    const base = Math.min(y + 4, lower - 17);
    drawn.push({ x, y: base });
    return left ? text(x - 8, base - 10, peer.name, peer.kind, 'end') : text(x + 10, base, peer.name, peer.kind);
  });
}
