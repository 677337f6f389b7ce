/** Clients that send, or say that they will send, more than the server takes. */
import assert from 'node:assert/strict';
import { BINARY, CONTINUATION } from '../../lib/websocket/frame.ts';
import { bomb, deflated } from '../raw_deflate.ts';
import { frame, REQUEST, request, Wire } from '../wire.ts';
import { against, assertClosed, dismiss, FULL } from './attack.ts';
import { crowd } from './crowd.ts';
import { MIB, until } from './vitals.ts';

const CLIENTS = FULL ? 400 : 40, MEMORY = FULL ? 256 : 16;
const DEFLATE = 'Sec-WebSocket-Extensions: permessage-deflate\r\n';
/** Far fewer at once than --max-clients. */
const TOGETHER = 20;
/** MiB: thousands of clients are garbage themselves, for a while. */
const costs = 64;

const attack = against(
  '--quiet', '--deflate', '--max-payload', '1M', '--max-clients', `${CLIENTS}`, '--max-memory', `${MEMORY}M`,
);

const bad: [name: string, bytes: Buffer, code?: number][] = [
  ['one byte more', frame(BINARY, Buffer.alloc(MIB + 1))],
  ['one byte more, compressed', frame(BINARY, deflated(Buffer.alloc(MIB + 1)), { rsv: 0x40 })],
  ['one byte more in fragments', Buffer.concat([
    frame(BINARY, Buffer.alloc(MIB), { fin: false }), frame(CONTINUATION, 'x')])],
  // A frame's header alone
  ...[2n ** 20n + 1n, 2n ** 62n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n].map((length): typeof bad[number] => {
    const header = Buffer.from('82ff000000000000000001020304', 'hex');
    header.writeBigUInt64BE(length, 2);
    return [`a declared length of ${length}`, header, length < 2n ** 63n ? 1009 : 1002];
  }),
  ['a deflate bomb', frame(BINARY, bomb(FULL ? 512 : 16), { rsv: 0x40 })],
];
attack('--max-payload: as many bytes are answered, one more is not, compressed, declared or in fragments',
  { quick: bad.length, full: 500, costs, leaves: 40 }, async ({ where, size }) => {
    const most = frame(BINARY, Buffer.alloc(MIB)), packed = frame(BINARY, deflated(Buffer.alloc(MIB)), { rsv: 0x40 });
    await crowd(size, async (number) => {
      const wire = await Wire.open(where, DEFLATE), [name, bytes, code = 1009] = bad[number % bad.length]!;
      wire.send(packed, most, bytes);
      for (let i = 0; i < 2; i++) assert.equal((await wire.frame()).payload.length, MIB);
      await assertClosed(wire, code, name);
    }, 4);
  });

attack('--max-clients: one too many gets 503', { quick: 20, full: 2000 }, async ({ where, size, program, before }) => {
  // The innocent client is one of them
  const wires = await crowd(CLIENTS - 1, () => Wire.open(where));
  await crowd(size, async () => {
    const wire = await Wire.connect(where);
    wire.send(REQUEST);
    assert.match(await wire.head(), /^HTTP\/1\.1 503 Service Unavailable\r\n/);
    await wire.rest();
    wire.end();
  }, TOGETHER);
  await dismiss(wires);
  await until(program, ({ inboxes }) => inboxes === before.inboxes);
  await dismiss([await Wire.open(where)]);
});

const heads = [
  request({ X: 'x'.repeat(17_000) }), `GET / HTTP/1.1\r\n${'X: x\r\n'.repeat(20_000)}`, 'G'.repeat(200_000),
  '\r\n'.repeat(50_000),
];
attack('a head of more than 16 KiB, and one that never ends', { quick: heads.length, full: 1000, costs },
  async ({ where, size }) => {
    await crowd(size, async (number) => {
      const wire = await Wire.connect(where);
      wire.send(heads[number % heads.length]!);
      assert.match(await wire.head(), /^HTTP\/1\.1 431 /);
      await wire.rest();
      wire.end();
    }, TOGETHER);
  });

attack('--max-memory: whoever would go past it is closed, the others go on',
  { costs: MEMORY * 2 + 32, leaves: MEMORY * 2 + 32 }, async ({ program, where, before }) => {
    // Each begins a message and does not finish it: one in three finds no room
    const length = MIB - 1024, message = frame(BINARY, Buffer.alloc(length), { fin: false });
    const wires = await crowd(MEMORY * 3 / 2, () => Wire.open(where));
    for (const wire of wires) wire.send(message);
    const now = await until(program, ({ inboxes, held }) => held >= (inboxes - before.inboxes) * length);
    assert.ok(now.held <= MEMORY * MIB, `${now.held} bytes are held`);
    let answered = 0;
    for (const wire of wires) {
      wire.send(frame(CONTINUATION, 'the end'));
      const { first, payload } = await wire.frame();
      if (first === 0x82) assert.equal(payload.length, length + 7);
      else assert.deepEqual([first, payload.readUInt16BE()], [0x88, 1013]);
      answered += Number(first === 0x82);
      await dismiss([wire]);
    }
    assert.equal(answered, now.inboxes - before.inboxes);
    assert.ok(answered > 0, 'some are left');
  });
