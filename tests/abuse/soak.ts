/**
 * Clients of all kinds for a while: is each answered, and is everything given back?
 * Usage: npm run soak -- --help
 *
 *   1  silent clients are cut, each for its own cause; honest ones talk beside them
 *   2  rounds: so many clients of all other kinds. Then all have left; arrays and memory are looked at
 *   3  the verdict
 *
 * Players are processes of their own, so that a busy one keeps no other waiting. No verdict compares a time with the
 * clock alone: see Report.stall.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Program } from '../program.ts';
import { Innocent, type Report } from './innocent.ts';
import type { Round, Visit } from './player.ts';
import { FLAGS, GROUPS, LINE_ABOUT } from './players.ts';
import { forgetPeak, heapOf, memoryOf, MIB, numbersOf, peakOf, settle } from './vitals.ts';

const HELP = `Plays clients of all kinds against server.ts, in rounds, and looks for what they leave behind.

Usage: npm run soak -- [options]

  --seconds 45   how long it plays; a round that has begun is played to its end
  --seed N       the same clients again
  --help         print this

Exit status: 0; 1 when something is wrong; 2 when this line is wrong.
`;

/** Rounds at least. Memory counts after the first few: what V8 makes larger for good is no leak. */
const ROUNDS = 9, WARM_UP = 3;
/** Bytes that one more client may leave behind. */
const LEAK = 1024;
/** Milliseconds that nobody but the server can have lost. */
const STALL = 250;
/** MiB that a round may add at its peak. The deflate bomb has 512. */
const PEAK = 256;
/** Seconds that a step may take, on any machine: a step that hangs is a failure. */
const STEP = 40;
/** Lines of the server's log and failures of clients in the report. */
const LINES = 10;

// All processes end with this one
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(1));

const { seconds, seed } = readOptions();
console.log(`seed ${seed}, ${seconds} seconds`);
const visits: Visit[] = [], heaps: number[] = [], failures: string[] = [];
const began = performance.now();
setTimeout(() => conclude('the soak itself did not end'), seconds * 2000 + 3 * STEP * 1000);

const script = 'NODE_OPTIONS="$NODE_OPTIONS --import ./tests/abuse/heap.js" exec "$@"';
const program = await within('the server starts',
  Program.startIn(script, { after: (end) => { process.on('exit', end as () => void); } }, ...FLAGS));
// It may be too busy to hear of a gentler signal
process.on('exit', () => program.process.kill('SIGKILL'));
const { where } = program, pid = program.process.pid!;
try {
  const innocent = await within('the innocent client connects', Innocent.start(where, false, pid));
  await soak().catch(fail);
  judgeInnocent(await within('the innocent client leaves', innocent.leave()));
} catch (error) {
  fail(error as Error);
}
conclude();

async function soak(): Promise<void> {
  const before = await within('the server tells its numbers', numbersOf(program));
  const players = Object.fromEntries(Object.keys(GROUPS).map((group) => [group, startPlayers(group)]));
  const play = async (round: number, ...groups: string[]): Promise<void> => {
    const plays = groups.map((group, i) => players[group]!({ where, seed: seed + round * 100_000 + i * 10_000 }));
    visits.push(...(await within(`the clients of round ${round} leave`, Promise.all(plays))).flat());
  };
  const areRight = (): boolean => visits.every(({ wrong }) => wrong === '');
  let round = 1;

  // 1  No rude ones: of many lines in a second the log leaves some out
  let areThere = true;
  const others = async (): Promise<void> => { while (areThere && areRight()) await play(round++, 'honest', 'large'); };
  await Promise.all([play(0, 'silent').finally(() => { areThere = false; }), others()]);
  if (!areRight()) return;
  await within('all silent clients leave the arrays', settle(program, before));

  // 2
  const memory = await memoryOf(pid), first = visits.length;
  await forgetPeak(pid);
  const isTime = (): boolean => performance.now() - began < seconds * 1000 || heaps.length < ROUNDS;
  while (isTime()) {
    await play(round++, 'honest', 'large', 'rude');
    if (!areRight()) return;
    await within('all clients leave the arrays', settle(program, before));
    heaps.push(await within('the server collects garbage', heapOf(program)));
    const peak = Math.round((await peakOf(pid) - memory) / MIB);
    if (peak > PEAK) throw new Error(`a round took ${peak} MiB at its peak; ${PEAK} are allowed`);
  }
  const clients = (visits.length - first) / heaps.length, left = Math.round(slopeOf(heaps.slice(WARM_UP)) / clients);
  console.log(`memory: ${heaps.length} rounds of ${clients} clients, each left ${left} bytes behind`);
  if (left > LEAK) throw new Error(`memory has grown by ${left} bytes a client; ${LEAK} are allowed`);
}

