/**
 * A message and its answer without a Buffer of their own.
 *
 * To make a Buffer, a view of some bytes, takes as long as to unmask and echo a short message. A hundred of those come
 * in one read; so each only remembers where its payload stands in there, and where its answer is put together is the
 * memory from which it is sent.
 *
 *     what was read   81 85 37 fa 21 3d 48 65 6c 6c 6f 81 85 ...      unmasked where it stands
 *                                       ^ start        ^ end
 *     what is sent    ... 81 05 48 65 6c 6c 6f ...                    a header, and a copy of that
 *
 * A large message is not even copied: what was read is sent. A server's header is four bytes shorter than a client's, so
 * that of the answer is written where the message's own has stood; a message of many reads is sent in its pieces.
 */

const NONE: Buffer[] = [];
/** Up to so many bytes a loop copies faster than set(), which wants a view. */
const SHORT = 128;
const FIN = 0b1000_0000;
/** In the 7 bits of the length: the real one follows in 16 or 64 bits. */
const LENGTH_16 = 126, LENGTH_64 = 127;

/** What a client has said: a text or binary message, whole, or a control frame. */
export class Message {
  /** TEXT, BINARY, CLOSE, PING or PONG */
  readonly opcode: number;
  /** Bytes of payload. */
  readonly length: number;
  private bytes: Buffer;
  private start: number;
  private end: number;
  private rest: Buffer[];
  /** The first byte of the header that stands before the payload now; 0: none does. */
  private framed = 0;

  /**
   * The payload is what stands in `bytes` from `start` up to `end`, and behind it the pieces in `rest`. What stands
   * before it in `bytes` is used up, and may be written over.
   */
  constructor(opcode: number, bytes: Buffer, start = 0, end = bytes.length, rest = NONE) {
    this.opcode = opcode;
    this.length = end - start;
    for (const piece of rest) this.length += piece.length;
    this.bytes = bytes;
    this.start = start;
    this.end = end;
    this.rest = rest;
  }

  /**
   * The payload as a Buffer: unmasked; UTF-8 where the opcode is TEXT. A view on what was read, made when it is asked
   * for. It is the caller's: it may be kept (and keeps the whole read in memory then), and what is changed in it before
   * buildMsg is changed in the answer too.
   */
  get payload(): Buffer {
    if (this.rest.length > 0) {
      this.bytes = Buffer.concat(this.parts(), this.length);
      this.start = 0;
      this.end = this.length;
      this.rest = NONE;
    }
    return this.bytes.subarray(this.start, this.end);
  }

  /** The first `count` bytes of the payload, or all of a shorter one; the rest is not touched. */
  beginning(count: number): Buffer {
    const end = this.start + count;
    if (end <= this.end || this.rest.length === 0) return this.bytes.subarray(this.start, Math.min(end, this.end));
    return Buffer.concat(this.parts(), Math.min(count, this.length));
  }

  /** The payload as it stands in memory: views in their order. */
  parts(): Buffer[] {
    return [this.bytes.subarray(this.start, this.end), ...this.rest];
  }

  /**
   * The payload in one view, behind `size` bytes of room for a header that begins with `first`.
   * @returns null where there is no room; nor is there when an answer with another header may be on its way from it
   */
  withRoom(size: number, first: number): Buffer | null {
    if (this.rest.length > 0 || this.start < size || (this.framed !== 0 && this.framed !== first)) return null;
    this.framed = first;
    return this.bytes.subarray(this.start - size, this.end);
  }

  /** Copies the payload into `target`, from index `at` on; it has to fit. */
  copyTo(target: Buffer, at: number): void {
    if (this.length <= SHORT && this.rest.length === 0) {
      const { bytes, start, end } = this;
      for (let i = start; i < end; i++) target[at++] = bytes[i]!;
    } else {
      for (const part of this.parts()) {
        target.set(part, at);
        at += part.length;
      }
    }
  }
}

/** A server's frame (RFC 6455 5.2), FIN set, not masked: a header, and a message's payload. What socket_write takes. */
export class Frame {
  /** Bytes of all of it. */
  readonly length: number;
  private readonly message: Message;
  private readonly first: number;

  /** @param bits the opcode, and the reserved bits that are set beside it in the first byte */
  constructor(message: Message, bits: number) {
    this.length = headerSize(message.length) + message.length;
    this.message = message;
    this.first = FIN | bits;
  }

  /** Puts it together in `target`, from index `at` on; it has to fit. */
  copyTo(target: Buffer, at: number): void {
    this.message.copyTo(target, this.writeHeader(target, at));
  }

  /** It in its order: the payload as it stands in memory, the header before it, or where there is no room its own. */
  parts(): Buffer[] {
    const { message, first } = this;
    const size = headerSize(message.length), framed = message.withRoom(size, first);
    const header = framed ?? Buffer.allocUnsafe(size);
    this.writeHeader(header, 0);
    return framed !== null ? [framed] : [header, ...message.parts()];
  }

  /** @returns the index behind it */
  private writeHeader(target: Buffer, at: number): number {
    const { length } = this.message;
    target[at] = this.first;
    if (length < LENGTH_16) {
      target[at + 1] = length;
      return at + 2;
    }
    if (length < 65536) {
      target[at + 1] = LENGTH_16;
      return target.writeUInt16BE(length, at + 2);
    }
    target[at + 1] = LENGTH_64;
    target.writeUInt32BE(Math.floor(length / 2 ** 32), at + 2);
    return target.writeUInt32BE(length % 2 ** 32, at + 6);
  }
}

function headerSize(length: number): number {
  return length < LENGTH_16 ? 2 : length < 65536 ? 4 : 10;
}
