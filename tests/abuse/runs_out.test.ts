/** What the machine has runs out: the reader of the console, the disk behind it. Descriptors: tests/php/descriptors.test.ts. */
import { describe } from 'node:test';
import { TEXT } from '../../lib/websocket/frame.ts';
import { frame, Wire } from '../wire.ts';
import { against, dismiss, type Scene } from './attack.ts';
import { crowd } from './crowd.ts';

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

describe('standard output on a full disk', () => {
  against({ loud: true, script: 'exec "$@" >/dev/full' })('ends nobody', { quick: 40, full: 5000, costs: 32 }, talk);
});