function judgeInnocent({ sent, echoed, slowest, stall, port, wrong }: Report): void {
  console.log(`innocent: ${echoed} of ${sent} messages back, the slowest after ${Math.round(slowest)} ms, ` +
    `${Math.round(stall)} ms of them the server's own`);
  if (wrong !== '' || sent !== echoed) failures.push(`innocent: ${wrong || 'messages are lost'}${saidOf(port)}`);
  if (stall <= STALL) return;
  failures.push(`the server stood still: an answer took ${Math.round(stall)} ms while nobody waited for a processor; ` +
    `${STALL} are allowed`);
}

/** The verdict: 0 or 1, and why. */
function conclude(why?: string): never {
  if (why !== undefined) failures.push(why);
  failures.unshift(...faults(), ...wrongs());
  for (const kind of new Set(visits.map(({ kind }) => kind))) {
    const these = visits.filter((visit) => visit.kind === kind);
    const answered = these.reduce((sum, { answered }) => sum + answered, 0);
    console.log(`${kind}: ${these.length} visits${answered > 0 ? `, ${answered} messages answered` : ''}`);
  }
  if (failures.length === 0) process.exit(0);
  console.error(`\nthe server's last lines:\n  ${program.stderr.trimEnd().split('\n').slice(-LINES).join('\n  ')}\n`);
  console.error(`${failures.join('\n')}\nagain: npm run soak -- --seconds ${seconds} --seed ${seed}`);
  process.exit(1);
}

/** The server's own faults: with the stack, which is printed once, or the line of a client. */
function faults(): string[] {
  const { stderr, process: { exitCode, signalCode } } = program;
  const fault = /^fault of this server: .*(?:\n +at .*)*/m.exec(stderr) ?? /^client .* dropped: .*/m.exec(stderr);
  const ended = exitCode ?? signalCode;
  return [...fault ?? [], ...ended === null ? [] : [`the server has ended with ${ended}`]];
}

/** What went wrong with clients, each once, and what the server's log has about the first such client. */
function wrongs(): string[] {
  const ports = new Map<string, number[]>();
  for (const { kind, port, wrong } of visits) {
    const line = LINE_ABOUT[kind];
    const why = wrong === '' && line && !line.test(saidOf(port)) ? `the server's log does not say ${line}` : wrong;
    if (why !== '') ports.set(`${kind}: ${why}`, [...ports.get(`${kind}: ${why}`) ?? [], port]);
  }
  return [...ports].slice(0, LINES).map(([why, [port, ...more]]) => {
    return `${why}${more.length > 0 ? ` (and ${more.length} more)` : ''}${saidOf(port!)}`;
  });
}

function fail({ message }: Error): void {
  // The other lines are a diff, or all that a program has written
  failures.push(message.split(/\n+/, 2).join(' '));
}

/** A process that plays one group: call what is returned for each round. */
function startPlayers(group: string): (round: Round) => Promise<Visit[]> {
  const players = fork(fileURLToPath(new URL('player.ts', import.meta.url)), [group]);
  process.on('exit', () => players.kill('SIGKILL'));
  const ended = once(players, 'exit').then(() => { throw new Error(`the ${group} players have ended`); });
  ended.catch(() => {});
  return async (round) => {
    players.send(round);
    const [played] = await Promise.race([once(players, 'message'), ended]) as [Visit[]];
    return played;
  };
}

/** What the server's log has about the client with this port. */
function saidOf(port: number): string {
  const lines = program.stderr.split('\n').filter((line) => line.includes(` port ${port}) `));
  return lines.map((line) => `\n  the server: ${line}`).join('');
}

/** How much a value grows from one to the next: the line with the least squares. */
function slopeOf(values: number[]): number {
  const middle = (values.length - 1) / 2;
  let rise = 0, run = 0;
  values.forEach((value, i) => {
    rise += (i - middle) * value;
    run += (i - middle) ** 2;
  });
  return rise / run;
}

async function within<T>(what: string, done: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${STEP} s: ${what}`)), STEP * 1000);
  });
  return Promise.race([done, late]).finally(() => clearTimeout(timer));
}

function readOptions(): { seconds: number; seed: number } {
  try {
    const { values } = parseArgs({ options: {
      seconds: { type: 'string', default: '45' }, seed: { type: 'string', default: String(Date.now() >>> 0) },
      help: { type: 'boolean', default: false },
    } });
    if (values.help) {
      console.log(HELP);
      process.exit(0);
    }
    return { seconds: number('seconds', values.seconds), seed: number('seed', values.seed) >>> 0 };
  } catch (error) {
    console.error(`soak.ts: ${(error as Error).message.split('\n')[0]} (--help lists all)`);
    process.exit(2);
  }
}

function number(name: string, text: string): number {
  if (!/^\d{1,10}$/.test(text)) throw new Error(`--${name} '${text}' is not a whole number`);
  return Number(text);
}
