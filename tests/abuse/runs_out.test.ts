/** What the machine has runs out: descriptors, the reader of the console, the disk behind it. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { TEXT } from '../../lib/websocket/frame.ts';
import { frame, Wire } from '../wire.ts';
import { attack, dismiss, type Scene } from './attack.ts';
import { crowd } from './crowd.ts';
import { runtimeOf, until } from './vitals.ts';

/** Milliseconds for which it is watched whether it spins. */
const WATCHED = 1000;

attack('no descriptors left', { script: 'ulimit -n 64; exec "$@"', quick: 100, full: 2000, once: true },
  async ({ program, where, size, before }) => {
    const { process: { pid }, stderr: { length: said } } = program;
    const wires: Wire[] = [];
    // Those that find no room are cut, or wait to be accepted: within a second it tells
    while (wires.length < 100) {
      const wire = await Wire.connect(where);
      wire.send(frame(TEXT, ''));
      wires.push(wire);
    }
    await program.says('stderr', /EMFILE|descriptors|too many open files/i);
    for (const wire of wires) wire.socket.destroy();
    await until(program, ({ inboxes }) => inboxes === before.inboxes);
    // Once more with clients that stay
    const served: Wire[] = [];
    await crowd(size, async () => {
      const wire = await Wire.connect(where);
      served.push(wire);
    });
    const runtime = await runtimeOf(pid!);
    await sleep(WATCHED);
    const spent = (await runtimeOf(pid!) - runtime) / 1e6;
    assert.ok(spent < WATCHED / 2, `it ran for ${Math.round(spent)} ms of ${WATCHED} with nothing to do`);
    for (const wire of served) wire.socket.destroy();
    await until(program, ({ inboxes }) => inboxes === before.inboxes);
    await dismiss([await Wire.open(where)]);
    const lines = program.stderr.slice(said).match(/^.*(?:EMFILE|descriptors|too many open files).*$/gim) ?? [];
    assert.equal(lines.length, 1, 'it says so once');
  });

/** So many messages that are shown on the console, each answered. */
async function talk({ where, size }: Scene): Promise<void> {
  const wire = await Wire.open(where);
  const message = frame(TEXT, 'shown on the console '.repeat(40));
  for (let left = size; left > 0; left -= 100) {
    wire.send(...Array.from({ length: 100 }, () => message));
    for (let i = 0; i < 100; i++) await wire.frame();
  }
  await dismiss([wire]);
}

attack('standard output that nobody reads', { loud: true, quick: 20_000, full: 200_000, costs: 64 }, async (scene) => {
  const { program } = scene;
  program.process.stdout.pause();
  await talk(scene);
  program.process.stdout.resume();
  await program.says('stderr', /lines are dropped/);
});

attack('standard output whose reader leaves', { loud: true, quick: 1000, full: 100_000, costs: 32 }, async (scene) => {
  scene.program.process.stdout.destroy();
  await talk(scene);
});

for (const [name, redirection] of [['closed', '>&-'], ['full', '>/dev/full'], ['a file', '>/dev/null']]) {
  const script = `exec "$@" ${redirection}`;
  attack(`standard output is ${name}`, { loud: true, script, quick: 1000, full: 100_000, costs: 32 }, talk);
}

const unread = { quick: 500, full: 20_000, costs: 64 };
attack('standard error that nobody reads', unread, async ({ program, where, size }) => {
  program.process.stderr.pause();
  await crowd(size, async () => {
    const wire = await Wire.connect(where);
    wire.send('nonsense\n');
    await wire.rest();
    wire.end();
  });
  program.process.stderr.resume();
});
