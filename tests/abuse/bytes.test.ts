/** Requests byte by byte. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { BINARY } from '../../lib/frame.ts';
import { randomOf } from '../helpers.ts';
import { frame, REQUEST, Wire } from '../wire.ts';
import { attack, dismiss, FULL } from './attack.ts';
import { crowd } from './crowd.ts';
import { assertLinear } from './linear.ts';

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

// Past 16 KiB it is refused, and what follows is thrown away
attack('a header of 1 MiB in writes of one byte costs linear time (CVE-2023-43669)', { quick: 16, full: 256 },
  async ({ program, where, size }) => {
    await assertLinear(program, size * KIB, async (length) => {
      const wire = await Wire.connect(where);
      await drip(wire, Buffer.from(`GET / HTTP/1.1\r\nX: ${'x'.repeat(length)}`));
      assert.match(await wire.head(), /^HTTP\/1\.1 431 /);
      wire.reset();
    });
  });

const short = { quick: 1, full: 20 };
attack('so does one just short enough, of one field and of many', short, async ({ program, where, size }) => {
  for (const field of ['x', 'a:b\r\n']) {
    await assertLinear(program, 3.5 * KIB, async (length) => {
      for (let i = 0; i < size; i++) {
        const wire = await Wire.connect(where);
        await drip(wire, Buffer.from(REQUEST.slice(0, -2) + (field === 'x' ? 'X: ' : '') +
          field.repeat(length / field.length) + (field === 'x' ? '\r\n\r\n' : '\r\n')));
        assert.match(await wire.head(), /^HTTP\/1\.1 101 /);
        await dismiss([wire]);
      }
    });
  }
});

attack('and a message', { quick: 8, full: 256 }, async ({ program, where, size }) => {
  await assertLinear(program, size * KIB, async (length) => {
    const wire = await Wire.open(where);
    await drip(wire, frame(BINARY, Buffer.alloc(length)));
    assert.equal((await wire.frame()).payload.length, length);
    await dismiss([wire]);
  });
});
