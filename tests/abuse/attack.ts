/**
 * One attack, played against server.ts as a process of its own: beside it an innocent client is served all the while,
 * and behind it everything is as it was. Each has a small size for every test run, and its full one for
 * `npm run test:abuse`.
 */
import assert from 'node:assert/strict';
import type net from 'node:net';
import { test, type TestContext } from 'node:test';
import { BINARY, PING, TEXT } from '../../lib/websocket/frame.ts';
import { Program } from '../program.ts';
import { frame, Wire } from '../wire.ts';
import { assertUnharmed, Innocent } from './innocent.ts';
import { forgetPeak, memoryOf, MIB, type Numbers, numbersOf, peakOf, settle } from './vitals.ts';

export const FULL = process.env['ABUSE'] === 'full';

/** Linux has /proc and signals that can be sent. */
export const skip = process.platform !== 'linux' && 'reads /proc, which Linux has';

/** MiB that a process keeps although nobody needs them: V8 and malloc give memory back late. In full see below. */
const SLACK = FULL ? 32 : 64;
/** Of full size it is played twice: what the first time has made larger for good is no leak, what the next adds is. */
const ROUNDS = FULL ? 2 : 1;

export interface Attack {
  /** server.ts' flags beside --quiet. */
  flags?: string[];
  /** Without --quiet. */
  loud?: boolean;
  /** A shell's line that starts it, as Program.startIn takes it. */
  script?: string;
  /** How many or how long: in every test run, in `npm run test:abuse`. */
  quick?: number;
  full?: number;
  /** Played once in full size too: what it looks for comes but once. */
  once?: boolean;
  /** MiB that it may take at its peak, beside what it had before; none given: whatever it takes. */
  costs?: number;
  /** MiB that may be left behind it. */
  leaves?: number;
}

/** What an attack gets to work with. */
export interface Scene {
  t: TestContext;
  program: Program;
  where: net.NetConnectOpts;
  /** `quick` or `full`. */
  size: number;
  /** The numbers before the attack. */
  before: Numbers;
}

/** A test of this name: the attack is played, and nobody else has noticed. */
export function attack(name: string, { flags = [], quick = 1, full = quick, ...limits }: Attack,
  play: (scene: Scene) => Promise<void>): void {
  test(name, { skip }, async (t) => {
    const { script = 'exec "$@"', loud = false, once = false, costs = Infinity, leaves = SLACK } = limits;
    const program = await Program.startIn(script, t, ...(loud ? [] : ['--quiet']), ...flags);
    const { where, process: { pid } } = program;
    t.after(() => {
      Wire.cutAll();
      program.process.kill('SIGKILL');
    });
    const innocent = await Innocent.start(where);
    t.after(() => innocent.cut());
    await warmUp(where);
    const before = await numbersOf(program), memories = [await memoryOf(pid!)];
    await forgetPeak(pid!);

    for (let round = 0; round < (once ? 1 : ROUNDS); round++) {
      await play({ t, program, where, size: FULL ? full : quick, before });
      await settle(program, before);
      memories.push(await memoryOf(pid!));
    }

    const peak = await peakOf(pid!) - memories[0]!, left = memories.at(-1)! - memories.at(-2)!;
    const report = await innocent.leave();
    t.diagnostic(`at most ${mib(peak)} more, ${mib(left)} left of it; the innocent client had ${report.echoed} of ` +
      `${report.sent} messages back, the slowest after ${Math.round(report.slowest)} ms`);
    assertUnharmed(report);
    assert.ok(peak <= costs * MIB, `it cost ${mib(peak)}, which is more than ${costs} MiB`);
    assert.ok(left <= leaves * MIB, `it left ${mib(left)} behind, which is more than ${leaves} MiB`);
  });
}

function mib(bytes: number): string {
  return `${(bytes / MIB).toFixed(1)} MiB`;
}

/** What every server does in its first second and what makes it larger for good: that is not the attack's. */
async function warmUp(where: net.NetConnectOpts): Promise<void> {
  const wire = await Wire.open(where);
  const large = frame(BINARY, Buffer.alloc(MIB)), small = Array.from({ length: 2000 }, (_, i) => frame(TEXT, `${i}`));
  wire.send(large, ...small, large, frame(PING), large);
  for (let count = small.length + 4; count > 0; count--) await wire.frame();
  wire.end();
  await wire.rest();
}

/** Ends all of them and waits until the server has ended them, too. */
export async function dismiss(wires: Wire[]): Promise<void> {
  for (const wire of wires) wire.end();
  await Promise.all(wires.map((wire) => wire.rest()));
}

/** The code and the reason of the Close frame that comes next. */
export async function farewellOf(wire: Wire): Promise<{ code: number; reason: string }> {
  const { first, payload } = await wire.frame();
  assert.equal(first, 0x88, 'a Close frame comes');
  return { code: payload.readUInt16BE(), reason: payload.toString('utf8', 2) };
}
