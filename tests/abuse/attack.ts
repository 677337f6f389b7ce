/**
 * Attacks on server.ts as a process of its own. An innocent client is served beside them, and after each attack the
 * server holds what it held before. In every test run the attacks are small and share one server; in
 * `npm run test:all` they have their full size, each has its own server, and its memory is measured.
 */
import assert from 'node:assert/strict';
import type net from 'node:net';
import { after, afterEach, before, beforeEach, test, type TestContext } from 'node:test';
import { BINARY, PING, TEXT } from '../../lib/websocket/frame.ts';
import { FULL } from '../helpers.ts';
import { Program } from '../program.ts';
import { frame, Wire } from '../wire.ts';
import { assertUnharmed, Innocent } from './innocent.ts';
import { forgetPeak, memoryOf, MIB, type Numbers, numbersOf, peakOf, settle } from './vitals.ts';

export { FULL };

/** In full size. */
const MOST_ROUNDS = 6;

/** Linux has /proc and signals that can be sent. */
export const skip = process.platform !== 'linux' && 'reads /proc, which Linux has';

export interface Sizes {
  /** How many or how long: in every test run, in `npm run test:all`. */
  quick?: number;
  full?: number;
  /** MiB that the full size may take at its peak, beside what the server had before; none given: whatever it takes. */
  costs?: number;
  /** MiB that the full size may leave behind: V8 and malloc give memory back late. */
  leaves?: number;
}

/** An attack on a busy machine takes minutes: nobody is to be pinged or cut for that, where a file does not want it. */
const PATIENT = ['--ping-interval', '0', '--handshake-timeout', '900', '--write-timeout', '900'];

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

/** Starts a server with these flags for the attacks of this file. Returns what declares one of them, as test() does. */
export function against(...flags: string[]): (
  name: string, sizes: Sizes, play: (scene: Scene) => Promise<void>,
) => void {
  let program: Program, innocent: Innocent;
  const [start, end] = FULL ? [beforeEach, afterEach] : [before, after];
  if (!skip) {
    start(async () => {
      program = await Program.start({ after: () => {} }, ...PATIENT, ...flags);
      innocent = await Innocent.start(program.where);
      if (FULL) await warmUp(program.where);
    });
    end(async () => {
      try {
        assertUnharmed(await innocent.leave());
      } finally {
        await program.end();
      }
    });
  }
  return (name, { quick = 1, full = quick, costs = Infinity, leaves = 32 }, play) => {
    test(name, { skip }, async (t) => {
      t.after(() => Wire.cutAll());
      const { where, process: { pid } } = program;
      const before = await numbersOf(program);
      // A leak leaves something in each round. What one round leaves, V8 and malloc may only be late to give back
      for (let round = 1; ; round++) {
        const memory = await memoryOf(pid!);
        await forgetPeak(pid!);
        await play({ t, program, where, size: FULL ? full : quick, before });
        await settle(program, before);
        if (!FULL) return;
        const peak = await peakOf(pid!) - memory, left = await memoryOf(pid!) - memory;
        t.diagnostic(`at most ${mib(peak)} more, ${mib(left)} left of it`);
        if (round >= 2 && peak <= costs * MIB && left <= leaves * MIB) return;
        assert.ok(round < MOST_ROUNDS, `it cost ${mib(peak)} and left ${mib(left)}; ${costs} and ${leaves} MiB are allowed`);
      }
    });
  };
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
  await dismiss([wire]);
}

/** Ends all of them and waits until the server has ended them, too. */
export async function dismiss(wires: Wire[]): Promise<void> {
  for (const wire of wires) wire.end();
  await Promise.all(wires.map((wire) => wire.rest()));
}

/** The server closes with this code, sends nothing behind it, and ends. */
export async function assertClosed(wire: Wire, code: number, why?: string): Promise<void> {
  const { first, payload } = await wire.frame();
  assert.deepEqual([first, payload.length < 2 ? 1005 : payload.readUInt16BE()], [0x88, code], why);
  assert.equal((await wire.rest()).length, 0);
  wire.end();
}
