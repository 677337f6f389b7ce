import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FIN, headerSize, isControl, readHeader, TEXT, writeHeader } from '../../lib/websocket/frame.ts';
import { hex } from '../helpers.ts';

const KEY = 0x3d21fa37;

/** Headers, and what they say. */
const SAMPLES = {
  '8185 37fa213d': { fin: true, rsv: 0, opcode: 1, masked: true, length: 5, lengthBits: 7, key: KEY, size: 6 },
  '0005': { fin: false, rsv: 0, opcode: 0, masked: false, length: 5, lengthBits: 7, key: 0, size: 2 },
  'c100': { fin: true, rsv: 0x40, opcode: 1, masked: false, length: 0, lengthBits: 7, key: 0, size: 2 },
  'ff7d': { fin: true, rsv: 0x70, opcode: 15, masked: false, length: 125, lengthBits: 7, key: 0, size: 2 },
  '827e0100': { fin: true, rsv: 0, opcode: 2, masked: false, length: 256, lengthBits: 16, key: 0, size: 4 },
  '82fe0005 37fa213d': { fin: true, rsv: 0, opcode: 2, masked: true, length: 5, lengthBits: 16, key: KEY, size: 8 },
  '82ff 0000000000010000 37fa213d': { fin: true, rsv: 0, opcode: 2, masked: true, length: 65536, lengthBits: 64, key: KEY, size: 14 },
  '827f 001fffffffffffff': { fin: true, rsv: 0, opcode: 2, masked: false, length: 2 ** 53 - 1, lengthBits: 64, key: 0, size: 10 },
  '827f ffffffffffffffff': { fin: true, rsv: 0, opcode: 2, masked: false, length: 2 ** 64, lengthBits: 64, key: 0, size: 10 },
} as const;

describe('readHeader()', () => {
  for (const [text, header] of Object.entries(SAMPLES)) {
    test(`${text}: right or wrong, what its bits say, wherever it begins`, () => {
      const bytes = hex(text);
      assert.deepEqual(readHeader(bytes), header);
      assert.deepEqual(readHeader(Buffer.concat([hex('ffff'), bytes, hex('ff')]), 2, 2 + bytes.length), header);
    });
    test(`${text}: of its first bytes as much as they say`, () => {
      const bytes = hex(text), { size, lengthBits, masked } = header;
      for (const count of [0, 1]) assert.equal(readHeader(bytes.subarray(0, count)), null);
      for (let count = 2; count < size; count++) {
        const read = readHeader(bytes, 0, count)!;
        const isLengthThere = count >= size - (masked ? 4 : 0);
        assert.deepEqual(read, { ...header, key: 0, length: lengthBits === 7 || isLengthThere ? header.length : -1 });
      }
    });
  }
  test('a length of 64 bits is below 2^63 where its highest bit is not set', () => {
    assert.ok(readHeader(hex('827f 7fffffffffffffff'))!.length < 2 ** 63);
    assert.ok(readHeader(hex('827f 8000000000000000'))!.length >= 2 ** 63);
  });
});

describe('writeHeader()', () => {
  test('is read back, in the shortest form, and fills as many bytes as headerSize() says', () => {
    for (const length of [0, 1, 125, 126, 127, 65535, 65536, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1]) {
      const size = headerSize(length), target = Buffer.alloc(size + 2, '.');
      assert.equal(writeHeader(target, 1, FIN | TEXT, length), 1 + size);
      assert.deepEqual(readHeader(target, 1, 1 + size), {
        fin: true, rsv: 0, opcode: TEXT, masked: false, length, lengthBits: length < 126 ? 7 : length < 65536 ? 16 : 64, key: 0, size,
      });
      assert.deepEqual([target[0], target[size + 1]], [0x2e, 0x2e]);
    }
  });
});

test('isControl(): Close, Ping, Pong and those that are reserved for more of them', () => {
  assert.deepEqual(Array.from({ length: 16 }, (_, opcode) => isControl(opcode)).indexOf(true), 8);
});
