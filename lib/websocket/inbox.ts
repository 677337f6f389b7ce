/**
 * The bytes that have arrived on one socket and are not used up yet.
 *
 * TCP is a stream: one read may bring half a frame, or three and a half. The inbox takes what was read, and its reader
 * takes out what is whole.
 *
 *     push  [81 85 37 fa]                          a frame has begun: nothing is taken out
 *     push  [21 3d 7f 9f 4d 51 58 81 80]           it is whole now; two bytes of the next one stay
 */

const NOTHING = Buffer.alloc(0);

/** One client's inbox. */
export class Inbox {
  /** How many of the unused bytes a search for something longer has done with; taking bytes out sets it back to 0. */
  searched = 0;
  /** The unused bytes lie in `memory` from `from` up to `to`. */
  private memory: Buffer = NOTHING;
  private from = 0;
  private to = 0;

  /** How many bytes are there. */
  get length(): number {
    return this.to - this.from;
  }

  /** Where the bytes lie, for a reader that wants no view of them: in `buffer`, from index `start` on. */
  get buffer(): Buffer {
    return this.memory;
  }

  get start(): number {
    return this.from;
  }

  /** Adds what was read. The inbox may keep `buff` itself: do not change it afterwards. */
  push(buff: Buffer): void {
    if (this.length === 0) {
      this.hold(buff, buff.length);
    } else {
      if (this.to + buff.length > this.memory.length) this.move(Math.max(this.length + buff.length, this.length * 2));
      buff.copy(this.memory, this.to);
      this.to += buff.length;
    }
  }

  /** The byte at `index`, counted from the first unused one; it has to be there (index < length). */
  at(index: number): number {
    return this.memory[this.from + index]!;
  }

  /** Where `byte` stands first at or behind `from`, counted from the first unused one; -1 if nowhere. */
  indexOf(byte: number, from = 0): number {
    const index = this.memory.indexOf(byte, this.from + from);
    return index === -1 || index >= this.to ? -1 : index - this.from;
  }

  /** Takes `count` bytes out; they have to be there (count <= length). A view, not a copy; it is the caller's. */
  take(count: number): Buffer {
    const taken = this.memory.subarray(this.from, this.from + count);
    this.skip(count);
    return taken;
  }

  /** Takes `count` bytes out without a view of them: they are the caller's, in `buffer` as it was before. */
  skip(count: number): void {
    this.from += count;
    this.searched = 0;
    if (this.from === this.to) this.hold(NOTHING, 0);
  }

  /** To be called when no more comes for now: a few unused bytes must not keep a read of 64 KiB in memory. */
  trim(): void {
    if (this.length > 0 && this.length * 2 < this.memory.buffer.byteLength) this.move(this.length);
  }

  /** Moves the unused bytes to memory of their own. Doubling it makes a stream of single bytes cost linear time. */
  private move(size: number): void {
    const room = Buffer.allocUnsafeSlow(size);
    this.hold(room, this.memory.copy(room, 0, this.from, this.to));
  }

  private hold(memory: Buffer, length: number): void {
    this.memory = memory;
    this.from = 0;
    this.to = length;
  }
}
