/** The events of a connection: plain values, which the page gets as JSON. */
import { isUtf8 } from 'node:buffer';
import { constants, inflateRawSync } from 'node:zlib';
import { closeCodeOf, type FieldName, opcodeOf, sectionOf } from './words.ts';
import { printableHead } from '../printable.ts';
import { type Context, inflate } from '../websocket/deflate.ts';
import { CLOSE, CONTINUATION, type Header, TEXT } from '../websocket/frame.ts';
import { trimSpaces } from '../websocket/http.ts';
import { mask } from '../websocket/mask.ts';

/** Bytes of a payload that are told. */
export const SHOWN = 512;
/** Lines of a head that are told. */
const MOST_LINES = 64;
/** Bytes of a compressed message, over its fragments, that are inflated; and bytes of the result. */
const MOST_COMPRESSED = 4096, MOST_INFLATED = 1024 * 1024;

const EMPTY = Buffer.alloc(0);

export type Side = 'client' | 'server';

/** One line of a head; its bytes that are UTF-8 as such, others as \xHH. */
export interface HeadLine {
  /** 'request line', 'status line', or the field's name as it was written. */
  name: string;
  value: string;
  /** Bytes: where the line begins in the event's hex, and its length with CRLF. */
  at: number;
  size: number;
  /** Where the line is defined: '4.2.1' (RFC 6455) or 'RFC 9110 5'. */
  section: string;
}

/** What is told of a head. */
interface Head {
  head: HeadLine[];
  /** Lines that are not told. */
  more?: number;
}

/** One field of a frame. */
export interface FrameField {
  name: FieldName;
  /** Bits: where the field begins in the frame, and its length. */
  bit: number;
  bits: number;
  /** '1', '0x1' (opcode), '126' (length), '37 fa 21 3d' (masking key, payload) */
  value: string;
  /** A name for the value: 'text' */
  means?: string;
}

/** The payload of a frame, or the body of a response. All hex is without spaces, 512 bytes at most. */
export interface Payload {
  /** Bytes in all. */
  length: number;
  hex: string;
  /** The bytes on the wire, if they were masked. */
  masked?: string;
  /** The text, if it is UTF-8; of a fragment without cut characters. */
  text?: string;
  /** permessage-deflate: the bytes when inflated, and how many they are. */
  inflated?: { hex: string; length: number; text?: string };
  /** A Close frame's code. */
  code?: number;
  means?: string;
  reason?: string;
}

/** One thing that has crossed the wire. */
export interface WireEvent extends Partial<Head> {
  /** Counts the connection's events from 1. */
  n: number;
  from: Side;
  /** The step of the loop that has read or sent it. */
  step: number;
  kind: 'request' | 'response' | 'frame' | 'garbage' | 'end';
  /** Bytes on the wire. */
  size: number;
  /** The whole head, or the frame's header and the first 512 bytes of its payload. */
  hex: string;
  fields?: FrameField[];
  payload?: Payload;
  /** For a message in several frames: the frame's number from 1, and the message's opcode. */
  fragment?: { index: number; opcode: number; last: boolean };
  /** The page has injected the bytes. */
  injected?: true;
  /** The connection has ended, or the server has stopped reading, before all of it had come. */
  cut?: true;
  /** Events before this one that were not told: there were too many at once. */
  lost?: number;
}

/** A message that has begun. */
export interface Fragments {
  opcode: number;
  /** Frames that have come. */
  index: number;
  compressed: boolean;
  /** If compressed: the bytes that have come and were kept, all that have come, and how many inflated bytes were told. */
  bytes: Buffer;
  size: number;
  told: number;
  /** What it may refer to; null where that is not known. */
  context: Context | null;
}

/** Returns the payload of a frame. `bytes`: its header, and at most 512 bytes of its payload. */
export function payloadOf(bytes: Buffer, header: Header, message: Fragments | null): Payload {
  const wire = bytes.subarray(header.size), plain = Buffer.from(wire);
  mask(plain, header.key);
  const payload: Payload = { length: header.length, hex: hexOf(plain) };
  if (header.masked) payload.masked = hexOf(wire);
  if (header.opcode === CLOSE && plain.length >= 2) {
    payload.code = plain.readUInt16BE();
    payload.means = closeCodeOf(payload.code).name;
    Object.assign(payload, textIn(plain.subarray(2), 'reason'));
  } else if (message?.compressed) {
    const { told } = message;
    if (message.bytes.length + plain.length <= MOST_COMPRESSED) message.bytes = Buffer.concat([message.bytes, plain]);
    const all = inflateSoFar(message), inflated = all.subarray(told, told + SHOWN);
    message.told = all.length;
    const isPart = !header.fin || told + inflated.length < all.length || header.length > plain.length;
    const text = message.opcode === TEXT ? textIn(inflated, 'text', told > 0, isPart) : {};
    payload.inflated = { hex: hexOf(inflated), length: all.length - told, ...text };
  } else if (message === null || message.opcode === TEXT) {
    const isPart = !header.fin || header.length > plain.length;
    Object.assign(payload, textIn(plain, 'text', header.opcode === CONTINUATION, isPart));
  }
  return payload;
}

