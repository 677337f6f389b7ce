/**
 * The bytes that have come from one client and are not used up.
 *
 * TCP is a stream: one read may bring half a frame, or three and a half. What is read is pushed into the inbox, and the
 * reader takes out what is complete.
 *
 *     push  [81 85 37 fa]                          half a frame: nothing is taken out
 *     push  [21 3d 7f 9f 4d 51 58 81 80]           the frame is complete; two bytes of the next one stay
 */

const NOTHING = Buffer.alloc(0);

/** One client's inbox. */
export class Inbox {
  /** For the reader: how many of the unused bytes it has searched. Taking bytes out resets it to 0. */
  searched = 0;
  /** The reader has found nothing complete since the last push(). */
  isDrained = true;
  /** The unused bytes lie in `memory` from `from` up to `to`. */
  private memory: Buffer = NOTHING;
  private from = 0;
  private to = 0;

  /** Unused bytes. */
  get length(): number {
    return this.to - this.from;
  }

  /** The memory of the unused bytes. They begin at index `start`. */
  get buffer(): Buffer {
    return this.memory;
  }

  get start(): number {
    return this.from;
  }

  /** Adds bytes. They may not be copied: do not change them afterwards. */
  push(buff: Buffer): void {
    this.isDrained = false;
    if (this.length === 0) {
      this.hold(buff, buff.length);
    } else {
      if (this.to + buff.length > this.memory.length) this.move(Math.max(this.length + buff.length, this.length * 2));
      buff.copy(this.memory, this.to);
      this.to += buff.length;
    }
  }

  /** Returns the unused byte at `index`, which must be below `length`. */
  at(index: number): number {
    return this.memory[this.from + index]!;
  }

  /** Returns the index of the first `byte` among the unused bytes, searching from `from` on; -1 without one. */
  indexOf(byte: number, from = 0): number {
    const index = this.memory.indexOf(byte, this.from + from);
    return index === -1 || index >= this.to ? -1 : index - this.from;
  }

  /** Takes `count` bytes out, at most `length`. A view, not a copy; the caller may change it. */
  take(count: number): Buffer {
    const taken = this.memory.subarray(this.from, this.from + count);
    this.skip(count);
    return taken;
  }

  /** Drops `count` bytes. They still lie in what `buffer` was before. */
  skip(count: number): void {
    this.from += count;
    this.searched = 0;
    if (this.from === this.to) this.hold(NOTHING, 0);
  }

  /** For the reader: nothing complete is left. A few unused bytes must not keep a read of 64 KiB in memory. */
  drained(): null {
    this.isDrained = true;
    if (this.length > 0 && this.length * 2 < this.memory.buffer.byteLength) this.move(this.length);
    return null;
  }

  /** Moves the unused bytes to new memory. push() doubles its size: single bytes cost linear time. */
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
