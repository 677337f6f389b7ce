/**
 * UTF-8 that arrives in pieces (RFC 6455 8.1, RFC 3629): refused at the first byte that no text can have there.
 *
 *     48 65 6c 6c c3 | b6        "Hellö", cut inside its last code point
 *                 ^^ kept until the next piece, at most three bytes
 */
import { isUtf8 } from 'node:buffer';

/** A byte that may follow any first byte which has no rule of its own: 10xxxxxx. */
const CONTINUATION = 0b1000_0000;

/** The check of one message's text. */
export class Utf8 {
  /** What stands behind the kept ones is a continuation byte: at first, and when a code point was whole, too. */
  private readonly kept = Buffer.alloc(4, CONTINUATION);
  private count = 0;

  /** Takes the next piece of the text; false as soon as what has come so far cannot be UTF-8, whatever follows. */
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

  /** Whether the text may end here: no code point is cut. */
  isWhole(): boolean {
    return this.count === 0;
  }
}

/** How many bytes the code point has that starts with this one; 0 where none starts so. */
function sequenceLength(byte: number): number {
  if (byte < 0b1000_0000) return 1;
  if (byte < 0xc2) return 0;
  if (byte < 0b1110_0000) return 2;
  if (byte < 0b1111_0000) return 3;
  return byte < 0xf5 ? 4 : 0;
}

/** Whether some code point begins with the first `count` of these bytes; those behind are continuation bytes. */
function isBeginning(bytes: Buffer, count: number): boolean {
  const length = sequenceLength(bytes[0]!);
  // Of a first byte alone every valid one will do. The second decides over E0, ED, F0 and F4: then any rest will do.
  return length > 0 && (count === 1 || isUtf8(bytes.subarray(0, length)));
}

/** How many bytes at the end of `piece` (from `start` on) are a code point that is not whole yet. */
function cutLength(piece: Uint8Array, start: number): number {
  for (let back = 1; back <= 3 && piece.length - back >= start; back++) {
    const byte = piece[piece.length - back]!;
    if (byte >= 0b1100_0000) return sequenceLength(byte) > back ? back : 0;
    if (byte < 0b1000_0000) return 0;
  }
  return 0;
}
