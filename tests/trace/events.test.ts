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
  assert.deepEqual(lines.head.map(({ name, value }) => [name, value]), [
    ['request line', 'GET / HTTP/1.1'], ['', 'nothing'], ['', 'x'], ['constructor', 'y'],
  ]);
});

test('linesOf(): bytes that are UTF-8 are told as such, any other byte as \\xHH', () => {
  const { head } = linesOf(Buffer.from('GET / HTTP/1.1\r\ncf-city: 北京\r\nX-à: à \r\nY: ').toString('latin1') + '\xe9\xa0', 0, 'client');
  assert.deepEqual(JSON.parse(JSON.stringify(head.slice(1))), [
    { name: 'cf-city', value: '北京', at: 16, size: 17, section: 'RFC 9110 5' },
    { name: 'X-à', value: 'à', at: 33, size: 11, section: 'RFC 9110 5' },
    { name: 'Y', value: '\\xe9\\xa0', at: 44, size: 7, section: 'RFC 9110 5' },
  ]);
});

test('linesOf(): the first 64 lines are told, the others counted', () => {
  const { head, more } = linesOf(`GET / HTTP/1.1${'\r\na:'.repeat(100)}`, 0, 'client');
  assert.deepEqual([head.length, more], [64, 37]);
  assert.equal(linesOf(`GET / HTTP/1.1${'\r\na:'.repeat(63)}`, 0, 'client').more, undefined);
});

test('textOf(): the first 512 bytes, as text where they are', () => {
  assert.deepEqual(textOf(Buffer.from('a\x00b'), 3), { length: 3, hex: '610062', text: 'a\x00b' });
  assert.deepEqual(textOf(hex('16030100ff'), 5), { length: 5, hex: '16030100ff' });
  assert.equal(textOf(Buffer.alloc(600, 'x'), 600).hex.length, 1024);
});
