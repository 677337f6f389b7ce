/** Clients that send and do not read: what the server holds for one is bounded, and nothing of it is dropped. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BINARY, PING } from '../../lib/websocket/frame.ts';
import { frame, Wire } from '../wire.ts';
import { attack, dismiss, FULL } from './attack.ts';
import { crowd } from './crowd.ts';
import { numbersOf, until } from './vitals.ts';

/** Of each message that many send, in bytes. */
const LENGTH = 16 * 1024;
/** MiB for all of them: a read and answers to it, 64 KiB each, and what Node holds around them. */
const COSTS = FULL ? 256 : 64;

/** Sends until that is over, as fast as the server takes it, and reads nothing; resolves to how many. */
async function flood(wire: Wire, opcode: number, length: number, until: Promise<unknown>): Promise<number> {
  wire.socket.pause();
  let isOver = false;
  const over = until.then(() => { isOver = true; });
  // Each carries its number in its first four bytes. A key of zeros changes nothing: they need not be masked one by one
  const message = frame(opcode, Buffer.alloc(length, 'x'), { key: [0, 0, 0, 0] });
  let sent = 0;
  for (; !isOver; sent++) {
    message.writeUInt32BE(sent, message.length - length);
    wire.send(message);
    if (wire.socket.writableNeedDrain) await Promise.race([over, once(wire.socket, 'drain').catch(() => {})]);
  }
  return sent;
}

/** Reads at last: each answer is there, in its order. */
async function assertAnswered(wire: Wire, opcode: number, length: number, sent: number): Promise<void> {
  wire.socket.resume();
  for (let number = 0; number < sent; number++) {
    const { first, payload } = await wire.frame();
    assert.equal(first, 0x80 | opcode);
    assert.equal(payload.length, length);
    assert.equal(payload.readUInt32BE(), number);
  }
}

for (const [name, opcode, answer, length] of [
  ['a flood of small echoes', BINARY, BINARY, 100], ['a flood of large echoes', BINARY, BINARY, 64 * 1024],
  ['a flood of pings', PING, 0xa, 125],
] as const) {
  attack(`${name}, and nothing is read`, { quick: 0.4, full: 6, costs: 16 }, async ({ where, size }) => {
    const wire = await Wire.open(where);
    const sent = await flood(wire, opcode, length, sleep(size * 1000));
    await assertAnswered(wire, answer, length, sent);
    await dismiss([wire]);
  });
}

// Over a Unix socket: the kernel holds up to 6 MiB for each TCP connection, which for 1,000 is more than it has
const flags = ['--address', join(tmpdir(), `abuse-${process.pid}.sock`)];
const many = { flags, quick: 100, full: 1000, costs: COSTS, leaves: COSTS };
attack('many at once who read nothing', many, async ({ program, where, size }) => {
  const wires = await crowd(size, () => Wire.open(where)), sent = wires.map(() => 0);
  const message = frame(BINARY, Buffer.alloc(LENGTH, 'x'), { key: [0, 0, 0, 0] });
  for (const wire of wires) wire.socket.pause();
  // One message a round: who is stuck early must not fill the kernel's memory while the others get there
  do {
    for (let round = 0; round < 8; round++) {
      for (const [i, wire] of wires.entries()) {
        if (wire.socket.writableNeedDrain) continue;
        message.writeUInt32BE(sent[i]!++, message.length - LENGTH);
        wire.send(message);
      }
      await new Promise(setImmediate);
    }
  } while ((await numbersOf(program)).selectWrite < size);
  await crowd(size, (i) => assertAnswered(wires[i]!, BINARY, LENGTH, sent[i]!));
  await dismiss(wires);
});

attack('who does not drain for --write-timeout is cut', { quick: 5, full: 100, flags: ['--write-timeout', '1'] },
  async ({ program, where, size, before }) => {
    const wires = await crowd(size, () => Wire.open(where));
    const started = performance.now();
    const cut = until(program, ({ inboxes }) => inboxes === before.inboxes);
    const floods = wires.map((wire) => flood(wire, BINARY, 64 * 1024, Promise.race([cut, wire.gone()])));
    await cut;
    assert.ok(performance.now() - started > 900, 'it had its time');
    for (const wire of wires) wire.socket.destroy();
    await Promise.all(floods);
  });
