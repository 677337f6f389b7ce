/** Clients that send and do not read: what the server holds for one is bounded, and nothing of it is dropped. */
import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BINARY, PING } from '../../lib/websocket/frame.ts';
import { frame, Wire } from '../wire.ts';
import { against, dismiss } from './attack.ts';
import { crowd } from './crowd.ts';
import { MIB, numbersOf } from './vitals.ts';

/** Bytes that one client sends in a round, and that it sends at most: many times what the kernel holds. */
const ROUND = 32 * 1024, MOST = 16 * MIB;
/** MiB for a thousand: 384 KiB of what each has sent, and answers to as much. */
const COSTS = 768;

// On a Unix socket: the kernel holds up to 6 MiB for each TCP connection, which for 1,000 is more than it has
const attack = against('--quiet', '--address', join(tmpdir(), `abuse-${process.pid}.sock`));

for (const [name, opcode, length, sizes] of [
  ['a flood of small echoes', BINARY, 100, { costs: 16 }],
  ['a flood of large echoes', BINARY, 64 * 1024, { costs: 16 }],
  ['a flood of pings', PING, 125, { costs: 16 }],
  ['many at once', BINARY, 16 * 1024, { quick: 20, full: 1000, costs: COSTS, leaves: COSTS }],
] as const) {
  attack(`${name}, and nothing is read`, sizes, async ({ program, where, size }) => {
    const wires = await crowd(size, () => Wire.open(where)), sent = wires.map(() => 0);
    // Each message has its number in its first four bytes. A key of zeros changes nothing
    const message = frame(opcode, Buffer.alloc(length, 'x'), { key: [0, 0, 0, 0] });
    for (const wire of wires) wire.socket.pause();
    // Round by round: who is stuck early must not fill the kernel's memory while the others get there
    while ((await numbersOf(program)).selectWrite < size) {
      for (const [i, wire] of wires.entries()) {
        for (let room = ROUND; room > 0 && !wire.socket.writableNeedDrain; room -= length) {
          message.writeUInt32BE(sent[i]!++, message.length - length);
          wire.send(message);
        }
        assert.ok(sent[i]! * length < MOST, 'the server has stopped reading');
      }
      await new Promise(setImmediate);
    }
    await crowd(size, async (i) => {
      wires[i]!.socket.resume();
      for (let number = 0; number < sent[i]!; number++) {
        const { first, payload } = await wires[i]!.frame();
        assert.deepEqual([first, payload.length, payload.readUInt32BE()],
          [opcode === PING ? 0x8a : 0x82, length, number]);
      }
    });
    await dismiss(wires);
  });
}
