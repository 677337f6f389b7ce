/** Clients that come and go, and that send more of one thing than anyone needs. */
import assert from 'node:assert/strict';
import { CLOSE, CONTINUATION, PING, TEXT } from '../../lib/websocket/frame.ts';
import { closing, frame, REQUEST, request, Wire } from '../wire.ts';
import { attack, dismiss } from './attack.ts';
import { crowd } from './crowd.ts';

attack('connect and reset', { quick: 1000, full: 10_000 }, async ({ where, size }) => {
  await crowd(size, async (number) => {
    const wire = await Wire.connect(where);
    if (number % 3 === 1) wire.send(REQUEST.slice(0, 50));
    if (number % 3 === 2) wire.send(REQUEST, frame(TEXT, 'hello'));
    wire.reset();
  });
});

attack('handshake, half a message, reset', { quick: 500, full: 5000 }, async ({ where, size }) => {
  await crowd(size, async () => {
    const wire = await Wire.open(where);
    wire.send(frame(TEXT, 'hello').subarray(0, 7));
    wire.reset();
  });
});

const halves = { quick: 300, full: 3000 };
attack('half-open clients: ended before, in and after the handshake', halves, async ({ where, size }) => {
  await crowd(size, async (number) => {
    const wire = await Wire.connect(where);
    wire.send([REQUEST, REQUEST.slice(0, 50), ''][number % 3]!);
    wire.end();
    await wire.rest();
  });
});

attack('pings', { quick: 20_000, full: 100_000, costs: 24 }, async ({ where, size }) => {
  const wire = await Wire.open(where);
  const sent = wire.repeat(frame(PING, 'x'.repeat(125)), size);
  for (let i = 0; i < size; i++) assert.equal((await wire.frame()).first, 0x8a);
  await sent;
  await dismiss([wire]);
});

attack('empty fragments', { quick: 100_000, full: 1_000_000, costs: 24 }, async ({ where, size }) => {
  const wire = await Wire.open(where);
  wire.send(frame(TEXT, 'a', { fin: false }));
  await wire.repeat(frame(CONTINUATION, '', { fin: false }), size);
  wire.send(frame(CONTINUATION, 'b'));
  assert.equal((await wire.frame()).payload.toString(), 'ab');
  await dismiss([wire]);
});

attack('requests that do not wait for their answers', { quick: 200, full: 2000 }, async ({ where, size }) => {
  // One is answered; what follows is a frame, and "G" begins none
  await crowd(size, async (number) => {
    const wire = await Wire.connect(where);
    const line = number % 2 === 0 ? request() : request({ Upgrade: null });
    wire.send(line.repeat(20));
    const answer = (await wire.rest()).toString('latin1');
    assert.equal(answer.match(/HTTP\/1\.1 /g)?.length, 1, 'one answer comes');
    wire.end();
  });
});

attack('frames in packets of one byte', { quick: 100, full: 1000 }, async ({ where, size }) => {
  const bytes = Buffer.concat([frame(TEXT, 'hel', { fin: false }), frame(PING), frame(CONTINUATION, 'lo')]);
  const wires = await crowd(size, () => Wire.open(where));
  for (const byte of bytes) {
    for (const wire of wires) wire.send(Buffer.of(byte));
    await new Promise(setImmediate);
  }
  for (const wire of wires) {
    assert.equal((await wire.frame()).first, 0x8a);
    assert.equal((await wire.frame()).payload.toString(), 'hello');
  }
  await dismiss(wires);
});

attack('a storm of Close frames', { quick: 300, full: 5000 }, async ({ where, size }) => {
  // Opened first: all of them close in one moment
  const wires = await crowd(size, () => Wire.open(where));
  const close = frame(CLOSE, closing(1000, 'bye'));
  for (const wire of wires) wire.send(Buffer.concat(Array.from({ length: 100 }, () => close)));
  for (const wire of wires) {
    assert.deepEqual(await wire.frame(), { first: 0x88, payload: closing(1000, 'bye') });
    assert.equal((await wire.rest()).length, 0, 'one Close is answered');
    wire.end();
  }
});
