/**
 * A message and its answer, without a Buffer of their own.
 *
 * To make a Buffer, a view of some bytes, takes as long as to unmask and echo a short message, and a read brings a
 * hundred of those. So a message only remembers where its payload lies in what was read, and its answer is put together
 * where it is sent from. A large message is not copied at all.
 *
 *     what was read   81 85 37 fa 21 3d 48 65 6c 6c 6f 81 85 ...      unmasked in place
 *                                       ^ start        ^ end
 *     what is sent    ... 81 05 48 65 6c 6c 6f ...                    a header, and a copy of that
 */
import type { Extension } from './extensions.ts';
import { FIN, headerSize, isControl, OPCODE, TEXT, writeHeader } from './frame.ts';

const NONE: readonly Buffer[] = [];
/** Up to this many bytes a loop copies faster than set(), which wants a view. */
const SHORT = 128;

/** What a client has said: a text or binary message, whole, or a control frame. */
export class Message {
  /** TEXT, BINARY, CLOSE, PING or PONG */
  readonly opcode: number;
  /** Bytes of payload. */
  readonly length: number;
  private bytes: Buffer;
  private start: number;
  private end: number;
  private rest: readonly Buffer[];

  /** The payload is what lies in `bytes` from `start` up to `end`, and behind it the pieces in `rest`. */
  constructor(opcode: number, bytes: Buffer, start = 0, end = bytes.length, rest = NONE) {
    this.opcode = opcode;
    this.length = end - start;
    for (const piece of rest) this.length += piece.length;
    this.bytes = bytes;
    this.start = start;
    this.end = end;
    this.rest = rest;
  }

  /** Whether the payload is UTF-8. */
  get isText(): boolean {
    return this.opcode === TEXT;
  }

  /**
   * The payload as a Buffer: unmasked; UTF-8 where the opcode is TEXT. A view of what was read, made when it is asked
   * for. It is the caller's: it may be kept (which keeps the whole read in memory), and a change in it before buildMsg
   * changes the answer too.
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

  /** The payload as it lies in memory: views, in order. */
  parts(): Buffer[] {
    return [this.bytes.subarray(this.start, this.end), ...this.rest];
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
  /** This frame as an extension has encoded it, by its encoder: a message to everybody is encoded once. */
  private known: Map<Extension['encode'], Frame> | null = null;

  /** @param first the first byte: the opcode, and the reserved bits that are set beside it; FIN is added */
  constructor(message: Message, first: number) {
    this.length = headerSize(message.length) + message.length;
    this.message = message;
    this.first = FIN | first;
  }

  /** All of it in one Buffer, a copy. */
  get bytes(): Buffer {
    return Buffer.concat(this.parts(), this.length);
  }

  /** Puts it together in `target`, from index `at` on; it has to fit. */
  copyTo(target: Buffer, at: number): void {
    this.message.copyTo(target, writeHeader(target, at, this.first, this.message.length));
  }

  /** The header, and the payload as it lies in memory. */
  parts(): Buffer[] {
    const { message, first } = this, header = Buffer.allocUnsafe(headerSize(message.length));
    writeHeader(header, 0, first, message.length);
    return [header, ...message.parts()];
  }

  /** The frame for a client that has agreed on an extension; this one where that changes nothing. */
  encoded({ encode, rsv }: Extension): Frame {
    const { message, first } = this;
    // RFC 7692 6.1: control frames are never compressed
    if (isControl(first & OPCODE)) return this;
    let frame = this.known?.get(encode);
    if (frame === undefined) {
      const payload = encode(message.payload);
      frame = payload === null ? this : new Frame(new Message(message.opcode, payload), first | rsv);
      this.known ??= new Map();
      this.known.set(encode, frame);
    }
    return frame;
  }
}

/** A filter for what is written to such a client: it encodes frames, and leaves alone whatever is none. */
export function encoding(extension: Extension): <Data>(data: Data) => Data | Frame {
  return (data) => data instanceof Frame ? data.encoded(extension) : data;
}
