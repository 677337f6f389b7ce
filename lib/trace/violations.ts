/** Rules that a learner can break on the page with one click: a client's bytes, and the close code that answers them. */
import { INVALID_PAYLOAD, PROTOCOL_ERROR, TOO_BIG } from '../websocket/close.ts';

/** One broken rule. */
export interface Violation {
  bytes: Buffer;
  code: number;
}

/** By the page's names. The masking key is the RFC's own, 37 fa 21 3d, the payload "Hello", unless said otherwise. */
export const VIOLATIONS: Record<string, Violation> = {
  'unmasked': of('81 05 48 65 6c 6c 6f', PROTOCOL_ERROR),
  // Its last byte is ff
  'bad-utf-8': of('81 85 37 fa 21 3d 7f 9f 4d 51 c8', INVALID_PAYLOAD),
  'reserved-bit': of('a1 85 37 fa 21 3d 7f 9f 4d 51 58', PROTOCOL_ERROR),
  'reserved-opcode': of('83 85 37 fa 21 3d 7f 9f 4d 51 58', PROTOCOL_ERROR),
  // 5 in 16 bits
  'long-length': of('81 fe 00 05 37 fa 21 3d 7f 9f 4d 51 58', PROTOCOL_ERROR),
  // "Hel" without FIN, then a new message
  'endless-fragment': of('01 83 37 fa 21 3d 7f 9f 4d  81 85 37 fa 21 3d 7f 9f 4d 51 58', PROTOCOL_ERROR),
  'lone-continuation': of('80 85 37 fa 21 3d 7f 9f 4d 51 58', PROTOCOL_ERROR),
  'fragmented-ping': of('09 85 37 fa 21 3d 7f 9f 4d 51 58', PROTOCOL_ERROR),
  // The header of a Ping of 126 bytes
  'long-ping': of('89 fe 00 7e 37 fa 21 3d', PROTOCOL_ERROR),
  'close-1005': of('88 82 37 fa 21 3d 34 17', PROTOCOL_ERROR),
  'half-code': of('88 81 37 fa 21 3d 34', PROTOCOL_ERROR),
  // 1000, and the reason ff
  'bad-reason': of('88 83 37 fa 21 3d 34 12 de', INVALID_PAYLOAD),
  // The header of a message of 4,611,686,018,427,387,903 bytes
  'too-big': of('82 ff 3f ff ff ff ff ff ff ff 37 fa 21 3d', TOO_BIG),
};

function of(hex: string, code: number): Violation {
  return { bytes: Buffer.from(hex.replaceAll(' ', ''), 'hex'), code };
}
