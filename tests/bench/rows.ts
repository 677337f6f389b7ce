/** The rows: what is played against each server. */
import type { Metric } from './tables.ts';

/** Rows of one group are played in turns, so that their figures can be compared with each other. */
export interface Row {
  name: string;
  group: string;
  /** load: messages as fast as they are answered. connections: new ones, one echo each. memory: open ones, one echo each. */
  kind: 'load' | 'connections' | 'memory';
  /** Those that send, each with so many messages in flight of so many bytes. */
  clients: number;
  inflight: number;
  size: number;
  /** Others that are open, and silent. */
  idle: number;
  deflate: boolean;
  /** So many share the port, on all cores; 0: one that has a core for itself. */
  processes: number;
  /** What is compared with the other servers, the first being the row's own figure. */
  compared: Metric[];
}

/** Busy clients beside the idle ones of the scaling rows. */
const BUSY = 100;
/** Idle clients; those of EXTRA are there to show how select(2) goes up to its 1,024 descriptors. */
const IDLE = [0, 100, 1000, 5000, 10_000], EXTRA = [300, 600, 900];

const speed: Metric[] = ['rate', 'cpu'];

function load(clients: number, inflight: number, size: number, more: Partial<Row> = {}): Row {
  const name = more.name ?? `${clients} x ${inflight} x ${size}`;
  const usual = { group: name, kind: 'load', idle: 0, deflate: false, processes: 0, compared: speed } as const;
  return { ...usual, clients, inflight, size, ...more, name };
}

export const ROWS: readonly Row[] = [
  load(100, 1, 16),
  load(100, 100, 16),
  load(10, 10, 16_384),
  load(2, 2, 1_048_576),
  load(1, 1, 16, { compared: ['p50', 'p99'] }),
  load(8, 1, 16, { name: 'connections', kind: 'connections' }),
  load(4000, 1, 16, { name: 'memory', kind: 'memory', compared: ['open', 'used'] }),
  load(100, 1, 1024, { name: 'deflate 100 x 1 x 1024', deflate: true }),
  load(4000, 1, 1024, { name: 'deflate memory', kind: 'memory', deflate: true, compared: ['open', 'used'] }),
  ...[...IDLE, ...EXTRA].sort((a, b) => a - b)
    .map((idle) => load(BUSY, 1, 16, { name: `scaling ${idle}`, group: 'scaling', idle })),
  ...[1, 2].map((processes) => load(BUSY, 1, 16, { name: `processes ${processes}`, group: 'processes', processes })),
];

/** Whether the row is one of the table of all servers. */
export function isUsual({ group }: Row): boolean {
  return group !== 'scaling' && group !== 'processes';
}

/** Whether the row is there for select(2) and what is held beside it only, or for us alone. */
export function isExtra({ group, idle, processes }: Row): boolean {
  return (group === 'scaling' && EXTRA.includes(idle)) || processes > 0;
}
