/** Clients that do nothing, or as good as nothing. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { BINARY, PONG, TEXT } from '../../lib/websocket/frame.ts';
import { frame, REQUEST, Wire } from '../wire.ts';
import { attack, FULL } from './attack.ts';
import { crowd } from './crowd.ts';

const SECONDS = FULL ? 10 : 1;
const handshake = { flags: ['--handshake-timeout', `${SECONDS}`], quick: 100, full: 2000 };

/** It is told that its time is up, and cut: not before that. */
async function assertTimedOut(wire: Wire, started: number): Promise<void> {
  assert.match(await wire.head(), /^HTTP\/1\.1 408 Request Timeout\r\n/);
  assert.ok(performance.now() - started > SECONDS * 950, 'it had its time');
  await wire.rest();
  wire.end();
}

attack('connected, and not a byte', handshake, async ({ where, size }) => {
  const started = performance.now();
  const wires = await crowd(size, () => Wire.connect(where));
  await crowd(size, (i) => assertTimedOut(wires[i]!, started), size);
});

attack('a handshake of a byte a tenth of the time', handshake, async ({ where, size }) => {
  // "A byte a second" where the time is ten; the whole request would take more than ten times as long
  const started = performance.now();
  const wires = await crowd(size, () => Wire.connect(where));
  const drips = wires.map(async (wire) => {
    for (const byte of REQUEST) {
      if (!wire.socket.writable || wire.socket.readableEnded) return;
      wire.send(byte);
      await sleep(SECONDS * 100);
    }
  });
  await crowd(size, (i) => assertTimedOut(wires[i]!, started), size);
  await Promise.all(drips);
});

const pinging = { flags: ['--ping-interval', '0.5'], quick: 50, full: 1000 };

attack('silent clients get a Ping, and are cut when nothing comes back', pinging, async ({ where, size }) => {
  const started = performance.now();
  await crowd(size, async (number) => {
    const wire = await Wire.open(where);
    // A frame that is begun and not finished is silence, too
    if (number % 2 === 1) wire.send(frame(TEXT, 'hello').subarray(0, 7));
    assert.equal((await wire.frame()).first, 0x89);
    assert.ok(performance.now() - started > 450, 'it was silent for so long');
    await wire.gone();
    wire.end();
  }, size);
});

attack('a Pong is enough to stay, and so is any message', pinging, async ({ where, size }) => {
  await crowd(size, async (number) => {
    const wire = await Wire.open(where);
    for (let pings = 0; pings < 4; pings++) {
      const { first, payload } = await wire.frame();
      assert.equal(first, 0x89);
      if (number % 2 === 0) {
        wire.send(frame(PONG, payload));
      } else {
        wire.send(frame(TEXT, 'hello'));
        assert.equal((await wire.frame()).payload.toString(), 'hello');
      }
    }
    wire.end();
    await wire.rest();
  }, size);
});

attack('a message a byte at a time is pinged as silence is', pinging, async ({ where }) => {
  const wire = await Wire.open(where);
  let isPinged = false;
  const drip = (async (): Promise<void> => {
    wire.send(frame(BINARY, Buffer.alloc(100)).subarray(0, 6));
    for (let left = 100; !isPinged && left > 0; left--) {
      await sleep(100);
      wire.send('x');
    }
  })();
  assert.equal((await wire.frame()).first, 0x89);
  isPinged = true;
  await drip;
  wire.reset();
});

const never = { flags: ['--ping-interval', '0'], quick: 1, full: 30, once: true };
attack('--ping-interval 0 leaves them alone', never, async ({ where, size }) => {
  const wire = await Wire.open(where);
  await sleep(size * 1500);
  wire.send(frame(TEXT, 'hello'));
  assert.equal((await wire.frame()).payload.toString(), 'hello');
  wire.end();
  await wire.rest();
});
