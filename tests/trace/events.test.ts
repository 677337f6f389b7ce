import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fieldsOf, linesOf, payloadOf, textOf } from '../../lib/trace/events.ts';
import { readHeader } from '../../lib/websocket/frame.ts';
import { hex } from '../helpers.ts';

test('the fields of a frame lie side by side, from its first bit to its last', () => {
  for (const text of ['8185 37fa213d 7f9f4d5158', '8100', 'f30178', '827e0003 616263', '827f0000000000000001 61', '82fe0001 37fa213d 56']) {
    const bytes = hex(text), header = readHeader(bytes)!, fields = fieldsOf(bytes, header, payloadOf(bytes, header, null));
    let bit = 0;
    for (const field of fields) {
      assert.equal(field.bit, bit, `${field.name} of ${text}`);
      bit += field.bits;
    }
    assert.equal(bit, bytes.length * 8);
  }
});

describe('payloadOf()', () => {
  const of = (text: string): object => {
    const bytes = hex(text);
    return payloadOf(bytes, readHeader(bytes)!, null);
  };
  test('a Close: code and reason; without, with half a code, and with a reason that is no UTF-8', () => {
    assert.deepEqual(of('8805 03e8 627965'), { length: 5, hex: '03e8627965', code: 1000, means: 'normal closure', reason: 'bye' });
    assert.deepEqual(of('8800'), { length: 0, hex: '', text: '' });
    assert.deepEqual(of('8801 03'), { length: 1, hex: '03', text: '\x03' });
    assert.deepEqual(of('8803 03e8 ff'), { length: 3, hex: '03e8ff', code: 1000, means: 'normal closure' });
  });
});

test('linesOf(): a line that is no field has no name', () => {
  const lines = linesOf('GET / HTTP/1.1\r\nnothing\r\n: x\r\nconstructor: y', 0, 'client');
  assert.deepEqual(lines.map(({ name, value }) => [name, value]), [
    ['request line', 'GET / HTTP/1.1'], ['', 'nothing'], ['', 'x'], ['constructor', 'y'],
  ]);
});

test('textOf(): the first 512 bytes, as text where they are', () => {
  assert.deepEqual(textOf(Buffer.from('a\x00b'), 3), { length: 3, hex: '610062', text: 'a\x00b' });
  assert.deepEqual(textOf(hex('16030100ff'), 5), { length: 5, hex: '16030100ff' });
  assert.equal(textOf(Buffer.alloc(600, 'x'), 600).hex.length, 1024);
});
