/** Measures this server beside others, each a process of its own, in turns. Usage: npm run bench -- --help */
import { existsSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { HAS_REUSE_PORT } from '../../lib/php/sockets.ts';
import { OtherServer } from '../others/other_server.ts';
import { barChart, scaleChart } from './charts.ts';
import { MACHINE, pin } from './machine.ts';
import { measure } from './measure.ts';
import { named, onNode, type Peer, peers } from './rivals.ts';
import { type Row, ROWS } from './rows.ts';
import { type Figures, type Result, tables } from './tables.ts';

const HELP = `Usage: npm run bench -- [options]

  --row PATTERN      only rows whose name matches this regular expression
  --only PATTERN     only servers whose name matches this regular expression
  --peer 'NAME=COMMAND with {port}'
                     one more WebSocket echo server; may be given more than once
  --nodes 'LABEL=PATH,...'
                     this server and ws on each of these Nodes, and one table of their ratios
  --seconds 1        that count, of each run; it warms up before
  --rounds 3         runs of each row and server
  --svg FOLDER       draw the two charts of tests/bench/results there

Rows: ${[...new Set(ROWS.map(({ group }) => group))].join(', ')}.

Exit status: 0; 1 when a server did something wrong; 2 when this line is wrong.
`;

// The servers are ended at exit
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1));

const { options, rows, chosen } = readOptions();
console.error(MACHINE);
if (!HAS_REUSE_PORT && rows.some(({ processes }) => processes > 0)) {
  console.error('No row of two processes: --reuse-port needs Linux and Node 22.12');
}
const pinned = pin(), results: Result[] = [];
for (const group of new Set(rows.map((row) => row.group))) {
  console.error(`${group} ...`);
  results.push(...await playGroup(rows.filter((row) => row.group === group)));
}
// One order of the columns: a server that does not play the first row stands where it was chosen, too
results.sort((a, b) => chosen.indexOf(a.peer) - chosen.indexOf(b.peer));
console.log(tables(results));
if (options.svg !== undefined) {
  writeFileSync(`${options.svg}/bars.svg`, barChart(results));
  writeFileSync(`${options.svg}/scale.svg`, scaleChart(results));
}
const failures = results.filter(({ failed }) => failed !== null);
for (const { row, peer, failed } of failures) console.error(`FAILED: ${row.name}: ${peer.name}: ${failed}`);
process.exitCode = failures.length > 0 ? 1 : 0;

function readOptions() {
  try {
    const { values } = parseArgs({ options: {
      row: { type: 'string', default: '' }, only: { type: 'string', default: '' }, help: { type: 'boolean' },
      seconds: { type: 'string', default: '1' }, rounds: { type: 'string', default: '3' }, svg: { type: 'string' },
      peer: { type: 'string', multiple: true, default: [] }, nodes: { type: 'string', default: '' },
    } });
    if (values.help) {
      console.log(HELP);
      process.exit();
    }
    const options = { seconds: Number(values.seconds), rounds: Number(values.rounds), svg: values.svg };
    if (!(options.seconds > 0 && options.rounds > 0)) throw new Error('--seconds and --rounds are numbers above 0');
    if (options.svg !== undefined && !existsSync(options.svg)) throw new Error(`--svg '${options.svg}' is no folder`);
    const rows = ROWS.filter(({ name }) => new RegExp(values.row).test(name));
    if (rows.length === 0) throw new Error('--row leaves nothing to measure');
    const given = values.peer.map(named), only = new RegExp(values.only);
    const all = values.nodes === '' ? [...peers(), ...given] : values.nodes.split(',').flatMap(onNode);
    const chosen = all.filter(({ name }) => only.test(name));
    if (chosen.length === 0) throw new Error('--only leaves nothing to measure');
    return { options, rows, chosen };
  } catch (error) {
    console.error(`bench: ${(error as Error).message.split('\n')[0]} (--help lists all)`);
    process.exit(2);
  }
}

/** Round by round, row by row, server by server. */
async function playGroup(rows: readonly Row[]): Promise<Result[]> {
  const results = rows.flatMap((row) => chosen.filter((peer) => peer.plays(row))
    .map((peer): Result => ({ row, peer, rounds: [], failed: null })));
  for (let round = 0; round < options.rounds; round++) {
    for (const result of results) {
      if (result.failed !== null) continue;
      await run(result.row, result.peer).then((figures) => result.rounds.push(figures),
        ({ message }: Error) => { result.failed = message; });
    }
  }
  return results;
}

/** One run of a server that is started and ended for it. */
async function run(row: Row, peer: Peer): Promise<Figures> {
  const server = await OtherServer.start((row.processes > 0 ? pinned.all : pinned.one) + peer.command(row));
  try {
    if (row.processes > 0) await server.says('stderr', new RegExp(`(listening on [^]*){${row.processes}}`));
    return await measure(row, { port: server.port, pid: server.pid, raw: peer.kind === 'limit' }, options.seconds);
  } catch (error) {
    // What the client sees is a closed connection; the server may have said more
    throw new Error((error as Error).message + (server.complaint && `; it says: ${server.complaint}`));
  } finally {
    await server.stop('SIGKILL');
  }
}
