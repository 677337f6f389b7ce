/** Clients that come and go, and that send more of one thing than anyone needs. */
import assert from 'node:assert/strict';
import { BINARY, CONTINUATION, PING, TEXT } from '../../lib/websocket/frame.ts';
import { frame, REQUEST, request, Wire } from '../wire.ts';
import { against, dismiss } from './attack.ts';
import { crowd } from './crowd.ts';

const attack = against('--quiet');

attack('clients that reset or end: at once, in the request, behind it, in a message', { quick: 160, full: 20_000 },
  async ({ where, size }) => {
    const said = ['', REQUEST.slice(0, 50), REQUEST, frame(TEXT, 'hello').subarray(0, 7)];
    await crowd(size, async (number) => {
      const kind = number % said.length;
      const wire = kind === 3 ? await Wire.open(where) : await Wire.connect(where);
      wire.send(said[kind]!);
      if (number % 8 < said.length) wire.reset();
      else await dismiss([wire]);
    });
  });

attack('pings', { quick: 2000, full: 100_000, costs: 24 }, async ({ where, size }) => {
  const wire = await Wire.open(where);
  const sent = wire.repeat(frame(PING, 'x'.repeat(125)), size);
  for (let i = 0; i < size; i++) assert.equal((await wire.frame()).first, 0x8a);
  await sent;
  await dismiss([wire]);
});

for (const [name, piece, costs] of [['one byte (GHSA-96hv-2xvq-fx4p)', 'x', 48], ['no byte', '', 24]] as const) {
  attack(`fragments of ${name}`, { quick: 20_000, full: 10_000_000, costs, leaves: 48 }, async ({ where, size }) => {
    const wire = await Wire.open(where);
    wire.send(frame(BINARY, '', { fin: false }));
    await wire.repeat(frame(CONTINUATION, piece, { fin: false }), size);
    wire.send(frame(CONTINUATION, 'y'));
    const { payload } = await wire.frame();
    assert.ok(payload.equals(Buffer.from(`${piece.repeat(size)}y`)));
    await dismiss([wire]);
  });
}

// 64 KiB for each would be 312 MiB in full
attack('idle clients with four bytes left of a read of 64 KiB', { quick: 20, full: 5000, costs: 120, leaves: 64 },
  async ({ where, size }) => {
    const wires = await crowd(size, () => Wire.open(where));
    const next = frame(BINARY, 'hello'), large = frame(BINARY, Buffer.alloc(65000));
    await crowd(size, async (number) => {
      // Its answer has come, so all of it has been read
      wires[number]!.send(large, next.subarray(0, 4));
      assert.equal((await wires[number]!.frame()).payload.length, 65000);
    });
    for (const wire of wires) wire.send(next.subarray(4));
    await crowd(size, async (number) => assert.equal((await wires[number]!.frame()).payload.toString(), 'hello'));
    await dismiss(wires);
  });

attack('requests that do not wait for their answers', { quick: 20, full: 2000 }, async ({ where, size }) => {
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
