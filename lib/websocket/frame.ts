/**
 * Frames (RFC 6455 5): getMsg takes the next message out of an inbox, buildMsg makes the frame that answers it.
 *
 *      0               1               2               3
 *      0 1 2 3 4 5 6 7 0 1 2 3 4 5 6 7 0 1 2 3 4 5 6 7 0 1 2 3 4 5 6 7
 *     +-+-+-+-+-------+-+-------------+-------------------------------+
 *     |F|R|R|R| opcode|M|   length    |  126: 16 bits, 127: 64 bits   |
 *     +-+-+-+-+-------+-+-------------+-------------------------------+
 *     |  masking key, if M            |  payload ...                  |
 *
 *     client  81 85 37 fa 21 3d 7f 9f 4d 51 58     "Hello", masked
 *     server  81 05 48 65 6c 6c 6f                 "Hello"
 */
import { isUtf8 } from 'node:buffer';
import { checkClose, INVALID_PAYLOAD, PROTOCOL_ERROR, ProtocolError, TOO_BIG } from './close.ts';
import { type Deflate, deflate, inflate } from './deflate.ts';
import type { Inbox } from './inbox.ts';
import { mask } from './mask.ts';
import { Frame, Message } from './message.ts';
import { Pieces } from './pieces.ts';
import { Utf8 } from './utf8.ts';

export { Frame, Message };

/** RFC 6455 5.2 */
export const CONTINUATION = 0x0, TEXT = 0x1, BINARY = 0x2, CLOSE = 0x8, PING = 0x9, PONG = 0xa;

/** A message's opcode -> that of its answer. RFC 6455 5.5.2: a Ping gets a Pong. */
export const reply: Record<number, number> = { [TEXT]: TEXT, [BINARY]: BINARY, [PING]: PONG, [CLOSE]: CLOSE };

const FIN = 0b1000_0000, RSV = 0b0111_0000, OPCODE = 0b0000_1111;
/** RFC 7692 6: this message is compressed. */
const RSV1 = 0b0100_0000;
const MASK = 0b1000_0000, LENGTH = 0b0111_1111;
/** In the 7 bits of the length: the real one follows in 16 or 64 bits. */
const LENGTH_16 = 126, LENGTH_64 = 127;
const MAX_CONTROL = 125;

/** Bytes of one message, over all its fragments, where the inbox knows no other limit. */
export const MAX_PAYLOAD = 16 * 1024 * 1024;

/** What getMsg has begun and not finished. */
export class Reading {
  /** Of the message: TEXT or BINARY; CONTINUATION when none has begun. */
  opcode: number = CONTINUATION;
  compressed = false;
  pieces = new Pieces();
  utf8: Utf8 | null = null;
  /** Of the frame: its payload's length, how many bytes of it are still to come, its FIN bit and its masking key. */
  length = 0;
  left = 0;
  fin = true;
  key = 0;
}

interface Header {
  fin: boolean;
  compressed: boolean;
  opcode: number;
  /** Bytes of payload. */
  length: number;
  /** As mask() takes it. */
  key: number;
  /** Bytes of the header itself. */
  size: number;
}

/**
 * Takes the next message out of the inbox (RFC 6455 6.2).
 * @returns null when none is whole yet: call again when more has come
 * @throws ProtocolError, with the close code, as soon as the bytes cannot become a message any more;
 *   read nothing more of that client then, nor after a Close
 */
export function getMsg(inbox: Inbox): Message | null {
  do {
    let { reading } = inbox;
    if (reading === null || reading.left === 0) {
      const header = readHeader(inbox, reading);
      if (header === null) break;
      const isWhole = inbox.length >= header.size + header.length;
      if (isControl(header.opcode) && !isWhole) break;
      inbox.skip(header.size);
      if (isControl(header.opcode) || (isWhole && header.fin && reading === null)) return whole(inbox, header);
      reading = begin(inbox, header);
    }
    const message = proceed(inbox, reading);
    if (message !== null) return message;
  } while (inbox.length > 0);
  inbox.trim();
  return null;
}

