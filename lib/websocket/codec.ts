/** The article's getMsg and buildMsg: from frames to messages and back (RFC 6455 5 and 6). */
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

/** Bytes of one message, over all its fragments, when no other limit is given. */
export const MAX_PAYLOAD = 16 * 1024 * 1024;
const MAX_CONTROL = 125;
/** Bytes of one read. */
const READ = 64 * 1024;
/** Work of a frame besides its payload, and of decoding besides its result. */
const FRAME_WORK = 512, DECODE_WORK = 16 * 1024;
/** Frames that one call of getMsg reads: a message of a million empty fragments must not keep the caller. */
const MOST_FRAMES = 64;

/** Maps a message's opcode to that of its answer (RFC 6455 5.5.2). The loop does not answer a Pong. */
const ANSWERS: Record<number, number> = { [TEXT]: TEXT, [BINARY]: BINARY, [CLOSE]: CLOSE, [PING]: PONG, [PONG]: PONG };

/** An inbox for frames. Besides the bytes it keeps the message that has begun. */
export class FrameInbox extends Inbox {
  /** The extension that the handshake has agreed on. */
  extension: Extension | null = null;
  /** Messages that getMsg has returned so far. */
  messages = 0;
  /** Work of getMsg so far, counted in bytes of payload. */
  work = 0;
  /** Bytes that one message may have, over all its fragments and decompressed. */
  readonly maxPayload: number;
  /** For getMsg: the message that has begun. */
  begun: Begun | null = null;
  /** For getMsg: a message that another thread decodes. onDecoded is called when it is decoded. */
  late: Late | null = null;
  onDecoded: (() => void) | null = null;

  constructor(maxPayload = MAX_PAYLOAD) {
    super();
    this.maxPayload = maxPayload;
  }

  /** Bytes to read next. 0 while the inbox may hold a complete message: the end of the stream comes after it. */
  get room(): number {
    return this.mayHoldMessage ? 0 : READ;
  }

  /** getMsg may return a message, or refuse one, without another byte. */
  get mayHoldMessage(): boolean {
    return this.late !== null || !this.isDrained && this.length > 0;
  }

  /** A message is being decoded: getMsg returns null until onDecoded() is called. */
  get isDecoding(): boolean {
    return this.late !== null && this.late.result === null;
  }

  /** Bytes in memory for this client: unused, of the message that has begun, kept by the extension. */
  get held(): number {
    return this.length + (this.begun?.pieces.length ?? 0) + (this.extension?.held ?? 0) + (this.late?.held ?? 0);
  }

  /** Call when the client has left: what another thread decodes for it is given up. */
  cancel(): void {
    this.late = null;
    this.extension?.cancel?.();
  }

  /** A frame has begun and is not complete. */
  get isInsideFrame(): boolean {
    return this.length > 0 || (this.begun?.left ?? 0) > 0;
  }
}

/** A complete message whose decoding takes long. */
class Late {
  readonly opcode: number;
  /** Bytes in memory. */
  held: number;
  result: Buffer | Error | null = null;

  constructor(opcode: number, held: number) {
    this.opcode = opcode;
    this.held = held;
  }
}

/** A message that has begun, and its current frame. */
class Begun {
  readonly opcode: number;
  /** An extension has encoded the message, so its text is checked only after it is decoded. */
  readonly isEncoded: boolean;
  readonly pieces = new Pieces();
  readonly utf8: Utf8 | null;
  frame: Header;
  /** Bytes of the frame's payload that are still to come. */
  left = 0;

  constructor(header: Header) {
    this.opcode = header.opcode;
    this.isEncoded = header.rsv !== 0;
    this.utf8 = header.opcode === TEXT && !this.isEncoded ? new Utf8() : null;
    this.frame = header;
  }
}

/**
 * Takes the next message out of the inbox (RFC 6455 6.2).
 * @returns null when no message is complete: call again when more bytes have come. If inbox.mayHoldMessage, it has only
 *   read many frames, or a message takes long to decode: call again later
 * @throws ProtocolError as soon as the bytes cannot become a message. Read nothing more from that client then, and
 *   nothing after a Close
 */
