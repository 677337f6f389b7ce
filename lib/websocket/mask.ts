/**
 * The XOR that every client frame's payload goes through (RFC 6455 5.3).
 *
 *     masked   7f 9f 4d 51 58
 *     key      37 fa 21 3d 37     the four bytes, over and over
 *     payload  48 65 6c 6c 6f     "Hello"
 *
 * Bytes one by one are about 1 GB/s. Eight at once are 6 to 12: a BigUint64Array over the same memory, four words a
 * turn of the loop, so that its own counting and checking are paid a quarter as often. A compiled loop keeps those
 * BigInts in registers. To make the array costs as much as about a hundred bytes do.
 */
import { endianness } from 'node:os';

/** Below this length a loop over bytes wins over setting up the wide one. */
const SHORT = 128;
const LITTLE_ENDIAN = endianness() === 'LE';

/**
 * Masks or unmasks the bytes from `start` up to `end` in place: it is the same operation.
 * @param key the masking key as an int32, its first byte the lowest
 * @param offset how many bytes of the frame's payload came before these
 * @returns true where it is certain that all of them are ASCII now; false also means that nobody looked (a wide loop
 *   that looks is slower than this one and isUtf8 after it)
 */
export function mask(bytes: Uint8Array, key: number, offset = 0, start = 0, end = bytes.length): boolean {
  const turned = rotate(key, offset);
  if (end - start < SHORT || !LITTLE_ENDIAN) return maskBytes(bytes, turned, start, end) < 0b1000_0000;
  // Words have to start at a multiple of eight in the ArrayBuffer: the bytes before and after them go one by one
  const first = start + (-(bytes.byteOffset + start) & 7), count = (end - first) >> 3;
  maskBytes(bytes, turned, start, first);
  const wide = rotate(turned, first - start);
  maskWords(new BigUint64Array(bytes.buffer, bytes.byteOffset + first, count), wide);
  maskBytes(bytes, wide, first + count * 8, end);
  return false;
}

/** @returns the bits that any of the unmasked bytes has set */
function maskBytes(bytes: Uint8Array, key: number, start: number, end: number): number {
  const key0 = key & 0xff, key1 = key >> 8 & 0xff, key2 = key >> 16 & 0xff, key3 = key >>> 24;
  let bits = 0, i = start;
  for (const last = end - 3; i < last; i += 4) {
    bits |= (bytes[i]! ^= key0) | (bytes[i + 1]! ^= key1) | (bytes[i + 2]! ^= key2) | (bytes[i + 3]! ^= key3);
  }
  if (i < end) bits |= bytes[i]! ^= key0;
  if (i + 1 < end) bits |= bytes[i + 1]! ^= key1;
  if (i + 2 < end) bits |= bytes[i + 2]! ^= key2;
  return bits;
}

function maskWords(words: BigUint64Array, turned: number): void {
  const half = BigInt(turned >>> 0), key = half << 32n | half;
  let i = 0;
  for (const last = words.length - 3; i < last; i += 4) {
    words[i]! ^= key;
    words[i + 1]! ^= key;
    words[i + 2]! ^= key;
    words[i + 3]! ^= key;
  }
  for (; i < words.length; i++) words[i]! ^= key;
}

/** The key as it stands after `count` bytes: "37 fa 21 3d" turned by one is "fa 21 3d 37". */
function rotate(key: number, count: number): number {
  const bits = (count & 3) << 3;
  return (key >>> bits) | (key << (32 - bits));
}
