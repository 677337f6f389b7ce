/** Names for what is on the wire, and the sections of RFC 6455 that define it. page.html has sentences about each. */

/** A name, and a section of RFC 6455. */
export interface Named {
  name: string;
  section: string;
}

/** The fields of a frame, in order (RFC 6455 5.2). */
export type FieldName = 'FIN' | 'RSV1' | 'RSV2' | 'RSV3' | 'opcode' | 'MASK' | 'length' | 'extended length' |
  'masking key' | 'payload';

const OPCODES: Record<number, Named> = {
  0x0: { name: 'continuation', section: '5.4' }, 0x1: { name: 'text', section: '5.6' },
  0x2: { name: 'binary', section: '5.6' }, 0x8: { name: 'close', section: '5.5.1' },
  0x9: { name: 'ping', section: '5.5.2' }, 0xa: { name: 'pong', section: '5.5.3' },
};

/** RFC 6455 7.4.1, and the registry of its section 11.7. */
const CLOSE_CODES: Record<number, string> = {
  1000: 'normal closure', 1001: 'going away', 1002: 'protocol error', 1003: 'unsupported data',
  1005: 'no status received', 1006: 'abnormal closure', 1007: 'invalid payload data', 1008: 'policy violation',
  1009: 'message too big', 1010: 'mandatory extension', 1011: 'internal error', 1012: 'service restart',
  1013: 'try again later', 1014: 'bad gateway', 1015: 'TLS handshake',
};

/** Lines of a head: the section for a request, and for a response if it is another. */
const HEAD_LINES: Record<string, [request: string, response?: string]> = {
  'request line': ['4.2.1'], 'status line': ['4.2.2'], 'host': ['4.2.1'], 'upgrade': ['4.2.1', '4.2.2'],
  'connection': ['4.2.1', '4.2.2'], 'sec-websocket-key': ['4.2.1'], 'sec-websocket-version': ['4.2.1'],
  'sec-websocket-accept': ['4.2.2'], 'sec-websocket-protocol': ['1.9', '4.2.2'],
  'sec-websocket-extensions': ['9.1', '4.2.2'], 'origin': ['10.2'],
};

/** Returns an opcode's name (RFC 6455 5.2 and 11.8). */
export function opcodeOf(opcode: number): Named {
  return OPCODES[opcode] ?? { name: 'reserved', section: '5.2' };
}

/** Returns a close code's name. 3000 to 3999 belong to libraries, 4000 to 4999 to applications (7.4.2). */
export function closeCodeOf(code: number): Named {
  const name = CLOSE_CODES[code];
  if (name !== undefined) return { name, section: code >= 1012 && code <= 1014 ? '11.7' : '7.4.1' };
  if (code < 3000 || code > 4999) return { name: 'not to be used', section: '7.4.2' };
  return { name: code < 4000 ? 'registered by a library' : 'of the application', section: '7.4.2' };
}

/** Returns the section that defines a line of a head; the name may be in any case. */
export function sectionOf(name: string, from: 'client' | 'server'): string {
  const key = name.toLowerCase(), known = Object.hasOwn(HEAD_LINES, key) ? HEAD_LINES[key] : undefined;
  const [request, response = request] = known ?? ['RFC 9110 5'];
  return from === 'client' ? request : response;
}
