/**
 * Clients of all kinds for a while: is each answered, and is everything given back?
 * Usage: npm run soak -- --seconds 60 --seed N
 *
 *   1  silent clients are cut, each for its own cause; honest ones talk beside them
 *   2  rounds: so many clients of all other kinds. Then all have left; arrays and memory are looked at
 *   3  the verdict: status 0, or 1 and why
 *
 * The innocent client is a thread of its own. No verdict compares a time with the clock alone: see Report.stall.
 */
import assert from 'node:assert/strict';
import { parseArgs } from 'node:util';
import { randomFrom } from '../helpers.ts';
import { Program } from '../program.ts';
import { Wire } from '../wire.ts';
import { crowd } from './crowd.ts';
import { assertUnharmed, Innocent } from './innocent.ts';
import { FLAGS, HONEST, type Kind, RUDE, SILENT } from './players.ts';
import { forgetPeak, heapOf, memoryOf, MIB, numbersOf, peakOf, settle } from './vitals.ts';

/** Rounds at least. Memory counts after the first few: what V8 makes larger for good is no leak. */
const ROUNDS = 9, WARM_UP = 3;
/** Bytes that one more client may leave behind. */
const LEAK = 1024;
/** Milliseconds that nobody but the server can have lost. */
const STALL = 250;
/** MiB that a round may add at its peak. The deflate bomb has 512. */
const PEAK = 256;
/** Seconds that a visit or a step may take, on any machine: one that hangs is a failure. */
const STEP = 40;

const { values: { seconds, seed } } = parseArgs({ options: {
  seconds: { type: 'string', default: '45' }, seed: { type: 'string', default: String(Date.now() >>> 0) },
} });
console.log(`again: npm run soak -- --seconds ${seconds} --seed ${seed}`);
// All processes end with this one
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(1));

let round = 0, visits = 0;
const began = performance.now(), failures: string[] = [];
const fail = ({ message }: Error): number => failures.push(message);
const script = 'NODE_OPTIONS="$NODE_OPTIONS --import ./tests/abuse/heap.js" exec "$@"';
const program = await Program.startIn(script, { after: () => {} }, ...FLAGS);
// It may be too busy to hear of a gentler signal
process.on('exit', () => program.process.kill('SIGKILL'));
const pid = program.process.pid!, innocent = await Innocent.start(program.where, false, pid);
await soak().catch(fail);
await judgeInnocent().catch(fail);

// 3
const [fault] = /^fault of this server: .*(?:\n +at .*)*/m.exec(program.stderr) ?? [];
if (fault !== undefined) failures.unshift(fault);
if (program.status !== null) failures.unshift(`the server has ended with ${program.status}: ${program.stderr.slice(-2000)}`);
if (failures.length > 0) console.error(failures.join('\n'));
process.exit(Math.min(failures.length, 1));

async function soak(): Promise<void> {
  const before = await within('the server tells its numbers', numbersOf(program));

  // 1
  let areThere = true;
  const talking = async (): Promise<void> => { while (areThere) await play(HONEST); };
  await Promise.all([play(SILENT).finally(() => { areThere = false; }), talking()]);
  await within('all silent clients leave the arrays', settle(program, before));

  // 2
  const memory = await memoryOf(pid), first = visits, heaps: number[] = [];
  await forgetPeak(pid);
  while (performance.now() - began < Number(seconds) * 1000 || heaps.length < ROUNDS) {
    await play({ ...HONEST, ...RUDE });
    await within('all clients leave the arrays', settle(program, before));
    heaps.push(await within('the server collects garbage', heapOf(program)));
    const peak = Math.round((await peakOf(pid) - memory) / MIB);
    assert.ok(peak <= PEAK, `a round took ${peak} MiB at its peak; ${PEAK} are allowed`);
  }
  const clients = (visits - first) / heaps.length, left = Math.round(slopeOf(heaps.slice(WARM_UP)) / clients);
  console.log(`memory: ${heaps.length} rounds of ${clients} clients, each left ${left} bytes behind`);
  assert.ok(left <= LEAK, `memory has grown by ${left} bytes a client; ${LEAK} are allowed`);
}

async function judgeInnocent(): Promise<void> {
  const report = await within('the innocent client leaves', innocent.leave()), { echoed, slowest, stall } = report;
  console.log(`innocent: ${echoed} messages back, the slowest after ${Math.round(slowest)} ms, ` +
    `${Math.round(stall)} ms of them the server's own`);
  assertUnharmed(report);
  assert.ok(stall <= STALL, `the server stood still for ${Math.round(stall)} ms; ${STALL} are allowed`);
}

/** A round of these kinds; the first wrong answer ends it. */
async function play(kinds: Record<string, Kind>): Promise<void> {
  const from = Number(seed) + round++ * 100_000;
  await Promise.all(Object.entries(kinds).map(([name, kind], row) => {
    return crowd(kind.visits, (number) => visit(name, kind, from + row * 1000 + number), kind.together);
  }));
}

async function visit(name: string, { play, cause }: Kind, from: number): Promise<void> {
  const wire = await Wire.connect(program.where), about = ` port ${wire.socket.localPort}) `;
  visits++;
  try {
    await within('it leaves', play(wire, randomFrom(from)));
    if (cause !== undefined) await within(`the log says '${cause}'`, program.printed(`${about}${cause}`, 'stderr'));
  } catch (error) {
    wire.reset();
    const said = program.stderr.split('\n').filter((line) => line.includes(about));
    throw new Error([`${name}: ${(error as Error).message.split('\n')[0]}`, ...said].join('\n  the server: '));
  }
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
