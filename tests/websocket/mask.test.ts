import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { mask } from '../../lib/websocket/mask.ts';
import { hex } from '../helpers.ts';

/** RFC 6455 5.7's key, and one whose every second byte has the sign bit. */
const KEY = hex('37fa213d'), SIGNED = hex('0180fffe');

/** RFC 6455 5.3 word for word: transformed-octet-i = original-octet-i XOR masking-key-octet-(i mod 4). */
function naive(bytes: Uint8Array, key: Buffer, offset: number): void {
  for (let i = 0; i < bytes.length; i++) bytes[i]! ^= key[(offset + i) % 4]!;
}

/** Compares with the naive loop: a view of `length` bytes at `align`, and the bytes on both sides of it too. */
function compare(length: number, align: number, offset: number, key: Buffer): void {
  const ours = Buffer.alloc(align + length + 8);
  for (let i = 0; i < ours.length; i++) ours[i] = i * 7 + 3;
  const theirs = Buffer.from(ours);
  // Either way of saying which bytes: a view, or from where to where
  if (offset < 4) mask(ours.subarray(align, align + length), key.readInt32LE(), offset);
  else mask(ours, key.readInt32LE(), offset, align, align + length);
  naive(theirs.subarray(align, align + length), key, offset);
  if (!ours.equals(theirs)) assert.fail(`${length} bytes at ${align}, offset ${offset}, key ${key.toString('hex')}`);
}

describe('RFC 6455 5.3: masking', () => {
  test('mask() unmasks the sample of 5.7, and goes on where an earlier piece of the payload has ended', () => {
    for (let cut = 0; cut <= 5; cut++) {
      const bytes = hex('7f9f4d5158');
      mask(bytes.subarray(0, cut), KEY.readInt32LE());
      mask(bytes.subarray(cut), KEY.readInt32LE(), cut);
      assert.equal(bytes.toString(), 'Hello', `cut at ${cut}`);
    }
  });

  test('mask() is true for ASCII only, wherever another byte stands, and always for none', () => {
    for (let length = 0; length <= 300; length++) {
      const bytes = Buffer.alloc(length + 2, 0xff).fill('a', 1, length + 1);
      mask(bytes, SIGNED.readInt32LE(), 0, 1, length + 1);
      assert.equal(mask(bytes, SIGNED.readInt32LE(), 0, 1, length + 1), length < 128, `${length} of ASCII`);
      for (let at = 1; at <= length; at++) {
        bytes.fill('a', 1, length + 1)[at] = 0x80;
        mask(bytes, SIGNED.readInt32LE(), 0, 1, length + 1);
        assert.equal(mask(bytes, SIGNED.readInt32LE(), 0, 1, length + 1), false, `${length}, not ASCII at ${at}`);
      }
    }
  });

  // The shared pool of small Buffers starts at multiples of 8 only; real views start anywhere
  test('mask() is the naive loop at every length, alignment and offset, for large payloads, behind 16 MiB', () => {
    for (let length = 0; length <= 300; length++) {
      for (let align = 0; align < 8; align++) {
        for (let offset = 0; offset < 8; offset++) for (const key of [KEY, SIGNED]) compare(length, align, offset, key);
      }
    }
    for (const length of [4095, 4096, 65535, 65536, 65537]) {
      for (let align = 0; align < 8; align++) compare(length, align, 3 - align % 4, SIGNED);
    }
    for (let offset = 2 ** 24 - 4; offset < 2 ** 24 + 4; offset++) compare(200, 1, offset, SIGNED);
  });
});