export function getMsg(inbox: FrameInbox): Message | null {
  if (inbox.late !== null) return decodedLate(inbox, inbox.late);
  for (let frames = 0; frames < MOST_FRAMES; frames++) {
    const { begun } = inbox;
    if (begun === null || begun.left === 0) {
      const header = nextHeader(inbox);
      if (header === null) return inbox.drained();
      const isWhole = inbox.length >= header.size + header.length;
      if (isControl(header.opcode) && !isWhole) return inbox.drained();
      inbox.skip(header.size);
      if (isControl(header.opcode) || (isWhole && header.fin && begun === null)) return wholeMessage(inbox, header);
      inbox.begun ??= new Begun(header);
      inbox.begun.frame = header;
      inbox.begun.left = header.length;
    }
    const message = proceed(inbox);
    if (message !== null || inbox.late !== null) return message;
    if (inbox.length === 0) return inbox.drained();
  }
  return null;
}

/** Returns the next frame's header when it is complete; checks as much of it as is there. Takes nothing out. */
function nextHeader(inbox: FrameInbox): Header | null {
  const { buffer, start, length } = inbox, header = readHeader(buffer, start, start + length);
  if (header === null) return null;
  check(header, inbox);
  return header.length === -1 || length < header.size ? null : header;
}

/** @throws ProtocolError 1002 or 1009 when this header breaks a rule */
function check(header: Header, inbox: FrameInbox): void {
  const { rsv, opcode, masked, length, lengthBits } = header;
  if (rsv !== 0) checkReserved(header, inbox);
  // RFC 6455 5.1: a server closes on an unmasked frame
  if (!masked) throw broken('it is not masked');
  if (opcode > BINARY) return checkControl(header);
  // RFC 6455 5.4: fragments of two messages are not interleaved
  if (opcode === CONTINUATION && inbox.begun === null) throw broken('a continuation of no message');
  if (opcode !== CONTINUATION && inbox.begun !== null) throw broken('a new message inside of another');
  if (lengthBits > 7) checkLength(header);
  // RFC 6455 10.4: a limit is checked as soon as the length is known, before a byte is kept
  if (length + (inbox.begun?.pieces.length ?? 0) > inbox.maxPayload) throw tooBig(inbox);
}

/** RFC 6455 5.2: an extension must define a reserved bit. RFC 7692 6: only a message's first frame has it. */
function checkReserved({ rsv, opcode }: Header, { extension }: FrameInbox): void {
  if (rsv === extension?.rsv && (opcode === TEXT || opcode === BINARY)) return;
  throw broken(`reserved bits ${(rsv >> 4).toString(2).padStart(3, '0')} are set`);
}

/** The opcodes above BINARY: control frames, and reserved ones. */
function checkControl({ fin, opcode, length, lengthBits }: Header): void {
  // RFC 6455 5.2: some opcodes have no meaning yet
  if (opcode < CLOSE || opcode > PONG) throw broken(`opcode 0x${opcode.toString(16)} is reserved`);
  // RFC 6455 5.5: control frames are not fragmented and have at most 125 bytes
  if (!fin) throw broken('a control frame is fragmented');
  if (lengthBits > 7 || length > MAX_CONTROL) throw broken('a control frame has more than 125 bytes');
}

/** RFC 6455 5.2: the highest bit of 64 is 0, and the length has the shortest form. */
function checkLength({ length, lengthBits }: Header): void {
  if (length >= 2 ** 63) throw broken('its length has the highest bit set');
  const least = lengthBits === 16 ? 126 : 65536;
  if (length >= 0 && length < least) throw broken(`length ${length} takes more bytes than it needs`);
}