/** Returns a frame's fields, in order. */
export function fieldsOf(bytes: Buffer, header: Header, payload: Payload): FrameField[] {
  const { opcode, size, lengthBits } = header, first = bytes[0]!;
  const fields: FrameField[] = [];
  const add = (name: FieldName, bit: number, bits: number, value: string | number, means?: string): void => {
    fields.push({ name, bit, bits, value: String(value), ...(means && { means }) });
  };
  add('FIN', 0, 1, first >> 7);
  const compressed = payload.inflated !== undefined && opcode !== CONTINUATION;
  add('RSV1', 1, 1, first >> 6 & 1, compressed ? 'compressed' : undefined);
  add('RSV2', 2, 1, first >> 5 & 1);
  add('RSV3', 3, 1, first >> 4 & 1);
  add('opcode', 4, 4, `0x${opcode.toString(16)}`, opcodeOf(opcode).name);
  add('MASK', 8, 1, bytes[1]! >> 7);
  add('length', 9, 7, bytes[1]! & 0b0111_1111, lengthBits === 7 ? undefined : `${lengthBits} bits follow`);
  if (lengthBits === 16) add('extended length', 16, 16, header.length);
  if (lengthBits === 64) add('extended length', 16, 64, String(bytes.readBigUInt64BE(2)));
  if (header.masked) add('masking key', size * 8 - 32, 32, spaced(bytes.subarray(size - 4, size)));
  if (header.length > 0) add('payload', size * 8, header.length * 8, spaced(bytes.subarray(size)));
  return fields;
}

/** Returns the first lines of a head, which has a character for each byte (latin1), from the byte `start` on. */
export function linesOf(head: string, start: number, from: Side): Head {
  let at = start;
  const all = head.split('\r\n'), more = all.length - MOST_LINES;
  const lines = all.slice(0, MOST_LINES).map((words, i) => {
    const colon = words.indexOf(':'), size = words.length + 2;
    const name = i > 0 ? words.slice(0, Math.max(0, colon)) : from === 'client' ? 'request line' : 'status line';
    at += size;
    // Made when they are read: --trace does without, as it does not show all of a long line
    return {
      get name() { return printableHead(name); },
      get value() { return printableHead(i > 0 ? trimSpaces(words.slice(colon + 1)) : words); },
      at: at - size, size, section: sectionOf(name, from),
    };
  });
  return { head: lines, ...(more > 0 && { more }) };
}

/** Inflates as much as there is. */
function inflateSoFar({ bytes, context }: Fragments): Buffer {
  try {
    const dictionary = context?.bytes ?? EMPTY;
    return inflateRawSync(bytes, { dictionary, finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: MOST_INFLATED });
  } catch {
    return EMPTY;
  }
}

/** Returns what the message after this one may refer to; null where not all of this one is known. */
export function contextAfter({ bytes, size, context }: Fragments): Context | null {
  if (context === null || bytes.length < size) return null;
  try {
    context.push(inflate(bytes, MOST_INFLATED, context.bytes));
    return context;
  } catch {
    return null;
  }
}

/** Returns a payload of bytes that are not a frame. */
export function textOf(bytes: Buffer, length: number): Payload {
  const shown = bytes.subarray(0, SHOWN);
  return { length, hex: hexOf(shown), ...textIn(shown, 'text', false, shown.length < length) };
}

/** Returns UTF-8 as text, under this name. A part of a text may begin (isLater) or end (goesOn) inside a character. */
function textIn(
  bytes: Buffer, name: 'text' | 'reason', isLater = false, goesOn = false,
): { text?: string; reason?: string } {
  let start = 0, end = bytes.length;
  while (isLater && start < Math.min(3, end) && (bytes[start]! & 0b1100_0000) === 0b1000_0000) start++;
  for (let back = 1; goesOn && back <= Math.min(3, end - start); back++) {
    const byte = bytes[end - back]!;
    // The first byte of a character that may be cut
    if (byte >= 0b1100_0000 && !isUtf8(bytes.subarray(end - back))) end -= back;
    if (byte >= 0b1100_0000 || byte < 0b1000_0000) break;
  }
  const text = bytes.subarray(start, end);
  return isUtf8(text) ? { [name]: text.toString() } : {};
}

function hexOf(bytes: Buffer): string {
  return bytes.toString('hex');
}

function spaced(bytes: Buffer): string {
  return bytes.toString('hex').replace(/..(?=.)/g, '$& ');
}
