/**
 * permessage-deflate (RFC 7692): messages compressed one by one.
 *
 *     f2 48 cd c9 c9 07 00                    "Hello", as a message's payload: RSV1 set in its first frame
 *     f2 48 cd c9 c9 07 00 | 00 00 ff ff      as zlib makes it: the end that all messages have in common is not sent
 *
 * Neither side keeps its context from one message to the next (both no_context_takeover), so a client that is silent
 * costs no memory for it, and each message is one call.
 */
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import { INVALID_PAYLOAD, ProtocolError, TOO_BIG } from './close.ts';
import type { Extension, Offer } from './extensions.ts';
import { RSV1 } from './frame.ts';

/** RFC 7692 7.2.1: an empty block without compression, of which a message ends without the last four bytes. */
const TAIL = Buffer.of(0x00, 0x00, 0xff, 0xff);
/**
 * What we append: that, and a last block with a word in it. If the word does not come out at the end, the message ended
 * inside of a block of its own.
 */
const WORD = Buffer.from('end');
const END = Buffer.concat([TAIL, deflateRawSync(WORD)]);
/** Bytes. A shorter message hardly gets shorter. */
const WORTH_IT = 64;
/** In bytes, less than half of Buffer.poolSize: so large a Buffer is cut out of one that is there already. */
const POOLED = 2048;
/** A message may have ended its blocks for good (BFINAL) so many times; each costs a call. */
const MAX_FINALS = 16;

/**
 * Accepts an offer of permessage-deflate (RFC 7692 5.1 and 7.1).
 * @returns null where it is to be declined
 */
export function negotiateDeflate(params: Offer['params']): Extension | null {
  const bits = readParams(params);
  if (bits === null) return null;
  const answer = 'permessage-deflate; server_no_context_takeover; client_no_context_takeover' +
    (bits === 0 ? '' : `; server_max_window_bits=${bits}`);
  return { answer, rsv: RSV1, decode: inflate, encode: ENCODERS[bits || 15]! };
}

/** The server_max_window_bits of an offer, 0 where it has none; null where the offer is to be declined. */
function readParams(params: Offer['params']): number | null {
  // RFC 7692 7.1: an unknown parameter, one that comes twice or one with a bad value declines the offer
  if (new Set(params.map(([name]) => name)).size < params.length) return null;
  let bits = 0;
  for (const [name, value] of params) {
    switch (name) {
      // RFC 7692 7.1.1: they have no value. We answer with both in any case
      case 'server_no_context_takeover':
      case 'client_no_context_takeover':
        if (value !== null) return null;
        break;
      // RFC 7692 7.1.2.1: 8 to 15 without leading zeros
      case 'server_max_window_bits':
        if (value === null || !isBits(value)) return null;
        bits = Number(value);
        break;
      // RFC 7692 7.1.2.2: with or without a value. It may use any window; we read them all
      case 'client_max_window_bits':
        if (value !== null && !isBits(value)) return null;
        break;
      default:
        return null;
    }
  }
  return bits;
}

function isBits(value: string): boolean {
  return /^(?:[89]|1[0-5])$/.test(value);
}

/** deflate() by server_max_window_bits: clients that agreed on the same share one, and so what it makes of a message. */
const ENCODERS = Array.from({ length: 16 }, (_, bits) => (payload: Uint8Array) => deflate(payload, bits));

/**
 * The compressed payload of a message (RFC 7692 7.2.1).
 * @param maxWindowBits how far back it may refer: 2 to the power of 8 to 15 bytes
 * @returns null where it would not be shorter
 */
export function deflate(payload: Uint8Array, maxWindowBits = 15): Buffer | null {
  if (payload.length < WORTH_IT) return null;
  // A window, a table (memLevel) or a chunk larger than the message would only cost memory: 150 KiB where 20 will do.
  // zlib makes 9 of 8, and then looks back 250 bytes at most.
  const bits = 32 - Math.clz32(payload.length);
  const bytes = deflateRawSync(payload, {
    windowBits: Math.min(maxWindowBits, Math.max(9, bits)),
    memLevel: Math.min(8, Math.max(1, bits - 6)),
    chunkSize: chunkSizeOf(payload.length),
    finishFlush: constants.Z_SYNC_FLUSH,
  });
  return bytes.length - TAIL.length < payload.length ? bytes.subarray(0, -TAIL.length) : null;
}

/**
 * The payload of a compressed message (RFC 7692 7.2.2).
 * @param limit how many bytes it may have at the most
 * @throws ProtocolError 1007 where it is no deflate data, 1009 past the limit, before any more is inflated
 */
export function inflate(payload: Uint8Array, limit: number): Buffer {
  const parts: Buffer[] = [];
  let rest: Uint8Array = Buffer.concat([payload, END]), length = 0;
  // RFC 7692 7.2.3.4: a block may be marked as the last one, and others may follow before our own end
  for (let finals = 0; rest.length !== END.length && rest.length > 0; finals++) {
    if (finals > MAX_FINALS) throw bad(`it ends more than ${MAX_FINALS} times`);
    const { buffer, used } = inflateOnce(rest, length, limit);
    rest = rest.subarray(used);
    const isEnd = rest.length === 0 && buffer.subarray(-WORD.length).equals(WORD);
    if (rest.length < END.length && !isEnd) throw bad('it ends inside of a block');
    parts.push(isEnd ? buffer.subarray(0, -WORD.length) : buffer);
    length += parts.at(-1)!.length;
    if (length > limit) throw tooBig(limit);
  }
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts, length);
}

/** One run of zlib, up to a last block; `length` bytes of the message are there already. */
function inflateOnce(bytes: Uint8Array, length: number, limit: number): { buffer: Buffer; used: number } {
  try {
    // With `info` the engine comes too, which @types/node does not know: only it tells how far it has read
    const maxOutputLength = limit - length + WORD.length;
    const chunkSize = chunkSizeOf(bytes.length * 4);
    const result: unknown = inflateRawSync(bytes, { maxOutputLength, chunkSize, info: true });
    const { buffer, engine } = result as { buffer: Buffer; engine: { bytesWritten: number } };
    return { buffer, used: engine.bytesWritten };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw code === 'ERR_BUFFER_TOO_LARGE' ? tooBig(limit) : bad('it is no deflate data');
  }
}

/** How much room zlib is given at a time: of Node's pool where that will do, else its own 16 KiB. */
function chunkSizeOf(length: number): number {
  return length < POOLED ? POOLED : 16 * 1024;
}

function tooBig(limit: number): ProtocolError {
  return new ProtocolError(TOO_BIG, `Cannot inflate message: it has more than ${limit} bytes`);
}

function bad(why: string): ProtocolError {
  return new ProtocolError(INVALID_PAYLOAD, `Cannot inflate message: ${why}`);
}
