/**
 * Clients of all kinds for a while, and then: has everything come back?
 * Usage: npm run soak -- [--seconds 60] [--seed N]
 *
 * It ends with status 1 where a good client lost something, or where memory or the arrays are not what they were.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { randomFrom } from '../helpers.ts';
import { Program } from '../program.ts';
import { Wire } from '../wire.ts';
import { Innocent } from './innocent.ts';
import { players } from './players.ts';
import { memoryOf, MIB, numbersOf, peakOf, settle } from './vitals.ts';

/** Seconds; so that many are cut for their silence in a minute. */
const FLAGS = ['--quiet', '--deflate', '--handshake-timeout', '2', '--ping-interval', '2', '--write-timeout', '2'];
/** MiB that may be left: V8 and malloc give memory back late. */
const SLACK = 48;

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '60' }, seed: { type: 'string' } } });
const seconds = Number(values.seconds), seed = Number(values.seed ?? Date.now()) >>> 0;
if (!(seconds > 0)) throw new RangeError(`Cannot soak for '${values.seconds}' seconds`);
console.log(`seed ${seed}, ${seconds} seconds`);

const program = await Program.start({ after: () => {} }, ...FLAGS);
process.on('exit', () => program.process.kill('SIGKILL'));
const { where, process: { pid } } = program;
const failures: string[] = [];
const before = await numbersOf(program), started = await memoryOf(pid!);
const innocent = await Innocent.start(where);

const end = performance.now() + seconds * 1000;
const counts: Record<string, { visits: number; answered: number }> = {};
const visits = Object.entries(players).flatMap(([name, { count, play }], kind) => {
  const sum = counts[name] = { visits: 0, answered: 0 };
  return Array.from({ length: count }, async (_, i) => {
    const random = randomFrom(seed + kind * 1000 + i);
    for (; performance.now() < end && failures.length < 10; sum.visits++) {
      await play(where, random).then((answered) => { sum.answered += answered; }, (error: unknown) => {
        failures.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
      });
      await sleep(random(20));
    }
  });
});

// What the first quarter has made larger for good is no leak; what the rest adds is
await sleep(seconds * 250);
const quarter = await memoryOf(pid!);
await Promise.all(visits);
const report = await innocent.leave();
Wire.cutAll();
await settle(program, before).catch(({ message }: Error) => failures.push(message));
const memory = await memoryOf(pid!), peak = await peakOf(pid!), after = await numbersOf(program);

const mib = (bytes: number): string => `${Math.round(bytes / MIB)} MiB`;
for (const [name, { visits, answered }] of Object.entries(counts)) {
  console.log(`${name}: ${visits} visits${answered > 0 ? `, ${answered} messages answered` : ''}`);
}
const { sent, echoed, slowest, lag, wrong } = report;
console.log(`innocent: ${echoed} of ${sent} messages back, the slowest after ${Math.round(slowest)} ms`);
console.log(`memory: ${mib(started)} at the start, ${mib(quarter)} after a quarter, ${mib(memory)} at the end, ` +
  `at most ${mib(peak)}`);
console.log(`numbers: ${JSON.stringify(before)}\n         ${JSON.stringify(after)}`);

if (wrong !== '' || sent !== echoed) failures.push(`innocent: ${wrong || 'messages are lost'}`);
if (slowest - lag > 1000) failures.push('innocent: an answer was late by more than a second');
if (memory > Math.max(quarter, started) + SLACK * MIB) failures.push('memory has grown');
for (const failure of failures) console.error(failure);
if (failures.length > 0) console.error(`again: npm run soak -- --seconds ${seconds} --seed ${seed}`);
process.exit(failures.length > 0 ? 1 : 0);
