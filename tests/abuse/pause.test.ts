/**
 * The server is stopped (SIGSTOP: docker pause, a debugger, Ctrl-Z) for longer than its limits: nobody's fault. In full
 * size only, since the limits are far from what a busy machine takes; in small: tests/limits/timeouts.test.ts.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { BINARY, PONG, TEXT } from '../../lib/websocket/frame.ts';
import { FULL } from '../helpers.ts';
import { Program } from '../program.ts';
import { closing, frame, REQUEST, Wire } from '../wire.ts';

const skip = !FULL && 'takes a minute: npm run test:all';
/** Seconds. The stop is longer. */
const LIMIT = 20, STOP = 30;

describe('after a stop', { skip }, () => {
  test('requests that came meanwhile are answered, Pongs are heard, and whoever reads its answers goes on', async (t) => {
    const program = await Program.start(t, '--quiet', '--handshake-timeout', `${LIMIT}`, '--ping-interval', `${LIMIT}`,
      '--write-timeout', `${LIMIT}`, '--close-timeout', `${LIMIT}`);
    t.after(() => Wire.cutAll());
    const open = async (count: number): Promise<Wire[]> => {
      return Promise.all(Array.from({ length: count }, () => Wire.open(program.where)));
    };
    const silent = await open(5), readers = await open(3), closers = await open(3);
    // All have a Ping to answer
    for (const wire of silent) assert.deepEqual(await wire.frame(), { first: 0x89, payload: Buffer.from('') });
    const payload = Buffer.alloc(8 << 20, 'answer '), { selectWrite } = await program.stats();
    for (const wire of [...readers, ...closers]) {
      wire.socket.pause();
      wire.send(frame(BINARY, payload));
    }
    while ((await program.stats())['selectWrite']! < selectWrite! + 6);
    for (const wire of closers) wire.send(frame(0x8, closing(1000)));
    const early = await Promise.all(Array.from({ length: 5 }, () => Wire.connect(program.where)));
    program.process.kill('SIGSTOP');
    for (const wire of early) wire.send(REQUEST);
    for (const wire of silent) wire.send(frame(PONG));
    await sleep(STOP * 1000);
    program.process.kill('SIGCONT');
    for (const wire of [...readers, ...closers]) wire.socket.resume();
    for (const wire of early) assert.match(await wire.head(), /^HTTP\/1\.1 101 /);
    for (const wire of [...readers, ...closers]) {
      for (let frame; (frame = await wire.frame()).first !== 0x82;) assert.equal(frame.first, 0x89);
    }
    for (const wire of [...silent, ...early, ...readers]) {
      wire.send(frame(TEXT, 'still here'));
      for (let frame; (frame = await wire.frame()).payload.toString() !== 'still here';) assert.equal(frame.first, 0x89);
    }
    assert.doesNotMatch(program.stderr, /^client /m);
  });
});