/** Takes out a message that is one complete frame, as every control frame is. */
function wholeMessage(inbox: FrameInbox, { opcode, rsv, length, key }: Header): Message | null {
  const { buffer, start } = inbox, end = start + length;
  const isAscii = mask(buffer, key, 0, start, end);
  inbox.skip(length);
  inbox.messages++;
  inbox.work += FRAME_WORK + length;
  if (rsv !== 0) return decoded(inbox, opcode, buffer.subarray(start, end));
  if (opcode === TEXT && !isAscii && !isUtf8(buffer.subarray(start, end))) throw notUtf8();
  if (opcode === CLOSE) checkClose(buffer.subarray(start, end));
  return new Message(opcode, buffer, start, end);
}

function decoded(inbox: FrameInbox, opcode: number, encoded: Buffer): Message | null {
  const payload = inbox.extension!.decode(encoded, inbox.maxPayload);
  if (!(payload instanceof Promise)) return decodedMessage(inbox, opcode, payload);
  const late = inbox.late = new Late(opcode, encoded.length);
  const settle = (result: Buffer | Error): void => {
    late.result = result;
    late.held = result instanceof Buffer ? result.length : 0;
    inbox.onDecoded?.();
  };
  payload.then(settle, settle);
  return null;
}

function decodedLate(inbox: FrameInbox, { opcode, result }: Late): Message | null {
  if (result === null) return null;
  inbox.late = null;
  if (result instanceof Error) throw result;
  return decodedMessage(inbox, opcode, result);
}

function decodedMessage(inbox: FrameInbox, opcode: number, payload: Buffer): Message {
  inbox.work += DECODE_WORK + payload.length;
  if (opcode === TEXT && !isUtf8(payload)) throw notUtf8();
  return new Message(opcode, payload);
}

/** Takes out what has come of the current frame's payload. Returns the message when that completes it. */
function proceed(inbox: FrameInbox): Message | null {
  const begun = inbox.begun!, { frame: { fin, length, key }, utf8, pieces } = begun;
  const piece = inbox.take(Math.min(begun.left, inbox.length));
  mask(piece, key, length - begun.left);
  begun.left -= piece.length;
  inbox.work += FRAME_WORK + piece.length;
  if (utf8?.push(piece) === false) throw notUtf8();
  // How much of the message follows is known in its last frame only
  pieces.push(piece, fin ? begun.left : Infinity);
  if (!fin || begun.left > 0) return null;
  // RFC 6455 5.6: a fragment may end inside a character, a message may not
  if (utf8?.end() === false) throw notUtf8();
  inbox.begun = null;
  inbox.messages++;
  if (begun.isEncoded) return decoded(inbox, begun.opcode, pieces.join());
  const [first = Buffer.alloc(0), ...rest] = pieces.list();
  return new Message(begun.opcode, first, 0, first.length, rest);
}

function tooBig({ maxPayload }: FrameInbox): ProtocolError {
  return new ProtocolError(TOO_BIG, `Cannot read message: it has more than ${maxPayload} bytes`);
}

/** RFC 6455 8.1: text is UTF-8. */
function notUtf8(): ProtocolError {
  return new ProtocolError(INVALID_PAYLOAD, 'Cannot read message: text is not UTF-8');
}

function broken(what: string): ProtocolError {
  return new ProtocolError(PROTOCOL_ERROR, `Cannot read frame: ${what}`);
}

/**
 * Builds a server's frame: FIN is set, nothing is masked (RFC 6455 6.1 and 5.1). The same frame can be sent to every
 * client: an extension encodes it where it is written (Request.filter).
 * @param payload a message to answer, bytes, or a string, which becomes UTF-8. Messages and bytes are not copied before
 *   socket_write: do not change them in between
 * @param opcode by default a message is answered in kind (a Ping with a Pong); bytes and strings become text
 */
export function buildMsg(payload: Message | Uint8Array | string, opcode?: number): Frame {
  if (payload instanceof Message) return new Frame(payload, opcode ?? ANSWERS[payload.opcode]!);
  const { buffer, byteOffset, byteLength } = typeof payload === 'string' ? Buffer.from(payload) : payload;
  return new Frame(new Message(opcode ?? TEXT, Buffer.from(buffer, byteOffset, byteLength)), opcode ?? TEXT);
}
