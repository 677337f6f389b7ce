/**
 * The bytes of a message that arrives in pieces, joined once.
 *
 * A large piece is kept as it is. Small ones are copied together, so that memory follows the bytes and not the pieces:
 * ten million fragments of one byte are ten million bytes.
 */

/** Bytes. A smaller piece is copied; so is one that would keep alive more than twice as much as it is. */
const LARGE = 4096;
/** Bytes. Room for small pieces begins with this and doubles up to that. */
const FIRST_ROOM = 64, LAST_ROOM = 64 * 1024;

/** Pieces in their order. */
export class Pieces {
  /** Bytes in all. */
  length = 0;
  private readonly pieces: Buffer[] = [];
  private room: Buffer | null = null;
  private used = 0;

  /**
   * Adds a piece; it may be kept as it is: do not change it afterwards.
   * @param left how many bytes still follow in all, where that is known
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

  /** They in their order, as they are in memory: fewer than were pushed. */
  list(): Buffer[] {
    this.seal();
    return this.pieces;
  }

  /** All of it in one Buffer. It may be the very piece that was pushed. */
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

  /** Room for `count` bytes more, and for as many again as there are then; not for more than can follow. */
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