/**
 * The header of the next frame, checked; nothing is taken out of the inbox.
 * @returns null when it is not whole
 */
function readHeader(inbox: Inbox, reading: Reading | null): Header | null {
  if (inbox.length < 2) return null;
  const first = inbox.at(0), second = inbox.at(1);
  const fin = (first & FIN) !== 0, opcode = first & OPCODE;
  // RFC 7692 6: RSV1 on the first frame of a message only
  const compressed = (first & RSV) === RSV1 && inbox.deflate !== null && (opcode === TEXT || opcode === BINARY);
  // RFC 6455 5.2: a reserved bit without an extension that defines it
  if ((first & RSV) !== 0 && !compressed) {
    throw broken(`reserved bits ${((first & RSV) >> 4).toString(2).padStart(3, '0')} are set`);
  }
  // RFC 6455 5.2: an opcode without a meaning
  if ((opcode > BINARY && opcode < CLOSE) || opcode > PONG) throw broken(`opcode 0x${opcode.toString(16)} is reserved`);
  // RFC 6455 5.1: a server closes on an unmasked frame
  if ((second & MASK) === 0) throw broken('it is not masked');
  let length = second & LENGTH, size = 2;
  if (isControl(opcode)) {
    // RFC 6455 5.5: control frames are not fragmented and have at most 125 bytes
    if (!fin) throw broken('a control frame is fragmented');
    if (length > MAX_CONTROL) throw broken('a control frame has more than 125 bytes');
  } else {
    const begun = reading !== null && reading.opcode !== CONTINUATION;
    // RFC 6455 5.4: the fragments of one message are not interleaved with another's
    if (opcode === CONTINUATION && !begun) throw broken('a continuation of no message');
    if (opcode !== CONTINUATION && begun) throw broken('a new message inside of another');
  }
  if (length === LENGTH_16) {
    if (inbox.length < (size += 2)) return null;
    length = readNumber(inbox, 2, 2);
    // RFC 6455 5.2: the shortest form is used
    if (length < LENGTH_16) throw broken(`length ${length} takes more bytes than it needs`);
  } else if (length === LENGTH_64) {
    if (inbox.length < (size += 8)) return null;
    // RFC 6455 5.2: the highest bit of 64 is 0
    if (inbox.at(2) >= 0b1000_0000) throw broken('its length has the highest bit set');
    length = readNumber(inbox, 2, 8);
    if (length < 65536) throw broken(`length ${length} takes more bytes than it needs`);
  }
  // RFC 6455 10.4: checked as soon as it is known, before any of it is kept
  if (!isControl(opcode) && length + (reading?.pieces.length ?? 0) > inbox.maxPayload) {
    throw new ProtocolError(TOO_BIG, `Cannot read message: it has more than ${inbox.maxPayload} bytes`);
  }
  if (inbox.length < size + 4) return null;
  const key = inbox.at(size) | inbox.at(size + 1) << 8 | inbox.at(size + 2) << 16 | inbox.at(size + 3) << 24;
  return { fin, compressed, opcode, length, key, size: size + 4 };
}

/** A message in one frame, all of it there. Control frames are always such, between a message's fragments too. */
function whole(inbox: Inbox, { compressed, opcode, length, key }: Header): Message {
  const { bytes, start } = inbox, end = start + length;
  const isAscii = mask(bytes, key, 0, start, end);
  inbox.skip(length);
  inbox.messages++;
  if (compressed) return inflated(inbox, opcode, bytes.subarray(start, end));
  if (opcode === TEXT && !isAscii && !isUtf8(bytes.subarray(start, end))) throw notUtf8();
  if (opcode === CLOSE) checkClose(bytes.subarray(start, end));
  return new Message(opcode, bytes, start, end);
}

