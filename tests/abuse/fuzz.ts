/**
 * Random clients against server.ts, started with every combination of its switches in turn: requests, frames and
 * compressed messages, right and wrong, and commands of the page. No fault of the server, no echo that is lost or
 * changed, no innocent client that waits.
 * Usage: npx tsx tests/abuse/fuzz.ts [--seconds 60] [--seed N]
 */
import assert from 'node:assert/strict';
import { BINARY, TEXT } from '../../lib/websocket/frame.ts';
import { VIOLATIONS } from '../../lib/trace/violations.ts';
import { bytesOf, hostileFrames, once, pick, textOf } from '../generate.ts';
import { type Random, randomFrom, readArgs } from '../helpers.ts';
import { Program } from '../program.ts';
import { frame, request, Wire } from '../wire.ts';
import { crowd } from './crowd.ts';
import { assertUnharmed, Innocent } from './innocent.ts';
import { GROUPS, type Kind } from './players.ts';
import { numbersOf, settle } from './vitals.ts';

const SWITCHES = ['--quiet', '--trace', '--deflate', '--strict', '--subprotocol=chat', '--max-memory=64M'];
/** Milliseconds that nobody but the server can have lost: five times what a flood of "hello" costs. */
const STALL = 150;
const COMMANDS = ['ping', 'close', 'inject', 'cut', 'dance', '__proto__'];

const { values: { seconds, seed } } = readArgs('Usage: npx tsx tests/abuse/fuzz.ts [--seconds 60] [--seed N]', { options: {
  seconds: { type: 'string', default: '60' }, seed: { type: 'string', default: String(Date.now() >>> 0) },
} });
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(1));

/** A page: watches a connection of its own, and sends commands about it, right and wrong. */
async function command(wire: Wire, random: Random): Promise<number> {
  const id = bytesOf(random, 16).toString('hex'), { remoteAddress: host, remotePort: port } = wire.socket;
  const own = { Host: `${host}:${port}`, Origin: `http://${host}:${port}` };
  const come = async (one: Wire, target: string): Promise<void> => {
    one.send(request(own, `GET ${target} HTTP/1.1`));
    await one.head();
    one.socket.on('data', () => {});
  };
  await come(wire, `/trace/${id}`);
  const watched = await Wire.connect({ host: host!, port: port! });
  await come(watched, `/?trace=${id}`);
  for (let count = random(30); count > 0 && wire.over === null; count--) {
    const about = { do: pick(random, COMMANDS), hex: pick(random, Object.values(VIOLATIONS)).bytes.toString('hex'),
      code: random(6000), reason: textOf(random, random(130)) };
    const text = JSON.stringify(about), cut = once(random, 4) ? random(text.length) : text.length;
    wire.send(frame(once(random, 8) ? BINARY : TEXT, text.slice(0, cut)));
    if (watched.over === null) watched.send(once(random, 4) ? hostileFrames(random) : frame(TEXT, textOf(random, random(300))));
    await new Promise(setImmediate);
  }
  for (const one of [watched, wire]) {
    one.end();
    await one.gone().catch(() => {});
  }
  return 0;
}

const end = performance.now() + Number(seconds) * 1000;
for (let round = Number(seed); round === Number(seed) || performance.now() < end; round++) {
  const flags = SWITCHES.filter((_, i) => (round >> i & 1) === 1), from = round * 100_000;
  const ends: (() => unknown)[] = [], program = await Program.start({ after: (end) => ends.push(end) }, ...flags);
  const before = await numbersOf(program), innocent = await Innocent.start(program.where, false, program.process.pid);
  const { plain, deflating } = GROUPS['honest']!, { slow, 'slow and deflating': late } = GROUPS['large']!;
  const { fuzzing, resetting } = GROUPS['rude']!;
  const kinds: [string, Kind][] = Object.entries({
    plain: plain!, slow: slow!, fuzzing: fuzzing!, resetting: resetting!,
    commanding: { visits: 20, together: 4, play: command },
    ...(flags.includes('--deflate') && { deflating: deflating!, 'slow and deflating': late! }),
  });
  const about = `seed ${round}, ${flags.join(' ') || 'no flags'}`;
  try {
    await Promise.all(kinds.map(([name, { visits, together, play }], row) => crowd(visits, async (number) => {
      const wire = await Wire.connect(program.where);
      await play(wire, randomFrom(from + row * 1000 + number)).catch((error: Error) => {
        throw new Error(`${name} ${number}: ${error.message.split('\n')[0]}`);
      });
    }, together)));
    const report = await innocent.leave();
    assertUnharmed(report);
    assert.ok(report.stall <= STALL, `an answer took ${Math.round(report.stall)} ms of the server's own time`);
    await settle(program, before);
    assert.doesNotMatch(program.stderr, /fault of this server| dropped: /);
    console.log(`${about}: ${report.echoed} echoes, the slowest ${Math.round(report.slowest)} ms, ${Math.round(report.stall)} its own`);
  } catch (error) {
    console.error(`${about}: ${(error as Error).message}\n${program.stderr.slice(-3000)}`);
    console.error(`again: npx tsx tests/abuse/fuzz.ts --seconds 1 --seed ${round}`);
    process.exitCode = 1;
    break;
  } finally {
    for (const stop of ends) await stop();
  }
}
