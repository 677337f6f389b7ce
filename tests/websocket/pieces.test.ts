import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Pieces } from '../../lib/websocket/pieces.ts';
import { gc, randomOf } from '../helpers.ts';

/** Bytes that are all different from their neighbours, in an ArrayBuffer of `room` bytes. */
function bytesOf(length: number, room = length): Buffer {
  const buffer = Buffer.allocUnsafeSlow(room);
  for (let i = 0; i < room; i++) buffer[i] = i * 31 + (i >> 8);
  return buffer.subarray(room - length);
}

function joined(...pieces: Buffer[]): Buffer {
  const all = new Pieces();
  for (const piece of pieces) all.push(piece);
  return all.join();
}

describe('join()', () => {
  test('a large piece comes back as it is, a small one copied, nothing as nothing', () => {
    const large = bytesOf(65536), small = bytesOf(100), none = bytesOf(0);
    assert.equal(joined(none, large, none), large);
    assert.deepEqual(joined(small), small);
    assert.notEqual(joined(small).buffer, small.buffer);
    assert.deepEqual([joined(), joined(none, none)], [none, none]);
  });

  test('any pieces come back in their order, and length is what they have', (t) => {
    const random = randomOf(t);
    for (let round = 0; round < 300; round++) {
      const all = new Pieces(), naive: Buffer[] = [];
      const most = [4, 100, 300, 5000, 100_000][random(5)]!;
      for (let i = random(40); i >= 0; i--) {
        const size = random(most);
        naive.push(bytesOf(size, size + random(most)));
        all.push(naive.at(-1)!);
        assert.equal(all.length, Buffer.concat(naive).length);
      }
      assert.ok(all.join().equals(Buffer.concat(naive)), `round ${round}: ${naive.map(({ length }) => length)}`);
    }
  });
});

describe('memory follows the bytes, not the pieces', () => {
  test('a piece of a much larger buffer does not keep that alive', () => {
    for (const size of [1, 64, 65, 4095, 4096, 4097, 10_000, 32_767]) {
      const lone = joined(bytesOf(size, 65536));
      assert.ok(lone.buffer.byteLength <= Math.max(64, 2 * size), `${size} bytes keep ${lone.buffer.byteLength}`);
    }
    const half = bytesOf(32_768, 65536);
    assert.equal(joined(half), half);
  });

  test('two million fragments of one byte take two million bytes', () => {
    const COUNT = 2_000_000, MiB = 2 ** 20;
    const all = new Pieces(), piece = bytesOf(1);
    gc();
    const before = process.memoryUsage();
    for (let i = 0; i < COUNT; i++) all.push(piece);
    gc();
    const after = process.memoryUsage();
    assert.ok(after.arrayBuffers - before.arrayBuffers < COUNT + MiB, 'bytes');
    // Two million objects would be 16 MiB at least; what V8 compiles meanwhile is on its heap, too
    assert.ok(after.heapUsed - before.heapUsed < 8 * MiB, 'objects');
    assert.ok(all.join().equals(Buffer.alloc(COUNT, piece)));
  });

  test('a single byte between large fragments takes little more than itself', () => {
    const all = new Pieces(), large = bytesOf(4096), small = bytesOf(1);
    gc();
    const before = process.memoryUsage().arrayBuffers;
    for (let i = 0; i < 10_000; i++) all.push(i % 2 === 0 ? large : small);
    assert.ok(process.memoryUsage().arrayBuffers - before < 5000 * 100);
    assert.equal(all.length, 5000 * 4097);
  });
});
