/**
 * A second reader of frames, written from RFC 6455 5 and sharing no step with lib/websocket/codec.ts: as slow and as plain as
 * can be, with all the bytes there at once. What two readers agree on is less likely to be one's own idea.
 */
import { isUtf8 } from 'node:buffer';
import { ProtocolError } from '../lib/websocket/close.ts';

export interface Read {
  /** What came whole, in order, as [opcode, payload]; a Close is the last. */
  messages: [number, Buffer][];
  /** The close code that the next bytes call for; null where there is nothing against what has come. */
  code: number | null;
  /** Bytes of frames that came whole. */
  used: number;
}

/** A code of the RFC's tables (7.4.1, 7.4.2 and IANA's registry) that a Close frame may carry. */
const CODES = new Set([1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014]);

/**
 * Reads one side's frames.
 * @param inflate what a compressed payload says, or throws a ProtocolError; null where nothing was agreed on
 */
export function readFrames(
  bytes: Buffer, from: 'client' | 'server', inflate: ((payload: Buffer) => Buffer) | null, limit = Infinity,
): Read {
  const read: Read = { messages: [], code: null, used: 0 };
  let parts: Buffer | null = null, opcode = 0, compressed = false;
  try {
    while (bytes.length - read.used >= 2) {
      const bits = bytes.readUInt16BE(read.used).toString(2).padStart(16, '0');
      const [fin, rsv1, kind] = [bits[0] === '1', bits[1] === '1', parseInt(bits.slice(4, 8), 2)];
      must(bits.slice(2, 4) === '00' && (!rsv1 || (inflate !== null && (kind === 1 || kind === 2))), 1002);
      must([0, 1, 2, 8, 9, 10].includes(kind), 1002);
      must((bits[8] === '1') === (from === 'client'), 1002);
      let size = parseInt(bits.slice(9), 2), at = read.used + 2;
      must(kind < 8 || (fin && size < 126), 1002);
      must(kind >= 8 || (kind === 0) === (parts !== null), 1002);
      const more = size < 126 ? 0 : size === 126 ? 2 : 8;
      if (bytes.length < at + more) break;
      if (more > 0) {
        const long = BigInt(`0x${bytes.toString('hex', at, at + more)}`);
        must(long < 2n ** 63n && long > (more === 2 ? 125n : 65535n), 1002);
        size = Number(long);
        at += more;
      }
      must(kind >= 8 || size + (parts?.length ?? 0) <= limit, 1009);
      const key = from === 'client' ? bytes.subarray(at, at + 4) : Buffer.alloc(4);
      if (from === 'client') at += 4;
      if (bytes.length < at) break;
      const payload = Buffer.from(bytes.subarray(at, at + size)).map((byte, i) => byte ^ key[i % 4]!) as Buffer;
      const isThere = bytes.length >= at + size;
      if (isThere) read.used = at + size;
      if (kind >= 8) {
        if (!isThere) break;
        if (kind === 8) checkClose(payload);
        read.messages.push([kind, payload]);
        if (kind === 8) break;
        continue;
      }
      if (kind !== 0) [opcode, compressed] = [kind, rsv1];
      parts = Buffer.concat([parts ?? Buffer.alloc(0), payload]);
      must(opcode !== 1 || compressed || isBeginning(parts), 1007);
      if (!isThere) break;
      if (!fin) continue;
      const message = compressed ? inflate!(parts) : parts;
      must(opcode !== 1 || isUtf8(message), 1007);
      read.messages.push([opcode, message]);
      parts = null;
    }
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    read.code = error.code;
  }
  return read;
}

function must(isSo: boolean, code: number): void {
  if (!isSo) throw new ProtocolError(code, 'Cannot read on');
}

function checkClose(payload: Buffer): void {
  if (payload.length === 0) return;
  must(payload.length > 1, 1002);
  const code = payload.readUInt16BE();
  must(CODES.has(code) || (code >= 3000 && code < 5000), 1002);
  must(isUtf8(payload.subarray(2)), 1007);
}

/** Whatever a text may go on with, if it may at all: the lowest or the highest second byte fits every first one. */
const ENDS = ['', '80', 'bf', '8080', 'bf80', '808080', 'bf8080'].map((end) => Buffer.from(end, 'hex'));

/** Whether some text begins with these bytes. */
function isBeginning(bytes: Buffer): boolean {
  return ENDS.some((end) => isUtf8(Buffer.concat([bytes, end])));
}
