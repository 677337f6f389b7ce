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
  private readonly joined: Buffer[] = [];
  private room: Buffer | null = null;
  private used = 0;

  /** Adds a piece; it may be kept as it is: do not change it afterwards. */
  push(piece: Buffer): void {
    this.length += piece.length;
    if (piece.length >= LARGE && piece.length * 2 >= piece.buffer.byteLength) {
      this.seal();
      this.joined.push(piece);
    } else {
      this.copy(piece);
    }
  }

  /** All of it in one Buffer. It may be the very piece that was pushed. */
  join(): Buffer {
    this.seal();
    return this.joined.length === 1 ? this.joined[0]! : Buffer.concat(this.joined, this.length);
  }

  private copy(piece: Buffer): void {
    for (let from = 0; from < piece.length;) {
      if (this.room === null || this.used === this.room.length) this.grow();
      const count = piece.copy(this.room!, this.used, from);
      this.used += count;
      from += count;
    }
  }

  private grow(): void {
    const { room } = this;
    if (room !== null && room.length >= LAST_ROOM) this.seal();
    this.room = Buffer.allocUnsafeSlow(Math.min(room === null ? FIRST_ROOM : room.length * 2, LAST_ROOM));
    if (this.used > 0) room!.copy(this.room, 0, 0, this.used);
  }

  private seal(): void {
    if (this.used > 0) this.joined.push(this.room!.subarray(0, this.used));
    this.room = null;
    this.used = 0;
  }
}
