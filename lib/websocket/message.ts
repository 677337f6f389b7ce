/**
 * A message, and the frame that answers it. Neither makes a Buffer until one is needed.
 *
 * A read may bring a hundred short messages, and making a Buffer takes as long as unmasking and echoing one of them.
 * So a message remembers where its payload lies, and the frame is put together where it is sent. Large payloads are not
 * copied.
 *
 *     what was read   81 85 37 fa 21 3d 48 65 6c 6c 6f 81 85 ...      unmasked in place
 *                                       ^ start        ^ end
 *     what is sent    ... 81 05 48 65 6c 6c 6f ...                    a header, and a copy
 */
import type { Extension } from './extensions.ts';
import { FIN, headerSize, isControl, OPCODE, TEXT, writeHeader } from './frame.ts';

const NONE: readonly Buffer[] = [];
/** Bytes. Up to this a loop copies faster than set(), which needs a view. */
const SHORT = 128;

/** A complete text or binary message, or a control frame. */
export class Message {
  /** TEXT, BINARY, CLOSE, PING or PONG */
  readonly opcode: number;
  /** Bytes of payload. */
  readonly length: number;
  private bytes: Buffer;
  private start: number;
  private end: number;
  private rest: readonly Buffer[];

  /** The payload: `bytes` from `start` up to `end`, then the pieces in `rest`. */
  constructor(opcode: number, bytes: Buffer, start = 0, end = bytes.length, rest = NONE) {
    this.opcode = opcode;
    this.length = end - start;
    for (const piece of rest) this.length += piece.length;
    this.bytes = bytes;
    this.start = start;
    this.end = end;
    this.rest = rest;
  }

  /** The payload is UTF-8. */
  get isText(): boolean {
    return this.opcode === TEXT;
  }

  /**
   * The payload, unmasked, as a view of what was read. Keeping it keeps the whole read in memory (64 KiB); changing it
   * changes the answer that buildMsg makes of this message.
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

  /** Returns the first `count` bytes of the payload, or all if there are fewer. */
  beginning(count: number): Buffer {
    const end = this.start + count;
    if (end <= this.end || this.rest.length === 0) return this.bytes.subarray(this.start, Math.min(end, this.end));
    return Buffer.concat(this.parts(), Math.min(count, this.length));
  }

  /** Returns the payload as it lies in memory: views, in order. */
  parts(): Buffer[] {
    return [this.bytes.subarray(this.start, this.end), ...this.rest];
  }

  /** Copies the payload into `target` from index `at` on. It must fit. */
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

/** A server's frame (RFC 6455 5.2), FIN set and not masked. socket_write takes it. */
export class Frame {
  /** Bytes, header included. */
  readonly length: number;
  private readonly message: Message;
  private readonly first: number;
  /** The encoded frames, by encoder: a message to all clients is encoded once. */
  private known: Map<Extension['encode'], Frame> | null = null;

  /** @param first opcode and reserved bits of the first byte; FIN is added */
  constructor(message: Message, first: number) {
    this.length = headerSize(message.length) + message.length;
    this.message = message;
    this.first = FIN | first;
  }

  /** The frame in one Buffer, a copy. */
  get bytes(): Buffer {
    return Buffer.concat(this.parts(), this.length);
  }

  /** Writes the frame into `target` from index `at` on. It must fit. */
  copyTo(target: Buffer, at: number): void {
    this.message.copyTo(target, writeHeader(target, at, this.first, this.message.length));
  }

  /** Returns the header, then the payload as it lies in memory. */
  parts(): Buffer[] {
    const { message, first } = this, header = Buffer.allocUnsafe(headerSize(message.length));
    writeHeader(header, 0, first, message.length);
    return [header, ...message.parts()];
  }

  /** Returns the frame for a client with this extension; this frame itself when the extension leaves it alone. */
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

/** Returns a filter that encodes frames with this extension, and passes on what is not a frame. */
export function encoding(extension: Extension): <Data>(data: Data) => Data | Frame {
  return (data) => data instanceof Frame ? data.encoded(extension) : data;
}
