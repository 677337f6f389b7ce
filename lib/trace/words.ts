/**
 * What the things on the wire are called, and where the RFCs define them; a section without a name is RFC 6455's. The
 * page has sentences about them in two languages (page.html).
 */

/** A thing with a name. */
export interface Named {
  name: string;
  section: string;
}

/** The fields of a frame, in their order on the wire (RFC 6455 5.2). */
export type FieldName = 'FIN' | 'RSV1' | 'RSV2' | 'RSV3' | 'opcode' | 'MASK' | 'length' | 'extended length' |
  'masking key' | 'payload';

const OPCODES: Record<number, Named> = {
  0x0: { name: 'continuation', section: '5.4' }, 0x1: { name: 'text', section: '5.6' },
  0x2: { name: 'binary', section: '5.6' }, 0x8: { name: 'close', section: '5.5.1' },
  0x9: { name: 'ping', section: '5.5.2' }, 0xa: { name: 'pong', section: '5.5.3' },
};

/** RFC 6455 7.4.1, and the registry of 11.7. */
const CLOSE_CODES: Record<number, string> = {
  1000: 'normal closure', 1001: 'going away', 1002: 'protocol error', 1003: 'unsupported data',
  1005: 'no status received', 1006: 'abnormal closure', 1007: 'invalid payload data', 1008: 'policy violation',
  1009: 'message too big', 1010: 'mandatory extension', 1011: 'internal error', 1012: 'service restart',
  1013: 'try again later', 1014: 'bad gateway', 1015: 'TLS handshake',
};

/** Where a request's fields are defined, and a response's where it has them too. */
const HEAD_LINES: Record<string, [request: string, response?: string]> = {
  'request line': ['4.2.1'], 'status line': ['4.2.2'], 'host': ['4.2.1'], 'upgrade': ['4.2.1', '4.2.2'],
  'connection': ['4.2.1', '4.2.2'], 'sec-websocket-key': ['4.2.1'], 'sec-websocket-version': ['4.2.1'],
  'sec-websocket-accept': ['4.2.2'], 'sec-websocket-protocol': ['1.9', '4.2.2'],
  'sec-websocket-extensions': ['9.1', '4.2.2'], 'origin': ['10.2'],
};

/** What an opcode is called (RFC 6455 5.2 and 11.8). */
export function opcodeOf(opcode: number): Named {
  return OPCODES[opcode] ?? { name: 'reserved', section: '5.2' };
}

/** What a Close code is called; those from 3000 on belong to libraries, from 4000 on to applications (7.4.2). */
export function closeCodeOf(code: number): Named {
  const name = CLOSE_CODES[code];
  if (name !== undefined) return { name, section: code >= 1012 && code <= 1014 ? '11.7' : '7.4.1' };
  if (code < 3000 || code > 4999) return { name: 'not to be used', section: '7.4.2' };
  return { name: code < 4000 ? 'registered by a library' : 'of the application', section: '7.4.2' };
}

/** Where a line of a head is defined, by its name in any case of its letters. */
export function sectionOf(name: string, from: 'client' | 'server'): string {
  const key = name.toLowerCase(), [request, response = request] = Object.hasOwn(HEAD_LINES, key) ? HEAD_LINES[key]! : ['RFC 9110 5'];
  return from === 'client' ? request : response;
}
