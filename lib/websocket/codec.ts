/** From frames to messages and back (RFC 6455 5 and 6): the article's getMsg and buildMsg. */
import { isUtf8 } from 'node:buffer';
import { checkClose, INVALID_PAYLOAD, PROTOCOL_ERROR, ProtocolError, TOO_BIG } from './close.ts';
import type { Extension } from './extensions.ts';
import { BINARY, CLOSE, CONTINUATION, type Header, isControl, PING, PONG, readHeader, TEXT } from './frame.ts';
import { Inbox } from './inbox.ts';
import { mask } from './mask.ts';
import { Frame, Message } from './message.ts';
import { Pieces } from './pieces.ts';
import { Utf8 } from './utf8.ts';

export { BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT } from './frame.ts';

/** Bytes of one message, over all its fragments, unless another limit is given. */
export const MAX_PAYLOAD = 16 * 1024 * 1024;
const MAX_CONTROL = 125;
/** Bytes that are read at once. */
const READ = 64 * 1024;

/** A message's opcode -> the opcode of its answer. RFC 6455 5.5.2: a Ping gets a Pong. */
const ANSWERS: Record<number, number> = { [TEXT]: TEXT, [BINARY]: BINARY, [CLOSE]: CLOSE, [PING]: PONG, [PONG]: PONG };

/** An inbox whose bytes are frames, once the handshake has been taken out: it also keeps a message that has begun. */
export class FrameInbox extends Inbox {
  /** What was agreed on in the handshake. */
  extension: Extension | null = null;
  /** How many whole messages getMsg has taken out. */
  messages = 0;
  /** Bytes that a message of this client's may have, over all its fragments and inflated. */
  readonly maxPayload: number;
  /** getMsg's own: a message that has begun, and whether a whole one may be waiting. */
  begun: Begun | null = null;
  isDrained = true;

  constructor(maxPayload = MAX_PAYLOAD) {
    super();
    this.maxPayload = maxPayload;
  }

  /** How many bytes to read next: none before getMsg has returned null, so that an end is read behind all messages. */
  get room(): number {
    return this.isDrained ? READ : 0;
  }

  /** Bytes that are kept for this client: unused ones, and those of the message that has begun. */
  get held(): number {
    return this.length + (this.begun?.pieces.length ?? 0);
  }

  /** Whether a frame has begun and is not whole. */
  get isInsideFrame(): boolean {
    return this.length > 0 || (this.begun?.left ?? 0) > 0;
  }
}

/** A message of which a frame has begun, and that frame. */
class Begun {
  readonly opcode: number;
  /** An extension has changed the message. */
  readonly isEncoded: boolean;
  readonly pieces = new Pieces();
  /** What is encoded can be checked only when it is decoded. */
  readonly utf8: Utf8 | null;
  /** The frame, and how many bytes of its payload are still to come. */
  frame: Header;
  left: number;

  constructor(header: Header) {
    this.opcode = header.opcode;
    this.isEncoded = header.rsv !== 0;
    this.utf8 = header.opcode === TEXT && !this.isEncoded ? new Utf8() : null;
    this.frame = header;
    this.left = header.length;
  }
}

/**
 * Takes the next message out of the inbox (RFC 6455 6.2).
 * @returns null when none is whole yet: call again when more has come
 * @throws ProtocolError, with the close code, as soon as the bytes cannot become a message any more; read nothing more
 *   of that client then, nor after a Close
 */
export function getMsg(inbox: FrameInbox): Message | null {
  inbox.isDrained = false;
  do {
    const { begun } = inbox;
    if (begun === null || begun.left === 0) {
      const header = nextHeader(inbox);
      if (header === null) break;
      const isWhole = inbox.length >= header.size + header.length;
      if (isControl(header.opcode) && !isWhole) break;
      inbox.skip(header.size);
      if (isControl(header.opcode) || (isWhole && header.fin && begun === null)) return wholeMessage(inbox, header);
      begin(inbox, header);
    }
    const message = proceed(inbox);
    if (message !== null) return message;
  } while (inbox.length > 0);
  inbox.trim();
  inbox.isDrained = true;
  return null;
}

/** The header of the next frame, if it is whole; checked as far as it is there. Nothing is taken out. */
function nextHeader(inbox: FrameInbox): Header | null {
  const { buffer, start, length } = inbox, header = readHeader(buffer, start, start + length);
  if (header === null) return null;
  check(header, inbox);
  return header.length === -1 || length < header.size ? null : header;
}

/** @throws ProtocolError 1002 or 1009 where this header cannot be the next one of this client's */
function check(header: Header, inbox: FrameInbox): void {
  const { rsv, opcode, masked, length, lengthBits } = header;
  if (rsv !== 0) checkReserved(header, inbox);
  // RFC 6455 5.1: a server closes on an unmasked frame
  if (!masked) throw broken('it is not masked');
  if (opcode > BINARY) return checkControl(header);
  // RFC 6455 5.4: the fragments of one message are not interleaved with another's
  if (opcode === CONTINUATION && inbox.begun === null) throw broken('a continuation of no message');
  if (opcode !== CONTINUATION && inbox.begun !== null) throw broken('a new message inside of another');
  if (lengthBits > 7) checkLength(header);
  // RFC 6455 10.4: checked as soon as it is known, before any of it is kept
  if (length + (inbox.begun?.pieces.length ?? 0) > inbox.maxPayload) throw tooBig(inbox);
}

