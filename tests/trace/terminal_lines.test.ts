import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Decoder, Link } from '../../lib/trace/decoder.ts';
import { bodyOf, number } from '../../lib/trace/terminal_lines.ts';
import type { Event } from '../../lib/trace/tap.ts';
import { frame, REQUEST } from '../wire.ts';

/** The event of one frame of a client's. */
function eventOf(bytes: Buffer): Event {
  const link = new Link(), client = new Decoder('client', link);
  client.push(Buffer.from(REQUEST));
  return { client: 1, at: 0, ...client.push(bytes)[0]! };
}

function textsOf(bytes: Buffer, room: number): string[] {
  return bodyOf(eventOf(bytes), room).map(({ text }) => text);
}

test('rows of 4, 8 or 16 bytes, as many as fit: the masked ones, and beside them the unmasked', () => {
  const bytes = frame(2, Buffer.from(Array.from({ length: 20 }, (_, i) => i)));
  assert.deepEqual(textsOf(bytes, 118).slice(-2), [
    'masked 37 fb 23 3e 33 ff 27 3a 3f f3 2b 36 3b f7 2f 32   unmasked 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f',
    '       27 eb 33 2e                                                10 11 12 13',
  ]);
  assert.deepEqual(textsOf(bytes, 78).slice(-3), [
    'masked 37 fb 23 3e 33 ff 27 3a   unmasked 00 01 02 03 04 05 06 07',
    '       3f f3 2b 36 3b f7 2f 32            08 09 0a 0b 0c 0d 0e 0f',
    '       27 eb 33 2e                        10 11 12 13',
  ]);
  assert.equal(textsOf(bytes, 50).at(-1), '       27 eb 33 2e            10 11 12 13');
});

test('32 bytes are shown, of 33 there is one more', () => {
  assert.ok(!textsOf(frame(2, Buffer.alloc(32)), 78).at(-1)!.includes('more'));
  assert.equal(textsOf(frame(2, Buffer.alloc(33)), 78).at(-1), '… 1 more byte');
});

test('where the fields do not fit on a line they go on on the next one, none is broken', () => {
  assert.deepEqual(textsOf(frame(1, 'Hello'), 50).slice(1, 3), [
    'FIN=1 RSV=000 opcode=0x1 text  MASK=1 length=5', 'key=37 fa 21 3d  "Hello"',
  ]);
});

test('a text is shown up to the end of the line, and where it is cut its length in bytes', () => {
  assert.equal(textsOf(frame(1, 'x'.repeat(76)), 78)[2], `"${'x'.repeat(76)}"`);
  assert.equal(textsOf(frame(1, 'x'.repeat(77)), 78)[2], `"${'x'.repeat(66)}"… 77 bytes`);
});

test('number() separates thousands, as large as a length can be', () => {
  assert.deepEqual([0, 999, 1000, 2n ** 63n].map(number), ['0', '999', '1,000', '9,223,372,036,854,775,808']);
});
