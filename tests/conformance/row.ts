/** One row of the conformance table: a rule, what a client sends, what the server has to answer. */
import { deflated, inflated } from '../raw_deflate.ts';
import { closing, frame, type FrameOptions } from '../wire.ts';

export type Bytes = Uint8Array | string;

export interface Row {
  /** Where the rule stands: 'RFC 6455 5.1', 'RFC 6455 4.2.1, 3'. */
  section: string;
  /** MUST, or else SHOULD (and what the RFC only describes). */
  must: boolean;
  rule: string;
  /** It takes long, and another row asks the same of less: `npm test` leaves it out, `npm run test:all` plays it. */
  isLarge?: boolean;
  /** The number of the Autobahn test suite's case that asks the same. */
  autobahn?: string;
  /** The server's command line. */
  flags?: string[];
  /** The request, in one packet or more; the usual one by default. */
  request?: Bytes | Bytes[];
  /** Of the response; 101 by default. Without 101, the server ends after it. */
  status?: number;
  /** Fields of the response; null: it may not be there. */
  fields?: Record<string, string | null>;
  /** What follows the handshake, each in a packet of its own. */
  packets?: Lazy<Bytes>;
  /** What comes back. */
  answers?: Lazy<Answer>;
  /** How it goes on after that; 'still open' by default, where the client closes and nothing but its echo comes. */
  then?: Ending;
}

/** Bytes that come just so, or a message whose compression is the server's own affair. */
export type Answer = Uint8Array | Packed;

export interface Packed {
  opcode: number;
  payload: Buffer;
  /** No reference of the compressed bytes may go further back than 2 to the power of this. */
  windowBits: number;
  /** Whether RSV1 is set; either will do by default. */
  compressed?: boolean;
}

/**
 * A number: the server sends a Close frame with this code and ends TCP.
 * 'over': it ends TCP. 'client ends': the client does, and the server after it without a word.
 * 'cut': it ends TCP, and drops the connection when the client does not end its side.
 */
export type Ending = number | 'still open' | 'over' | 'client ends' | 'cut';

/** A list, or what makes it when its row is played: some together are hundreds of megabytes. */
export type Lazy<T> = T[] | (() => T[]);

export function lazy<T>(list: Lazy<T> = []): T[] {
  return typeof list === 'function' ? list() : list;
}

/** What a server sends: not masked, in the shortest form. */
export function reply(opcode: number, payload: Bytes = '', rsv = 0): Buffer {
  return frame(opcode, Buffer.from(payload), { masked: false, rsv });
}

/** A client's message in fragments of these payloads. */
export function fragments(opcode: number, payloads: Bytes[], options: FrameOptions = {}): Buffer[] {
  return payloads.map((payload, i) => frame(i === 0 ? opcode : 0, payload, {
    ...options, fin: i === payloads.length - 1, rsv: i === 0 ? options.rsv ?? 0 : 0,
  }));
}

/** Cut into pieces of so many bytes; Infinity leaves it whole. */
export function chop(bytes: Uint8Array, most: number): Buffer[] {
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const size = Math.min(most, whole.length);
  return Array.from({ length: Math.ceil(whole.length / size) }, (_, i) => whole.subarray(i * size, (i + 1) * size));
}

export function glue(...parts: Bytes[]): Buffer {
  return Buffer.concat(parts.map((part) => Buffer.from(part)));
}

/** A Close frame, from either side. */
export function close(...payload: Parameters<typeof closing>): { sent: Buffer; echo: Buffer } {
  return { sent: frame(8, closing(...payload)), echo: reply(8, closing(...payload)) };
}

export const RSV1 = 0x40, RSV2 = 0x20, RSV3 = 0x10;

/** A compressed message's payload (RFC 7692 7.2.1), with the smallest window: a server may ask for no larger one. */
export function compress(payload: Bytes, windowBits = 9): Buffer {
  return deflated(payload, { windowBits });
}

/** What it says. It may refer back to `dictionary`, and no further than the window: else zlib throws. */
export function inflate(payload: Buffer, windowBits: number, dictionary: Buffer = Buffer.alloc(0)): Buffer {
  // zlib looks at its window only for what is not in its output any more: 64 bytes of that are the least it takes
  const chunkSize = windowBits < 15 ? 64 : 65536;
  return inflated(payload, { windowBits, chunkSize, ...(dictionary.length > 0 ? { dictionary } : {}) });
}

/** Bytes that look random and are the same each time. */
export function noise(length: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(length);
  for (let i = 0, state = seed; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}
