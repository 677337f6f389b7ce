/**
 * The XOR that every client frame's payload goes through (RFC 6455 5.3).
 *
 *     masked   7f 9f 4d 51 58
 *     key      37 fa 21 3d 37     the four bytes, over and over
 *     payload  48 65 6c 6c 6f     "Hello"
 */
import { endianness } from 'node:os';

/** Up to this length a loop over bytes wins over setting up the wide one. */
const SHORT = 128;
const LITTLE_ENDIAN = endianness() === 'LE';

/**
 * Masks or unmasks `bytes` in place: it is the same operation.
 * @param key the masking key as an int32, its first byte the lowest
 * @param offset how many bytes of the frame's payload came before these
 */
export function mask(bytes: Uint8Array, key: number, offset = 0): void {
  const turned = rotate(key, offset);
  let from = 0, to = 0;
  if (bytes.length >= SHORT && LITTLE_ENDIAN) {
    // Words have to start at a multiple of four in the ArrayBuffer: the bytes before and after them go one by one.
    from = -bytes.byteOffset & 3;
    const words = new Int32Array(bytes.buffer, bytes.byteOffset + from, (bytes.length - from) >> 2);
    to = from + words.length * 4;
    const wordKey = rotate(turned, from);
    for (let i = 0; i < words.length; i++) words[i]! ^= wordKey;
  }
  for (let i = 0; i < from; i++) bytes[i]! ^= turned >> ((i & 3) << 3);
  for (let i = to; i < bytes.length; i++) bytes[i]! ^= turned >> ((i & 3) << 3);
}

/** The key as it stands after `count` bytes: "37 fa 21 3d" turned by one is "fa 21 3d 37". */
function rotate(key: number, count: number): number {
  const bits = (count & 3) << 3;
  return (key >>> bits) | (key << (32 - bits));
}
