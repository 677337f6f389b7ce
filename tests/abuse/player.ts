/** A process of a soak: plays one group of players, a round each time that soak.ts asks. */
import type net from 'node:net';
import { randomFrom } from '../helpers.ts';
import { Wire } from '../wire.ts';
import { crowd } from './crowd.ts';
import { GROUPS, type Kind } from './players.ts';

/** What soak.ts sends. */
export interface Round {
  where: net.NetConnectOpts;
  /** The same seed makes the same clients. */
  seed: number;
}

/** What soak.ts gets back for each client. */
export interface Visit {
  kind: string;
  /** The client's own port: the server's log names it. */
  port: number;
  /** Messages. */
  answered: number;
  /** What went wrong; '' for nothing. */
  wrong: string;
}

/** Milliseconds that a visit may take: much longer than any takes on a busy machine. */
const LIMIT = 25_000;

const kinds = Object.entries(GROUPS[process.argv[2]!]!);
/** One failure is enough: nobody else of this group comes, and the verdict need not wait. */
let hasFailed = false;

process.on('disconnect', () => process.exit());
process.on('message', ({ where, seed }: Round) => {
  void Promise.all(kinds.map(([kind, { visits, together, play }], row) => crowd(visits, (number) => {
    return visit(kind, play, where, seed + row * 1000 + number);
  }, together))).then((visits) => process.send!(visits.flat().filter((one) => one !== null)));
});

async function visit(kind: string, play: Kind['play'], where: net.NetConnectOpts, seed: number): Promise<Visit | null> {
  if (hasFailed) return null;
  let wire: Wire | null = null, port = 0, timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it still waits after ${LIMIT / 1000} s`)), LIMIT);
  });
  try {
    wire = await Promise.race([Wire.connect(where), late]);
    port = wire.socket.localPort!;
    return { kind, port, answered: await Promise.race([play(wire, randomFrom(seed)), late]), wrong: '' };
  } catch (error) {
    hasFailed = true;
    wire?.reset();
    return { kind, port, answered: 0, wrong: (error as Error).message.split('\n')[0]! };
  } finally {
    clearTimeout(timer);
  }
}
