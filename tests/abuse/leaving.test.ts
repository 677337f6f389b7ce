/** The server leaves: SIGTERM and SIGINT. */
import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import { BINARY, TEXT } from '../../lib/websocket/frame.ts';
import { Program } from '../program.ts';
import { closing, frame, REQUEST, Wire } from '../wire.ts';
import { FULL, skip } from './attack.ts';
import { crowd } from './crowd.ts';
import { until } from './vitals.ts';

const goodbye = { first: 0x88, payload: closing(1001) };

/** A client that has stopped reading, with more on its way than the kernel takes. */
async function stuck(program: Program, t: TestContext): Promise<[Wire, sent: number]> {
  const wire = await Wire.open(program.where);
  t.after(() => wire.socket.destroy());
  wire.socket.pause();
  const message = frame(BINARY, Buffer.alloc(256 * 1024));
  let sent = 0;
  do {
    for (let i = 0; i < 8; i++, sent++) wire.send(message);
  } while ((await until(program, ({ selectWrite }) => selectWrite > 0, 100)).selectWrite === 0);
  return [wire, sent];
}

/** Until nobody is let in any more. */
async function refused(program: Program): Promise<void> {
  for (;;) {
    try {
      (await Wire.connect(program.where)).socket.destroy();
      await new Promise((resolve) => setTimeout(resolve, 10));
    } catch {
      return;
    }
  }
}

describe('leaving', { skip }, () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    test(`${signal}: answers in flight are delivered, then Close 1001 to all, status 0`, async (t) => {
      const program = await Program.start(t, '--quiet');
      const wires = await crowd(FULL ? 1000 : 50, () => Wire.open(program.where));
      const message = frame(TEXT, 'x'.repeat(16 * 1024));
      for (const wire of wires) {
        wire.socket.pause();
        wire.send(...Array.from({ length: 8 }, () => message));
      }
      await until(program, ({ messages }) => messages === wires.length * 8);
      const ended = program.stop(signal);
      await refused(program);
      for (const wire of wires) wire.socket.resume();
      await crowd(wires.length, async (i) => {
        const wire = wires[i]!;
        for (let left = 8; left > 0; left--) assert.equal((await wire.frame()).payload.length, 16 * 1024);
        assert.deepEqual(await wire.frame(), goodbye);
        assert.equal((await wire.rest()).length, 0);
        wire.end();
      });
      assert.equal(await ended, 0);
    });
  }
  test('one that begins to read only now gets what was taken in, whole, and the Close behind it', async (t) => {
    const program = await Program.start(t, '--quiet', '--close-timeout', '20');
    const [wire, sent] = await stuck(program, t);
    const ended = program.stop();
    await refused(program);
    wire.socket.resume();
    let answers = 0;
    for (let one; (one = await wire.frame()).first === 0x82; answers++) assert.equal(one.payload.length, 256 * 1024);
    assert.ok(answers > 0 && answers <= sent, `${answers} of ${sent} answers came`);
    wire.end();
    assert.equal(await ended, 0);
  });
  test('one that never reads is waited for until --close-timeout, nobody else is let in, status 0', async (t) => {
    const program = await Program.start(t, '--quiet', '--close-timeout', '1');
    await stuck(program, t);
    const started = performance.now(), ended = program.stop();
    await refused(program);
    assert.equal(await ended, 0);
    assert.ok(performance.now() - started > 900, 'it had its time');
  });
  test('those that have not shaken hands, or not finished a message, do not hold it up', async (t) => {
    const program = await Program.start(t, '--quiet', '--close-timeout', '300', '--handshake-timeout', '300');
    const silent = await Wire.connect(program.where), half = await Wire.connect(program.where);
    half.send(REQUEST.slice(0, 30));
    const unfinished = await Wire.open(program.where);
    unfinished.send(frame(TEXT, 'hello').subarray(0, 7));
    const ended = program.stop();
    assert.deepEqual(await unfinished.frame(), goodbye);
    await Promise.all([silent, half, unfinished].map((wire) => wire.gone()));
    for (const wire of [silent, half, unfinished]) wire.end();
    assert.equal(await ended, 0);
  });
  test('a second signal ends it at once', async (t) => {
    const program = await Program.start(t, '--quiet', '--close-timeout', '300');
    await stuck(program, t);
    void program.stop();
    await refused(program);
    // The same one is another one when half a second has gone by. As a shell tells it: 128 and the signal's number
    const again = setInterval(() => program.process.kill(), 100);
    assert.equal(await program.ended, 143);
    clearInterval(again);
  });
});
