/** The rules that a learner may break on purpose: a client's bytes, and the Close code that answers them. */
import { INVALID_PAYLOAD, PROTOCOL_ERROR, TOO_BIG } from '../websocket/close.ts';

/** One way to break the rules. */
export interface Violation {
  bytes: Buffer;
  code: number;
}

/**
 * By the name that the page has for it. All are masked, where they are, with RFC 6455's own key, 37 fa 21 3d; the
 * payload is "Hello" where nothing else is said.
 */
export const VIOLATIONS: Record<string, Violation> = {
  'unmasked': of('81 05 48 65 6c 6c 6f', PROTOCOL_ERROR),
  // ff in the place of its last byte
  'bad-utf-8': of('81 85 37 fa 21 3d 7f 9f 4d 51 c8', INVALID_PAYLOAD),
  'reserved-bit': of('a1 85 37 fa 21 3d 7f 9f 4d 51 58', PROTOCOL_ERROR),
  'reserved-opcode': of('83 85 37 fa 21 3d 7f 9f 4d 51 58', PROTOCOL_ERROR),
  // 5 in 16 bits
  'long-length': of('81 fe 00 05 37 fa 21 3d 7f 9f 4d 51 58', PROTOCOL_ERROR),
  // "Hel", more to come; then a new message
  'endless-fragment': of('01 83 37 fa 21 3d 7f 9f 4d  81 85 37 fa 21 3d 7f 9f 4d 51 58', PROTOCOL_ERROR),
  'lone-continuation': of('80 85 37 fa 21 3d 7f 9f 4d 51 58', PROTOCOL_ERROR),
  'fragmented-ping': of('09 85 37 fa 21 3d 7f 9f 4d 51 58', PROTOCOL_ERROR),
  // 126 bytes of payload are said to follow; the header is enough
  'long-ping': of('89 fe 00 7e 37 fa 21 3d', PROTOCOL_ERROR),
  'close-1005': of('88 82 37 fa 21 3d 34 17', PROTOCOL_ERROR),
  'half-code': of('88 81 37 fa 21 3d 34', PROTOCOL_ERROR),
  // 1000, and a reason that is one byte, ff
  'bad-reason': of('88 83 37 fa 21 3d 34 12 de', INVALID_PAYLOAD),
  // 4,611,686,018,427,387,903 bytes are said to follow; the length is enough
  'too-big': of('82 ff 3f ff ff ff ff ff ff ff 37 fa 21 3d', TOO_BIG),
};

function of(hex: string, code: number): Violation {
  return { bytes: Buffer.from(hex.replaceAll(' ', ''), 'hex'), code };
}
