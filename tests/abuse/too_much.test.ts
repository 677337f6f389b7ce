/** Clients that send, or say that they will send, more than the server takes. */
import assert from 'node:assert/strict';
import { constants, deflateRawSync } from 'node:zlib';
import { BINARY, CONTINUATION, TEXT } from '../../lib/websocket/frame.ts';
import { frame, REQUEST, request, Wire } from '../wire.ts';
import { attack, dismiss, farewellOf, FULL } from './attack.ts';
import { crowd } from './crowd.ts';
import { MIB, until } from './vitals.ts';

/** MiB: thousands of clients are garbage themselves, for a while. */
const COSTS = FULL ? 64 : 16;

/** A frame's header that declares so many bytes, and no payload. */
function declaring(length: bigint): Buffer {
  const header = Buffer.from([0x82, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4]);
  header.writeBigUInt64BE(length, 2);
  return header;
}

const lengths: [name: string, length: bigint, code: number][] = [
  ['16 MiB and one byte', 2n ** 24n + 1n, 1009], ['2^53', 2n ** 53n, 1009], ['2^62', 2n ** 62n, 1009],
  ['2^63 - 1', 2n ** 63n - 1n, 1009], ['2^63', 2n ** 63n, 1002], ['2^64 - 1', 2n ** 64n - 1n, 1002],
];
attack(`a declared length of ${lengths.map(([name]) => name).join(', ')}`, { quick: 20, full: 500, costs: COSTS },
  async ({ where, size }) => {
    for (const [name, length, code] of lengths) {
      await crowd(size, async () => {
        const wire = await Wire.open(where);
        wire.send(declaring(length));
        assert.equal((await farewellOf(wire)).code, code, name);
        await wire.rest();
        wire.end();
      });
    }
  });

attack('a message too long in fragments', { quick: 2, full: 20, costs: FULL ? 128 : 64 }, async ({ where, size }) => {
  const piece = frame(CONTINUATION, Buffer.alloc(MIB), { fin: false });
  await crowd(size, async () => {
    const wire = await Wire.open(where);
    wire.send(frame(BINARY, Buffer.alloc(MIB), { fin: false }));
    for (let i = 0; i < 15; i++) wire.send(piece);
    wire.send(frame(CONTINUATION, 'x', { fin: false }));
    assert.equal((await farewellOf(wire)).code, 1009);
    await wire.rest();
    wire.end();
  }, 2);
});

const limited = { flags: ['--max-payload', '1M', '--deflate'], quick: 5, full: 50 };
attack('--max-payload: as many bytes are answered, one more is not, compressed or in fragments', limited,
  async ({ where, size }) => {
    const deflated = (length: number): Buffer =>
      deflateRawSync(Buffer.alloc(length), { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
    const bad = [
      frame(BINARY, Buffer.alloc(MIB + 1)), frame(BINARY, deflated(MIB + 1), { rsv: 0x40 }),
      Buffer.concat([frame(BINARY, Buffer.alloc(MIB), { fin: false }), frame(CONTINUATION, 'x')]),
    ];
    await crowd(size, async (number) => {
      const wire = await Wire.open(where, 'Sec-WebSocket-Extensions: permessage-deflate\r\n');
      wire.send(frame(BINARY, deflated(MIB), { rsv: 0x40 }), frame(BINARY, Buffer.alloc(MIB)));
      assert.equal((await wire.frame()).first, 0xc2);
      assert.equal((await wire.frame()).first, 0xc2);
      wire.send(bad[number % bad.length]!);
      assert.equal((await farewellOf(wire)).code, 1009);
      await wire.rest();
      wire.end();
    }, 5);
  });

const full = { flags: ['--max-clients', '20', '--handshake-timeout', '1'], quick: 50, full: 2000 };
attack('--max-clients: one too many gets 503, or the end where it says nothing', full,
  async ({ where, size, program, before }) => {
    // The innocent client is one of them
    const wires = await crowd(19, () => Wire.open(where));
    await crowd(size, async (number) => {
      const wire = await Wire.connect(where);
      if (number % 2 === 0) {
        wire.send(REQUEST);
        assert.match(await wire.head(), /^HTTP\/1\.1 503 Service Unavailable\r\n/);
      }
      await wire.gone();
      wire.end();
    });
    await dismiss(wires);
    await until(program, ({ inboxes }) => inboxes === before.inboxes);
    await dismiss([await Wire.open(where)]);
  });

const heads = [
  request({ X: 'x'.repeat(17_000) }), `GET / HTTP/1.1\r\n${'X: x\r\n'.repeat(20_000)}`, 'G'.repeat(200_000),
  '\r\n'.repeat(50_000),
];
const endless = { quick: 50, full: 1000, costs: COSTS };
attack('a head of more than 16 KiB, and one that never ends', endless, async ({ where, size }) => {
  await crowd(size, async (number) => {
    const wire = await Wire.connect(where);
    wire.send(heads[number % heads.length]!);
    assert.match(await wire.head(), /^HTTP\/1\.1 431 /);
    await wire.rest();
    wire.end();
  });
});

const total = FULL ? 256 : 32;
const crowded = { flags: ['--max-memory', `${total}M`], costs: total * 2 + 32, leaves: total * 2 + 32 };
attack('--max-memory: whoever would go past it is closed, the others go on', crowded,
  async ({ program, where, before }) => {
    // Each begins a message of 8 MiB and does not finish it: one in two finds no room
    const most = total / 8;
    const wires = await crowd(most * 2, async () => {
      const wire = await Wire.open(where);
      wire.send(frame(BINARY, Buffer.alloc(8 * MIB - 1024), { fin: false }));
      return wire;
    }, 4);
    const [closed, open] = [[] as Wire[], [] as Wire[]];
    await until(program, ({ inboxes }) => inboxes <= before.inboxes + most);
    const now = await until(program, (numbers) => numbers.held > (total - 16) * MIB, 2000);
    assert.ok(now.held <= total * MIB, `${now.held} bytes are held`);
    assert.ok(now.inboxes > before.inboxes, 'some are left');
    for (const wire of wires) (wire.hasMore ? closed : open).push(wire);
    for (const wire of closed) {
      assert.match(String((await farewellOf(wire)).code), /^10(?:13|09)$/);
      await wire.gone();
      wire.end();
    }
    assert.equal(open.length, now.inboxes - before.inboxes);
    await crowd(open.length, async (i) => {
      open[i]!.send(frame(CONTINUATION, 'the end'));
      assert.equal((await open[i]!.frame()).payload.length, 8 * MIB - 1024 + 7);
    }, 1);
    await dismiss(open);
    // And there is room again
    const wire = await Wire.open(where);
    wire.send(frame(TEXT, 'x'.repeat(MIB)));
    assert.equal((await wire.frame()).payload.length, MIB);
    await dismiss([wire]);
  });
