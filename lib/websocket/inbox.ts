/**
 * The bytes that have arrived on one socket and are not used up yet.
 *
 * TCP is a stream: what one read gives may be half a frame, or three and a half. The inbox takes what was read, and
 * gives what is whole.
 *
 *     push  [81 85 37 fa]      nothing is whole yet: getMsg returns null and takes nothing
 *     push  [21 3d 7f 9f 4d 51 58 81 80]
 *                              now the first frame is; two bytes of the next one stay
 */
import type { Deflate } from './deflate.ts';
import { MAX_PAYLOAD, type Reading } from './frame.ts';

const NOTHING = Buffer.alloc(0);

/** One client's inbox. */
export class Inbox {
  /** What getMsg has begun and not finished: a message's earlier fragments, a frame's earlier bytes. */
  reading: Reading | null = null;
  /** Whether messages may come compressed: set by the handshake. */
  deflate: Deflate | null = null;
  /** How many of the unused bytes a search for something longer has done with; take() sets it back to 0. */
  searched = 0;
  /** The unused bytes stand in here from `start` on, `length` of them. */
  bytes: Buffer = NOTHING;
  start = 0;
  /** Bytes that a message of this client's may have, over all its fragments and inflated. */
  readonly maxPayload: number;
  /** How many messages, whole ones, have been taken out by getMsg. */
  messages = 0;
  /** What of this is in the sums over all clients: Ledger's. */
  readonly settled = { held: 0, messages: 0 };
  private end = 0;

  constructor(maxPayload = MAX_PAYLOAD) {
    this.maxPayload = maxPayload;
  }

  /** How many bytes are there. */
  get length(): number {
    return this.end - this.start;
  }

  /** Bytes that are kept for this client: unused ones, and those of the message that has begun. */
  get held(): number {
    return this.length + (this.reading?.pieces.length ?? 0);
  }

  /** Adds what was read. The inbox may keep `buff` itself: do not change it afterwards. */
  push(buff: Buffer): void {
    if (this.length === 0) {
      this.hold(buff, buff.length);
    } else {
      if (this.end + buff.length > this.bytes.length) this.move(Math.max(this.length + buff.length, this.length * 2));
      buff.copy(this.bytes, this.end);
      this.end += buff.length;
    }
  }

  /** The byte at `index`, counted from the first unused one; it has to be there (index < length). */
  at(index: number): number {
    return this.bytes[this.start + index]!;
  }

  /** Where `byte` stands first at or behind `from`, counted from the first unused one; -1 if nowhere. */
  indexOf(byte: number, from = 0): number {
    const index = this.bytes.indexOf(byte, this.start + from);
    return index === -1 || index >= this.end ? -1 : index - this.start;
  }

  /** Takes `count` bytes out; they have to be there (count <= length). A view, not a copy; the caller owns it. */
  take(count: number): Buffer {
    const taken = this.bytes.subarray(this.start, this.start + count);
    this.skip(count);
    return taken;
  }

  /** take() for who looks at `bytes` and `start` before; those bytes are the caller's too. */
  skip(count: number): void {
    this.start += count;
    this.searched = 0;
    if (this.start === this.end) this.hold(NOTHING, 0);
  }

  /** To be called when no more comes for now: a few unused bytes must not keep a read of 64 KiB in memory. */
  trim(): void {
    if (this.length > 0 && this.length * 2 < this.bytes.buffer.byteLength) this.move(this.length);
  }

  /** Moves the unused bytes to a buffer of their own. Doubling it makes a stream of single bytes cost linear time. */
  private move(size: number): void {
    const room = Buffer.allocUnsafeSlow(size);
    this.hold(room, this.bytes.copy(room, 0, this.start, this.end));
  }

  private hold(bytes: Buffer, length: number): void {
    this.bytes = bytes;
    this.start = 0;
    this.end = length;
  }
}
