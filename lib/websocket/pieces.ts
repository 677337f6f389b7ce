/**
 * The payload of a message that comes in pieces.
 *
 * A large piece is kept as it is. Small ones are copied together: ten million fragments of one byte take ten million
 * bytes, not ten million Buffers.
 */

/** Bytes. A smaller piece is copied, and so is one that lies in memory of more than twice its size. */
const LARGE = 4096;
/** Bytes. The room for small pieces doubles from the first size to the last. */
const FIRST_ROOM = 64, LAST_ROOM = 64 * 1024;

/** The pieces of one message. */
export class Pieces {
  /** Bytes in all. */
  length = 0;
  private readonly pieces: Buffer[] = [];
  private room: Buffer | null = null;
  private used = 0;

  /**
   * Adds a piece, which may not be copied: do not change it afterwards.
   * @param left bytes that still follow, if that is known
   */
  push(piece: Buffer, left = Infinity): void {
    this.length += piece.length;
    if (piece.length >= LARGE && piece.length * 2 >= piece.buffer.byteLength) {
      this.seal();
      this.pieces.push(piece);
    } else {
      this.copy(piece, left);
    }
  }

  /** Returns the pieces, in order. */
  list(): Buffer[] {
    this.seal();
    return this.pieces;
  }

  /** Returns all bytes in one Buffer, which may be a piece that was pushed. */
  join(): Buffer {
    const [first, ...more] = this.list();
    return first !== undefined && more.length === 0 ? first : Buffer.concat(this.pieces, this.length);
  }

  private copy(piece: Buffer, left: number): void {
    for (let from = 0; from < piece.length;) {
      if (this.room === null || this.used === this.room.length) this.grow(piece.length - from, left);
      const count = piece.copy(this.room!, this.used, from);
      this.used += count;
      from += count;
    }
  }

  /** Makes room for `count` bytes more, and for as much again, but not for more than can follow. */
  private grow(count: number, left: number): void {
    if (this.used >= LAST_ROOM) this.seal();
    const { room } = this, needed = this.used + count;
    const size = Math.min(Math.max(FIRST_ROOM, needed * 2), needed + left, LAST_ROOM);
    this.room = Buffer.allocUnsafeSlow(size);
    if (this.used > 0) room!.copy(this.room, 0, 0, this.used);
  }

  private seal(): void {
    if (this.used > 0) this.pieces.push(this.room!.subarray(0, this.used));
    this.room = null;
    this.used = 0;
  }
}
