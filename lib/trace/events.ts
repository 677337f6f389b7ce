/** What is told of a request, a response and a frame: plain values, as they go to the page in JSON. */
import { isUtf8 } from 'node:buffer';
import { constants, inflateRawSync } from 'node:zlib';
import { closeCodeOf, type FieldName, opcodeOf, sectionOf } from './words.ts';
import { CLOSE, CONTINUATION, type Header, TEXT } from '../websocket/frame.ts';
import { mask } from '../websocket/mask.ts';

/** Bytes of a payload that are looked at and told. */
export const SHOWN = 512;
/** Bytes of a compressed message, over its fragments, that are inflated to show what is in them; and of the result. */
const MOST_COMPRESSED = 4096, MOST_INFLATED = 1024 * 1024;

const EMPTY = Buffer.alloc(0);

export type Side = 'client' | 'server';

/** One line of a head. */
export interface HeadLine {
  /** 'request line', 'status line', or the field's name as it was written. */
  name: string;
  value: string;
  /** Where in the event's hex it begins, in bytes, and how many it has, with its CRLF. */
  at: number;
  size: number;
  /** Where it is defined: '4.2.1', of RFC 6455, or 'RFC 9110 5'. */
  section: string;
}

/** One field of a frame. */
export interface FrameField {
  name: FieldName;
  /** Where in the frame it begins, and how many it has. */
  bit: number;
  bits: number;
  /** '1', '0x1' (opcode), '126' (length), '37 fa 21 3d' (masking key, payload) */
  value: string;
  /** A name for the value: 'text' */
  means?: string;
}

/** What a frame or a response carries. All hex is without spaces and is of the first 512 bytes at most. */
export interface Payload {
  /** Bytes in all. */
  length: number;
  hex: string;
  /** As it crossed the wire, where that was masked. */
  masked?: string;
  /** Where it is UTF-8: of a fragment what can be told alone. */
  text?: string;
  /** permessage-deflate: what is in it. */
  inflated?: { hex: string; text?: string };
  /** Of a Close. */
  code?: number;
  means?: string;
  reason?: string;
}

/** One thing that has crossed the wire. */
export interface WireEvent {
  /** Counts the connection's events from 1. */
  n: number;
  from: Side;
  /** Of the loop's list: 6 a request, 5 the client's end, 7 a frame; for the server's what has sent it. */
  step: number;
  kind: 'request' | 'response' | 'frame' | 'garbage' | 'end';
  /** Bytes on the wire in all. */
  size: number;
  /** A head as a whole, a frame's header and the first 512 bytes of its payload. */
  hex: string;
  head?: HeadLine[];
  fields?: FrameField[];
  payload?: Payload;
  /** Of a message in several frames: 1 for the first; the message's opcode. */
  fragment?: { index: number; opcode: number; last: boolean };
  /** The bytes came from the watcher's page and not from the client. */
  injected?: true;
  /** The connection ended, or the server stopped reading, before all of it had come. */
  cut?: true;
  /** So many before this one were not told: there were too many at once. */
  lost?: number;
}

/** A message of which frames have come. */
export interface Fragments {
  opcode: number;
  /** How many. */
  index: number;
  compressed: boolean;
  /** Of a compressed one: what has come, and how many inflated bytes have been told. */
  bytes: Buffer;
  told: number;
}

/** The payload of a frame, of which `bytes` has the header and the first 512 bytes of payload at most. */
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
    const all = inflateSoFar(message.bytes), inflated = all.subarray(told, told + SHOWN);
    message.told = all.length;
    const isPart = !header.fin || told + inflated.length < all.length || header.length > plain.length;
    const text = message.opcode === TEXT ? textIn(inflated, 'text', told > 0, isPart) : {};
    payload.inflated = { hex: hexOf(inflated), ...text };
  } else if (message === null || message.opcode === TEXT) {
    const isPart = !header.fin || header.length > plain.length;
    Object.assign(payload, textIn(plain, 'text', header.opcode === CONTINUATION, isPart));
  }
  return payload;
}

/** A frame's fields in their order. */
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
  // A number of JavaScript's has no room for all 64 bits
  if (lengthBits === 64) add('extended length', 16, 64, String(bytes.readBigUInt64BE(2)));
  if (header.masked) add('masking key', size * 8 - 32, 32, spaced(bytes.subarray(size - 4, size)));
  if (header.length > 0) add('payload', size * 8, header.length * 8, spaced(bytes.subarray(size)));
  return fields;
}

/** The lines of a head whose first one begins at `start`. */
export function linesOf(text: string, start: number, from: Side): HeadLine[] {
  let at = start;
  return text.split('\r\n').map((words, i) => {
    const colon = words.indexOf(':'), size = words.length + 2;
    const name = i > 0 ? words.slice(0, Math.max(0, colon)) : from === 'client' ? 'request line' : 'status line';
    at += size;
    return { name, value: i > 0 ? words.slice(colon + 1).trim() : words, at: at - size, size, section: sectionOf(name, from) };
  });
}

/** What can be inflated of a message whose end may be missing. */
function inflateSoFar(bytes: Buffer): Buffer {
  try {
    return inflateRawSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: MOST_INFLATED });
  } catch {
    return EMPTY;
  }
}

/** Bytes that are no frame. */
export function textOf(bytes: Buffer, length: number): Payload {
  const shown = bytes.subarray(0, SHOWN);
  return { length, hex: hexOf(shown), ...textIn(shown, 'text', false, shown.length < length) };
}

/** The bytes as text, under this name; nothing where they are no UTF-8. A part may begin or end inside a character. */
function textIn(
  bytes: Buffer, name: 'text' | 'reason', isLater = false, goesOn = false,
): { text?: string; reason?: string } {
  let start = 0, end = bytes.length;
  while (isLater && start < Math.min(3, end) && (bytes[start]! & 0b1100_0000) === 0b1000_0000) start++;
  for (let back = 1; goesOn && back <= Math.min(3, end - start); back++) {
    const byte = bytes[end - back]!;
    // The first byte of a character: is that whole?
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
