/**
 * Checks UTF-8 that comes in pieces (RFC 6455 8.1, RFC 3629), and fails at the first wrong byte.
 *
 *     48 65 6c 6c c3 | b6        "Hellö", cut inside its last code point
 *                 ^^ kept until the next piece, at most three bytes
 */
import { isUtf8 } from 'node:buffer';

/** 10xxxxxx: a byte of a code point, not its first. */
const CONTINUATION = 0b1000_0000;

/** The check of one text. */
export class Utf8 {
  /** The first bytes of a code point; the others are always continuation bytes. */
  private readonly kept = Buffer.alloc(4, CONTINUATION);
  private count = 0;

  /** Takes the next piece; false as soon as no text begins like this. */
  push(piece: Uint8Array): boolean {
    let start = 0;
    while (this.count > 0 && start < piece.length) {
      this.kept[this.count++] = piece[start++]!;
      if (!isBeginning(this.kept, this.count)) return false;
      if (this.count === sequenceLength(this.kept[0]!)) this.count = 0;
    }
    const end = piece.length - cutLength(piece, start);
    if (!isUtf8(start === 0 && end === piece.length ? piece : piece.subarray(start, end))) return false;
    for (let i = end; i < piece.length; i++) this.kept[this.count++] = piece[i]!;
    return this.count === 0 || end === piece.length || isBeginning(this.kept, this.count);
  }

  /** Tells whether the text may end here: no code point is cut. */
  isWhole(): boolean {
    return this.count === 0;
  }
}

/** Returns the bytes of a code point that starts with `byte`; 0 when none does. */
function sequenceLength(byte: number): number {
  if (byte < 0b1000_0000) return 1;
  if (byte < 0xc2) return 0;
  if (byte < 0b1110_0000) return 2;
  if (byte < 0b1111_0000) return 3;
  return byte < 0xf5 ? 4 : 0;
}

/** Tells whether a code point begins with the first `count` bytes; continuation bytes follow. */
function isBeginning(bytes: Buffer, count: number): boolean {
  const length = sequenceLength(bytes[0]!);
  // After E0, ED, F0 and F4 not every second byte is allowed. isUtf8 knows that; every third and fourth is
  return length > 0 && (count === 1 || isUtf8(bytes.subarray(0, length)));
}

/** Returns how many bytes at the end of `piece` (from `start` on) are the beginning of a code point. */
function cutLength(piece: Uint8Array, start: number): number {
  for (let back = 1; back <= 3 && piece.length - back >= start; back++) {
    const byte = piece[piece.length - back]!;
    if (byte >= 0b1100_0000) return sequenceLength(byte) > back ? back : 0;
    if (byte < 0b1000_0000) return 0;
  }
  return 0;
}