function inflated({ maxPayload }: Inbox, opcode: number, compressed: Buffer): Message {
  const payload = inflate(compressed, maxPayload);
  if (opcode === TEXT && !isUtf8(payload)) throw notUtf8();
  return new Message(opcode, payload);
}

/** Notes a data frame whose header has been taken out. */
function begin(inbox: Inbox, { fin, compressed, opcode, length, key }: Header): Reading {
  const reading = inbox.reading ??= new Reading();
  if (opcode !== CONTINUATION) {
    reading.opcode = opcode;
    reading.compressed = compressed;
    // What is compressed can be checked only when it is inflated
    reading.utf8 = opcode === TEXT && !compressed ? new Utf8() : null;
  }
  reading.length = reading.left = length;
  reading.fin = fin;
  reading.key = key;
  return reading;
}

/** Takes as much of the begun frame's payload as has come; returns the message, if that was its end. */
function proceed(inbox: Inbox, reading: Reading): Message | null {
  const piece = inbox.take(Math.min(reading.left, inbox.length));
  mask(piece, reading.key, reading.length - reading.left);
  reading.left -= piece.length;
  if (reading.utf8?.push(piece) === false) throw notUtf8();
  // What follows is known where this is the last frame
  reading.pieces.push(piece, reading.fin ? reading.left : Infinity);
  if (!reading.fin || reading.left > 0) return null;
  // RFC 6455 5.6: a fragment may end inside of a code point, the message may not
  if (reading.utf8?.isWhole() === false) throw notUtf8();
  inbox.reading = null;
  inbox.messages++;
  const { opcode, compressed, pieces } = reading;
  if (compressed) return inflated(inbox, opcode, pieces.join());
  const [first = Buffer.alloc(0), ...rest] = pieces.list();
  return new Message(opcode, first, 0, first.length, rest);
}

function isControl(opcode: number): boolean {
  return opcode >= CLOSE;
}

/** Network byte order. Exact up to 2^53; what is above is refused for its size all the same. */
function readNumber(inbox: Inbox, from: number, count: number): number {
  let number = 0;
  for (let i = from; i < from + count; i++) number = number * 256 + inbox.at(i);
  return number;
}

/** RFC 6455 8.1: a text that is not UTF-8 */
function notUtf8(): ProtocolError {
  return new ProtocolError(INVALID_PAYLOAD, 'Cannot read message: text is not UTF-8');
}

function broken(what: string): ProtocolError {
  return new ProtocolError(PROTOCOL_ERROR, `Cannot read frame: ${what}`);
}

/**
 * The frame that carries a payload to a client: FIN set, not masked (RFC 6455 6.1 and 5.1).
 * @param payload bytes, which are copied; a string, which goes out as UTF-8; or a message, which is answered with its
 *   own payload: not copied before socket_write, so do not change it in between
 * @param agreed what was agreed on with this client: text and binary are compressed where that makes them shorter
 * @returns the frame's bytes; of a message something that has their length and is for socket_write
 */
export function buildMsg(payload: Uint8Array | string, opcode?: number, agreed?: Deflate | null): Buffer;
export function buildMsg(payload: Message, opcode?: number, agreed?: Deflate | null): Frame;
export function buildMsg(
  payload: Uint8Array | string | Message, opcode: number = TEXT, agreed: Deflate | null = null,
): Buffer | Frame {
  if (payload instanceof Message) return frameOf(payload, opcode, agreed);
  const { buffer, byteOffset, byteLength } = typeof payload === 'string' ? Buffer.from(payload) : payload;
  const message = new Message(opcode, Buffer.from(buffer, byteOffset, byteLength));
  return Buffer.concat(frameOf(message, opcode, agreed).parts());
}

function frameOf(message: Message, opcode: number, agreed: Deflate | null): Frame {
  // RFC 7692 6.1: control frames are never compressed
  const compressed = agreed === null || isControl(opcode) ? null : deflate(message.payload, agreed);
  return compressed === null ? new Frame(message, opcode) : new Frame(new Message(opcode, compressed), opcode | RSV1);
}
