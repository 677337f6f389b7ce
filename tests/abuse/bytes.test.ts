/** Requests byte by byte. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { BINARY } from '../../lib/websocket/frame.ts';
import { randomOf } from '../helpers.ts';
import { frame, REQUEST, Wire } from '../wire.ts';
import { attack, dismiss, FULL } from './attack.ts';
import { crowd } from './crowd.ts';

const more = '\r\nOrigin: http://a.b\r\nSec-WebSocket-Extensions: x; y=1\r\n\r\n';
const request = Buffer.from(REQUEST.replace('\r\n\r\n', more));
const all = { quick: 1000, full: request.length * 256 };

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
  wire.socket.setNoDelay(true);
  for (const [i, byte] of bytes.entries()) {
    wire.socket.write(Buffer.of(byte));
    // A turn now and then, to read what the server says meanwhile
    if (i % 256 === 0) await new Promise(setImmediate);
    if (wire.socket.writableNeedDrain) await once(wire.socket, 'drain').catch(() => {});
  }
}

const KIB = 1024;

// Past 16 KiB it is refused, and what follows is thrown away. That the work on it is linear, tests/http.test.ts counts:
// here the time would tell how many bytes each read has brought
attack('a header of 1 MiB in writes of one byte is refused (CVE-2023-43669)', { quick: 64, full: 1024 },
  async ({ where, size }) => {
    const wire = await Wire.connect(where);
    await drip(wire, Buffer.from(`GET / HTTP/1.1\r\nX: ${'x'.repeat(size * KIB)}`));
    assert.match(await wire.head(), /^HTTP\/1\.1 431 /);
    wire.reset();
  });

attack('one just short enough is taken, of one field and of many', { quick: 1, full: 20 }, async ({ where, size }) => {
  for (const fields of [`X: ${'x'.repeat(14 * KIB)}\r\n`, 'a:b\r\n'.repeat(14 * KIB / 5)]) {
    for (let i = 0; i < size; i++) {
      const wire = await Wire.connect(where);
      await drip(wire, Buffer.from(`${REQUEST.slice(0, -2)}${fields}\r\n`));
      assert.match(await wire.head(), /^HTTP\/1\.1 101 /);
      await dismiss([wire]);
    }
  }
});

attack('a message in writes of one byte comes back', { quick: 32, full: 1024 }, async ({ where, size }) => {
  const wire = await Wire.open(where);
  await drip(wire, frame(BINARY, Buffer.alloc(size * KIB)));
  assert.equal((await wire.frame()).payload.length, size * KIB);
  await dismiss([wire]);
});
