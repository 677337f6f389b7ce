/** A compressed message's payload (RFC 7692 7.2.1 and 7.2.2): raw deflate without the last four bytes of its last block. */
import { constants, deflateRawSync, inflateRawSync, type ZlibOptions } from 'node:zlib';

const TAIL = Buffer.of(0, 0, 0xff, 0xff), finishFlush = constants.Z_SYNC_FLUSH;

export function deflated(payload: Uint8Array | string, options: ZlibOptions = {}): Buffer {
  return deflateRawSync(payload, { ...options, finishFlush }).subarray(0, -TAIL.length);
}

export function inflated(payload: Uint8Array, options: ZlibOptions = {}): Buffer {
  return inflateRawSync(Buffer.concat([payload, TAIL]), { ...options, finishFlush });
}

/** So many MiB of zeros, a multiple of 16: the same block again and again says the same as one stream would. */
export function bomb(mebibytes: number): Buffer {
  const block = deflateRawSync(Buffer.alloc(16 << 20), { finishFlush: constants.Z_FULL_FLUSH });
  return Buffer.concat(Array<Buffer>(mebibytes / 16).fill(block)).subarray(0, -TAIL.length);
}
