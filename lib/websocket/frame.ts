/**
 * Reads and writes a frame's header (RFC 6455 5.2). readHeader accepts every header; codec.ts has the rules.
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

/** The opcodes (RFC 6455 5.2). */
export const CONTINUATION = 0x0, TEXT = 0x1, BINARY = 0x2, CLOSE = 0x8, PING = 0x9, PONG = 0xa;

/** The bits of the first byte. */
export const FIN = 0b1000_0000, RSV = 0b0111_0000, OPCODE = 0b0000_1111;
/** RFC 7692 6: the message is compressed. */
export const RSV1 = 0b0100_0000;
/** The bits of the second byte. */
const MASK = 0b1000_0000, LENGTH = 0b0111_1111;
/** Values of the 7-bit length: the real length follows, in 16 or 64 bits. */
const LENGTH_16 = 126, LENGTH_64 = 127;

/** What a header says. */
export interface Header {
  fin: boolean;
  /** The three reserved bits, at their place in the first byte. */
  rsv: number;
  opcode: number;
  masked: boolean;
  /** Bytes of payload; -1 when the length itself has not all come. */
  length: number;
  /** Bits that the length takes: 7, 16 or 64. */
  lengthBits: number;
  /** The masking key for mask(); 0 when there is none or it has not all come. */
  key: number;
  /** Bytes of the whole header, also those that have not come yet. */
  size: number;
}

/** Reads the header that begins at `start`, as far as it has come (up to `end`); null for fewer than two bytes. */
export function readHeader(bytes: Uint8Array, start = 0, end = bytes.length): Header | null {
  if (end - start < 2) return null;
  const first = bytes[start]!, second = bytes[start + 1]!, masked = (second & MASK) !== 0;
  let length = second & LENGTH, lengthBits = 7, at = start + 2;
  if (length >= LENGTH_16) {
    lengthBits = length === LENGTH_16 ? 16 : 64;
    const count = lengthBits / 8;
    length = end - at < count ? -1 : readNumber(bytes, at, count);
    at += count;
  }
  let key = 0;
  if (masked) {
    if (end - at >= 4) key = bytes[at]! | bytes[at + 1]! << 8 | bytes[at + 2]! << 16 | bytes[at + 3]! << 24;
    at += 4;
  }
  const fin = (first & FIN) !== 0, rsv = first & RSV, opcode = first & OPCODE;
  return { fin, rsv, opcode, masked, length, lengthBits, key, size: at - start };
}

/** Returns the size of a server's header, in bytes, for a payload of `length` bytes. */
export function headerSize(length: number): number {
  return length < LENGTH_16 ? 2 : length < 65536 ? 4 : 10;
}

/**
 * Writes a server's header, which has no mask (RFC 6455 5.1), into `target` from index `at` on. It must fit.
 * @param first the first byte: FIN, reserved bits, opcode
 * @returns the index after the header
 */
export function writeHeader(target: Buffer, at: number, first: number, length: number): number {
  target[at] = first;
  if (length < LENGTH_16) {
    target[at + 1] = length;
    return at + 2;
  }
  if (length < 65536) {
    target[at + 1] = LENGTH_16;
    return target.writeUInt16BE(length, at + 2);
  }
  target[at + 1] = LENGTH_64;
  target.writeUInt32BE(Math.floor(length / 2 ** 32), at + 2);
  return target.writeUInt32BE(length % 2 ** 32, at + 6);
}

/** Tells whether an opcode is a control frame's: Close, Ping, Pong (RFC 6455 5.5). */
export function isControl(opcode: number): boolean {
  return opcode >= CLOSE;
}

/** Network byte order. A number above 2^53 is rounded, but not up to 2^63: checkLength looks at the highest bit. */
function readNumber(bytes: Uint8Array, from: number, count: number): number {
  let number = 0;
  for (let i = from; i < from + count; i++) number = number * 256 + bytes[i]!;
  return bytes[from]! < 0b1000_0000 ? Math.min(number, 2 ** 63 - 1024) : number;
}