/** RFC 6455 5.2: a reserved bit without an extension that defines it. RFC 7692 6: on a message's first frame only */
function checkReserved({ rsv, opcode }: Header, { extension }: FrameInbox): void {
  if (rsv === extension?.rsv && (opcode === TEXT || opcode === BINARY)) return;
  throw broken(`reserved bits ${(rsv >> 4).toString(2).padStart(3, '0')} are set`);
}

function checkControl({ fin, opcode, length, lengthBits }: Header): void {
  // RFC 6455 5.2: an opcode without a meaning
  if (opcode < CLOSE || opcode > PONG) throw broken(`opcode 0x${opcode.toString(16)} is reserved`);
  // RFC 6455 5.5: control frames are not fragmented and have at most 125 bytes
  if (!fin) throw broken('a control frame is fragmented');
  if (lengthBits > 7 || length > MAX_CONTROL) throw broken('a control frame has more than 125 bytes');
}

/** RFC 6455 5.2: the highest bit of 64 is 0, and the shortest form is used */
function checkLength({ length, lengthBits }: Header): void {
  if (length >= 2 ** 63) throw broken('its length has the highest bit set');
  if (length >= 0 && length < (lengthBits === 16 ? 126 : 65536)) throw broken(`length ${length} takes more bytes than it needs`);
}

/** A message in one frame, all of it there. Control frames are always such, between a message's fragments too. */
function wholeMessage(inbox: FrameInbox, { opcode, rsv, length, key }: Header): Message {
  const { buffer, start } = inbox, end = start + length;
  const isAscii = mask(buffer, key, 0, start, end);
  inbox.skip(length);
  inbox.messages++;
  if (rsv !== 0) return decoded(inbox, opcode, buffer.subarray(start, end));
  if (opcode === TEXT && !isAscii && !isUtf8(buffer.subarray(start, end))) throw notUtf8();
  if (opcode === CLOSE) checkClose(buffer.subarray(start, end));
  return new Message(opcode, buffer, start, end);
}

function decoded({ extension, maxPayload }: FrameInbox, opcode: number, encoded: Buffer): Message {
  const payload = extension!.decode(encoded, maxPayload);
  if (opcode === TEXT && !isUtf8(payload)) throw notUtf8();
  return new Message(opcode, payload);
}

/** Notes a data frame whose header has been taken out. */
function begin(inbox: FrameInbox, header: Header): void {
  if (inbox.begun === null) {
    inbox.begun = new Begun(header);
  } else {
    inbox.begun.frame = header;
    inbox.begun.left = header.length;
  }
}

/** Takes as much of the begun frame's payload as has come; returns the message, if that was its end. */
function proceed(inbox: FrameInbox): Message | null {
  const begun = inbox.begun!, { frame: { fin, length, key }, utf8, pieces } = begun;
  const piece = inbox.take(Math.min(begun.left, inbox.length));
  mask(piece, key, length - begun.left);
  begun.left -= piece.length;
  if (utf8?.push(piece) === false) throw notUtf8();
  // How many bytes follow is known where this is the last frame
  pieces.push(piece, fin ? begun.left : Infinity);
  if (!fin || begun.left > 0) return null;
  // RFC 6455 5.6: a fragment may end inside of a code point, the message may not
  if (utf8?.isWhole() === false) throw notUtf8();
  inbox.begun = null;
  inbox.messages++;
  if (begun.isEncoded) return decoded(inbox, begun.opcode, pieces.join());
  const [first = Buffer.alloc(0), ...rest] = pieces.list();
  return new Message(begun.opcode, first, 0, first.length, rest);
}

function tooBig({ maxPayload }: FrameInbox): ProtocolError {
  return new ProtocolError(TOO_BIG, `Cannot read message: it has more than ${maxPayload} bytes`);
}

/** RFC 6455 8.1: a text that is not UTF-8 */
function notUtf8(): ProtocolError {
  return new ProtocolError(INVALID_PAYLOAD, 'Cannot read message: text is not UTF-8');
}

function broken(what: string): ProtocolError {
  return new ProtocolError(PROTOCOL_ERROR, `Cannot read frame: ${what}`);
}

/**
 * The frame that carries a payload to a client: FIN set, not masked (RFC 6455 6.1 and 5.1). It may be sent to any
 * client, and to many: a client that has agreed on an extension has a filter that encodes it (Request.filter).
 * @param payload a message, which is answered with its own payload: not copied before socket_write, so do not change it
 *   in between; bytes, the same; or a string, which goes out as UTF-8
 * @param opcode without it a message is answered by its kind (a Ping with a Pong), anything else is a text
 */
export function buildMsg(payload: Message | Uint8Array | string, opcode?: number): Frame {
  if (payload instanceof Message) return new Frame(payload, opcode ?? ANSWERS[payload.opcode]!);
  const { buffer, byteOffset, byteLength } = typeof payload === 'string' ? Buffer.from(payload) : payload;
  return new Frame(new Message(opcode ?? TEXT, Buffer.from(buffer, byteOffset, byteLength)), opcode ?? TEXT);
}
