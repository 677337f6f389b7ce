/** What the machine has runs out: descriptors, the reader of the console, the disk behind it. */
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { TEXT } from '../../lib/websocket/frame.ts';
import { frame, Wire } from '../wire.ts';
import { against, dismiss, FULL, type Scene } from './attack.ts';
import { crowd } from './crowd.ts';
import { runtimeOf, until } from './vitals.ts';

/** Milliseconds for which it is watched whether it spins. */
const WATCHED = 1000;

/** So many messages that are shown on the console, each answered. */
async function talk({ where, size }: Scene): Promise<void> {
  const wire = await Wire.open(where), message = frame(TEXT, 'shown on the console'.padEnd(16 * 1024));
  for (let left = size; left > 0; left -= 20) {
    wire.send(...Array<Buffer>(20).fill(message));
    for (let i = 0; i < 20; i++) await wire.frame();
  }
  await dismiss([wire]);
}

describe('the reader of the console', () => {
  const attack = against({ loud: true });

  attack('standard error that nobody reads: of the clients that it is told of each is a line or is counted',
    { quick: 100, full: 20_000, costs: 64, leaves: 64, once: true }, async ({ program, where, size }) => {
      program.process.stderr.pause();
      await crowd(size, async () => {
        const wire = await Wire.connect(where);
        wire.send('nonsense\n');
        await wire.rest();
        wire.end();
      });
      program.process.stderr.resume();
      await program.reported(size);
    });
  attack('standard output that nobody reads', { quick: 500, full: 10_000, costs: 64 }, async (scene) => {
    scene.program.process.stdout.pause();
    await talk(scene);
    scene.program.process.stdout.resume();
    await scene.program.says('stderr', /lines are dropped/);
  });
  attack('standard output whose reader leaves', { quick: 40, full: 5000, costs: 32 }, async (scene) => {
    scene.program.process.stdout.destroy();
    await talk(scene);
  });
});

describe('standard output that is closed', () => {
  against({ loud: true, script: 'exec "$@" >&-' })('is left alone', { quick: 40, full: 5000, costs: 32 }, talk);
});

describe('a full disk and 64 descriptors', () => {
  const attack = against({ loud: true, script: 'ulimit -n 64; exec "$@" >/dev/full' });

  attack('standard output on a full disk', { quick: 40, full: 5000, costs: 32 }, talk);
  attack('no descriptors left', { quick: 100, full: 2000, once: true }, async ({ program, where, size, before }) => {
    const { process: { pid }, stderr: { length: said } } = program;
    // Those that find no room are cut, or wait to be accepted: within a second it tells
    const wires = await crowd(size, () => Wire.connect(where));
    await program.says('stderr', /EMFILE|descriptors|too many open files/i);
    if (FULL) {
      const runtime = await runtimeOf(pid!);
      await sleep(WATCHED);
      const spent = (await runtimeOf(pid!) - runtime) / 1e6;
      assert.ok(spent < WATCHED / 2, `it ran for ${Math.round(spent)} ms of ${WATCHED} with nothing to do`);
    }
    for (const wire of wires) wire.socket.destroy();
    await until(program, ({ inboxes }) => inboxes === before.inboxes);
    await dismiss([await Wire.open(where)]);
    const lines = program.stderr.slice(said).match(/^.*(?:EMFILE|descriptors|too many open files).*$/gim) ?? [];
    assert.equal(lines.length, 1, 'it says so once');
  });
});
