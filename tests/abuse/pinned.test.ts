/** Memory follows the bytes that a client has sent, not how it has sent them. */
import assert from 'node:assert/strict';
import { BINARY, CONTINUATION } from '../../lib/websocket/frame.ts';
import { frame, Wire } from '../wire.ts';
import { attack, dismiss, FULL } from './attack.ts';
import { crowd } from './crowd.ts';
import { memoryOf } from './vitals.ts';

// 64 KiB for each would be 94 MiB, and 312 MiB in full
const idle = { quick: 1500, full: 5000, costs: FULL ? 120 : 56, leaves: 64 };
attack('idle clients with four bytes left of a read of 64 KiB', idle,
  async ({ t, program, where, size }) => {
    const pid = program.process.pid!, started = await memoryOf(pid);
    const wires = await crowd(size, () => Wire.open(where));
    const opened = await memoryOf(pid);
    const next = frame(BINARY, 'hello'), large = frame(BINARY, Buffer.alloc(65000));
    await crowd(size, async (number) => {
      // Its answer has come, so all of it has been read
      wires[number]!.send(large, next.subarray(0, 4));
      assert.equal((await wires[number]!.frame()).payload.length, 65000);
    });
    const left = await memoryOf(pid) - opened;
    t.diagnostic(`${Math.round((opened - started) / size)} bytes a client, ${Math.round(left / size)} for its four`);
    for (const wire of wires) wire.send(next.subarray(4));
    await crowd(size, async (number) => assert.equal((await wires[number]!.frame()).payload.toString(), 'hello'));
    await dismiss(wires);
  });

const many = { quick: 1_000_000, full: 10_000_000 };

attack('unfinished fragments of one byte', { ...many, costs: FULL ? 48 : 16, leaves: 48 }, async ({ where, size }) => {
  const wire = await Wire.open(where);
  wire.send(frame(BINARY, '', { fin: false }));
  await wire.repeat(frame(CONTINUATION, 'x', { fin: false }), size);
  wire.send(frame(CONTINUATION, 'y'));
  assert.equal((await wire.frame()).payload.length, size + 1);
  await dismiss([wire]);
});

attack('unfinished fragments of no byte', { ...many, costs: 12 }, async ({ where, size }) => {
  const wire = await Wire.open(where);
  wire.send(frame(BINARY, '', { fin: false }));
  await wire.repeat(frame(CONTINUATION, '', { fin: false }), size);
  wire.send(frame(CONTINUATION, 'y'));
  assert.equal((await wire.frame()).payload.toString(), 'y');
  await dismiss([wire]);
});

attack('unfinished messages of many clients, each in reads of one byte', { quick: 100, full: 1000, costs: 48 },
  async ({ where, size }) => {
    const wires = await crowd(size, () => Wire.open(where));
    const message = frame(BINARY, Buffer.alloc(200)).subarray(0, -1);
    for (const byte of message) {
      for (const wire of wires) wire.send(Buffer.of(byte));
      await new Promise(setImmediate);
    }
    for (const wire of wires) wire.reset();
  });

