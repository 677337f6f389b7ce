/** Requests and messages byte by byte. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { BINARY, CONTINUATION, PING, TEXT } from '../../lib/websocket/frame.ts';
import { randomOf } from '../helpers.ts';
import { frame, REQUEST, Wire } from '../wire.ts';
import { against, dismiss, FULL } from './attack.ts';
import { crowd } from './crowd.ts';

const KIB = 1024;
const attack = against('--quiet');

const more = '\r\nOrigin: http://a.b\r\nSec-WebSocket-Extensions: x; y=1\r\n\r\n';
const request = Buffer.from(REQUEST.replace('\r\n\r\n', more));
const all = { quick: 200, full: request.length * 256 };

attack('every byte in every place of the request ends in an answer, or in nothing', all,
  async ({ t, where, size }) => {
    const random = randomOf(t);
    await crowd(size, async (number) => {
      const place = FULL ? number % request.length : random(request.length);
      const byte = FULL ? Math.floor(number / request.length) : random(256);
      const bytes = Buffer.from(request);
      bytes[place] = byte;
      const wire = await Wire.connect(where);
      wire.send(bytes);
      // It may wait for more: there is none
      wire.end();
      const answer = (await wire.rest()).toString('latin1');
      const right = /^(?:$|HTTP\/1\.1 (?:101|400|403|405|426|431|505) [^]*\r\n\r\n)/;
      assert.match(answer, right, `byte ${byte} at ${place}`);
    });
  });

/** One write for each byte, and no waiting for anything else. */
async function drip(wire: Wire, bytes: Buffer): Promise<void> {
  for (const [i, byte] of bytes.entries()) {
    wire.socket.write(Buffer.of(byte));
    // A turn now and then, to read what the server says meanwhile
    if (i % 256 === 0) await new Promise(setImmediate);
    if (wire.socket.writableNeedDrain) await once(wire.socket, 'drain').catch(() => {});
  }
}

// Past 16 KiB it is refused, and the rest is thrown away. tests/websocket/http.test.ts shows that the time is linear
attack('a header in writes of one byte is taken up to 16 KiB, then refused (CVE-2023-43669)', { quick: 17, full: 1024 },
  async ({ where, size }) => {
    for (const kib of [Math.min(size, 14), size]) {
      const wire = await Wire.connect(where);
      await drip(wire, Buffer.from(`${REQUEST.slice(0, -2)}X: ${'x'.repeat(kib * KIB)}\r\n\r\n`));
      assert.match(await wire.head(), kib > 16 ? /^HTTP\/1\.1 431 / : /^HTTP\/1\.1 101 /);
      wire.reset();
    }
  });

attack('a message in writes of one byte comes back', { quick: 2, full: 1024 }, async ({ where, size }) => {
  const wire = await Wire.open(where);
  await drip(wire, frame(BINARY, Buffer.alloc(size * KIB)));
  assert.equal((await wire.frame()).payload.length, size * KIB);
  await dismiss([wire]);
});

attack('messages of many clients in packets of one byte, the last one unfinished', { quick: 20, full: 1000, costs: 48 },
  async ({ where, size }) => {
    const unfinished = frame(BINARY, Buffer.alloc(200)).subarray(0, -1);
    const bytes = [frame(TEXT, 'hel', { fin: false }), frame(PING), frame(CONTINUATION, 'lo'), unfinished];
    const wires = await crowd(size, () => Wire.open(where));
    for (const byte of Buffer.concat(bytes)) {
      for (const wire of wires) wire.send(Buffer.of(byte));
      await new Promise(setImmediate);
    }
    for (const wire of wires) {
      assert.equal((await wire.frame()).first, 0x8a);
      assert.equal((await wire.frame()).payload.toString(), 'hello');
    }
    await dismiss(wires);
  });
