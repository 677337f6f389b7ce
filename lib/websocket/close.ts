/**
 * Close frames (RFC 6455 5.5.1 and 7). Their payload is a code of two bytes, then a reason in UTF-8.
 *
 *     03 e8 62 79 65     1000, "bye"
 */
import { isUtf8 } from 'node:buffer';
import { printable } from '../printable.ts';
import { CLOSE, FIN, writeHeader } from './frame.ts';

/** The close codes that this server sends (RFC 6455 7.4.1; 1013 is from the registry of 11.7). */
export const GOING_AWAY = 1001, PROTOCOL_ERROR = 1002, INVALID_PAYLOAD = 1007, POLICY_VIOLATION = 1008, TOO_BIG = 1009,
  INTERNAL_ERROR = 1011, TRY_AGAIN_LATER = 1013;

/** Bytes. A control frame has at most 125 (RFC 6455 5.5), and the code takes two. */
const MAX_REASON = 123;

/** A client has broken the protocol or a limit. `code` is the close code, `message` the reason of the Close frame. */
export class ProtocolError extends Error {
  override name = 'ProtocolError';
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }

  /** What the client is sent: a Close frame. */
  get bytes(): Buffer[] {
    return [closeFrame(this.code, this.message)];
  }

  /** What the log says about the client. */
  get line(): string {
    return `closed with ${this.code}: ${printable(this.message)}`;
  }
}

/** Returns the payload of a Close frame (RFC 6455 7.1.2). A reason is cut to 123 bytes, between two characters. */
export function closePayload(code: number, reason = ''): Buffer {
  const payload = Buffer.alloc(2 + MAX_REASON);
  payload.writeUInt16BE(code);
  // write() never writes part of a character
  return payload.subarray(0, 2 + payload.write(reason, 2));
}

/** Returns a server's Close frame. */
export function closeFrame(code: number, reason = ''): Buffer {
  const payload = closePayload(code, reason), header = Buffer.alloc(2);
  writeHeader(header, 0, FIN | CLOSE, payload.length);
  return Buffer.concat([header, payload]);
}

/**
 * Checks the payload of a client's Close frame.
 * @throws ProtocolError 1002 or 1007
 */
export function checkClose(payload: Buffer): void {
  if (payload.length === 0) return;
  // RFC 6455 5.5.1: a body begins with a code of two bytes
  if (payload.length === 1) throw new ProtocolError(PROTOCOL_ERROR, 'Cannot read close: its code is cut in half');
  const code = payload.readUInt16BE();
  // RFC 6455 7.4: some codes may not be sent
  if (!isCloseCode(code)) throw new ProtocolError(PROTOCOL_ERROR, `Cannot read close: code ${code} may not be sent`);
  // RFC 6455 5.5.1: the reason is UTF-8
  if (!isUtf8(payload.subarray(2))) throw new ProtocolError(INVALID_PAYLOAD, 'Cannot read close: reason is not UTF-8');
}

/**
 * Tells whether a Close frame may carry `code`. 1004 has no meaning yet; 1005, 1006 and 1015 exist only inside a
 * program (RFC 6455 7.4.1); 1012 to 1014 were registered later; 3000 to 4999 are for libraries and applications.
 */
export function isCloseCode(code: number): boolean {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}
