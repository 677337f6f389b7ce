/**
 * permessage-deflate (RFC 7692): each message is compressed by itself.
 *
 *     f2 48 cd c9 c9 07 00                    "Hello" as a payload; its frame has RSV1 set
 *     f2 48 cd c9 c9 07 00 | 00 00 ff ff      "Hello" as zlib writes it; the last four bytes are never sent
 *
 * No side keeps its context between two messages (no_context_takeover), so an idle client costs no memory.
 */
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import { INVALID_PAYLOAD, ProtocolError, TOO_BIG } from './close.ts';
import type { Extension, Offer } from './extensions.ts';
import { RSV1 } from './frame.ts';

/** RFC 7692 7.2.1: the last four bytes of an empty block, which a sender removes. */
const TAIL = Buffer.of(0x00, 0x00, 0xff, 0xff);
/** Appended before inflating: the tail, and a block with a word. Without the word, the client's last block was cut. */
const WORD = Buffer.from('end');
const END = Buffer.concat([TAIL, deflateRawSync(WORD)]);
/** Bytes. A shorter message would hardly shrink. */
const WORTH_IT = 64;
/** Bytes. Node takes smaller Buffers from its pool. */
const POOLED = 2048;
/** Blocks with BFINAL that one message may have; each costs a call of zlib. */
const MAX_FINALS = 16;

/**
 * Accepts an offer of permessage-deflate (RFC 7692 5.1 and 7.1).
 * @returns null when the offer is declined
 */
export function negotiateDeflate(params: Offer['params']): Extension | null {
  const bits = readParams(params);
  return bits === null ? null : AGREED[bits]!;
}

/** By server_max_window_bits. Clients with the same value share it, and a broadcast is compressed once (Frame). */
const AGREED: readonly Extension[] = Array.from({ length: 16 }, (_, bits) => ({
  answer: 'permessage-deflate; server_no_context_takeover; client_no_context_takeover' +
    (bits === 0 ? '' : `; server_max_window_bits=${bits}`),
  rsv: RSV1,
  decode: inflate,
  encode: (payload: Uint8Array) => deflate(payload, bits || 15),
}));

/** The parameters of an offer (RFC 7692 7.1.1 and 7.1.2), and which values each may have. */
const PARAMS: Record<string, (value: string | null) => boolean> = {
  // The answer always has these two
  server_no_context_takeover: (value) => value === null,
  client_no_context_takeover: (value) => value === null,
  server_max_window_bits: isBits,
  // Inflating works with every window
  client_max_window_bits: (value) => value === null || isBits(value),
};

/** Returns an offer's server_max_window_bits, 0 when it has none, null when the offer is declined. */
function readParams(params: Offer['params']): number | null {
  const given = new Map(params);
  // RFC 7692 7.1: a parameter that is unknown, repeated or has a bad value declines the offer
  if (given.size < params.length) return null;
  if (!params.every(([name, value]) => Object.hasOwn(PARAMS, name) && PARAMS[name]!(value))) return null;
  return Number(given.get('server_max_window_bits') ?? 0);
}

/** 8 to 15, without leading zeros. */
function isBits(value: string | null): boolean {
  return /^(?:[89]|1[0-5])$/.test(value ?? '');
}

/**
 * Compresses a message's payload (RFC 7692 7.2.1).
 * @param maxWindowBits 8 to 15: how far back it may refer, as a power of two
 * @returns null when it would not become shorter
 */
export function deflate(payload: Uint8Array, maxWindowBits = 15): Buffer | null {
  if (payload.length < WORTH_IT) return null;
  // A window, a table (memLevel) and a chunk of the message's size take 20 KiB; zlib's defaults take 150.
  // zlib uses 9 bits for 8, and still looks back 250 bytes at most: the client's window is enough
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
 * Decompresses a message's payload (RFC 7692 7.2.2).
 * @param limit bytes that it may have
 * @throws ProtocolError 1007 when it is not deflate data, 1009 at the limit, before more is inflated
 */
export function inflate(payload: Uint8Array, limit: number): Buffer {
  const parts: Buffer[] = [];
  let rest: Uint8Array = Buffer.concat([payload, END]), length = 0;
  // RFC 7692 7.2.3.4: a block with BFINAL may be followed by others
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

/** Runs zlib once, up to a block with BFINAL. `length` bytes of the message are inflated already. */
function inflateOnce(bytes: Uint8Array, length: number, limit: number): { buffer: Buffer; used: number } {
  try {
    // `info` returns the engine too, which alone knows how much was read. @types/node does not know it
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

/** Bytes that zlib writes at a time: a piece of Node's pool when that is enough, else zlib's own 16 KiB. */
function chunkSizeOf(length: number): number {
  return length < POOLED ? POOLED : 16 * 1024;
}

function tooBig(limit: number): ProtocolError {
  return new ProtocolError(TOO_BIG, `Cannot inflate message: it has more than ${limit} bytes`);
}

function bad(why: string): ProtocolError {
  return new ProtocolError(INVALID_PAYLOAD, `Cannot inflate message: ${why}`);
}
