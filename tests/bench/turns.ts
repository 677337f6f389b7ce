/** Plays rows against servers in turns: each run is a process of its own, started and ended for it. */
import { OtherServer } from '../others/other_server.ts';
import { type Cores, pinned } from './cores.ts';
import { measure } from './measure.ts';
import type { Figures } from './metrics.ts';
import type { Peer } from './rivals.ts';
import type { Result } from './results.ts';
import type { Row } from './rows.ts';
import { membersOf } from './usage.ts';

export interface How {
  seconds: number;
  rounds: number;
  cores: Cores;
  /** Called before each run, with what it is. */
  onrun(what: string): void;
}

/** One group of rows: round by round, row by row, server by server. */
export async function playGroup(rows: readonly Row[], peers: readonly Peer[], how: How): Promise<Result[]> {
  const results = rows.flatMap((row) => peers.map((peer): Result =>
    ({ row, peer, rounds: [], why: peer.cannot(row), failed: false })));
  for (let round = 1; round <= how.rounds; round++) {
    for (const result of results) {
      if (result.why !== null) continue;
      how.onrun(`${result.row.name}, round ${round} of ${how.rounds}: ${result.peer.name}`);
      try {
        result.rounds.push(await run(result.row, result.peer, how));
      } catch (error) {
        result.why = (error as Error).message;
        result.failed = true;
      }
    }
  }
  return results;
}

async function run(row: Row, peer: Peer, { seconds, cores }: How): Promise<Figures> {
  const server = await OtherServer.start(pinned(peer.command(row), cores));
  try {
    const target = { port: server.port, pids: membersOf(server.pid), raw: peer.kind === 'limit' };
    return await measure(row, target, seconds);
  } catch (error) {
    // What the client sees is a closed connection; the server may have said more
    throw new Error((error as Error).message + (server.complaint && `; it says: ${server.complaint}`));
  } finally {
    await server.stop('SIGKILL');
  }
}
