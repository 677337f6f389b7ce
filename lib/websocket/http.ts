/**
 * Reads the head of an HTTP/1.1 request (RFC 9112 2 to 5), and makes responses.
 *
 *     GET /chat HTTP/1.1          request line: method, target, version
 *     Host: example.com:8081      header fields
 *                                 an empty line; every line ends in CRLF
 */
import { createRequire } from 'node:module';
import type { Inbox } from './inbox.ts';
import { printable, printableHead } from '../printable.ts';

/** Bytes that a request's head may have. */
export const MAX_HEAD = 16 * 1024;

// An import would load Node's fetch and WebSocket as well: 40 ms and 5 MB at each start
const { STATUS_CODES } = createRequire(import.meta.url)('node:http') as typeof import('node:http');
const CR = 0x0d, LF = 0x0a;
const PROXY = 'a proxy has put the PROXY protocol before it, which this server does not speak';

/** A request's head. */
export interface Head {
  method: string;
  target: string;
  /** '1.1' */
  version: string;
  /** The whole head as it came. */
  bytes: Buffer;
  /** Values by name; names in lower case. */
  fields: Map<string, string[]>;
}

/**
 * Returns a response that ends the connection, in pieces: head, body.
 * @param fields more header fields, or others; Content-Type is text/plain by default
 * @param body null: none, and no fields about it (RFC 9110 8.6: 204 has no Content-Length)
 * @param hasBody false for HEAD: the fields of a response to GET, no body (RFC 9110 9.3.2)
 */
export function responseOf(
  status: number, fields: Record<string, string>, body: Uint8Array | null, hasBody = true,
): Uint8Array[] {
  const all = {
    'Connection': 'close', ...(body !== null && {
      'Content-Type': 'text/plain; charset=utf-8', 'X-Content-Type-Options': 'nosniff',
      'Content-Length': String(body.length),
    }), ...fields,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = Buffer.from(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n`);
  return body !== null && hasBody ? [head, body] : [head];
}

/** A request cannot be served. `message` is the body of the response: one sentence. */
export class HttpError extends Error {
  override name = 'HttpError';
  readonly status: number;
  readonly fields: Record<string, string>;
  /** false for HEAD. */
  hasBody = true;

  constructor(status: number, message: string, fields: Record<string, string> = {}) {
    super(message);
    this.status = status;
    this.fields = fields;
  }

  /** What the client is sent: the whole response. */
  get bytes(): Uint8Array[] {
    return responseOf(this.status, this.fields, Buffer.from(`${this.message}\n`), this.hasBody);
  }

  /** What the log says about the client. */
  get line(): string {
    return `refused with ${this.status}: ${printable(this.message)}`;
  }
}

/**
 * Takes a request's head out of the inbox.
 * @returns null when it is not complete: call again when more bytes have come
 * @throws HttpError 400 or 431, as soon as the bytes cannot become a request
 */
export function getHead(inbox: Inbox): Head | null {
  const size = headSize(inbox);
  if (size === -1 && inbox.length >= MAX_HEAD) {
    throw new HttpError(431, `Cannot read request: its head has more than ${MAX_HEAD} bytes.`);
  }
  if (size === -1) return inbox.drained();
  const bytes = inbox.take(size);
  // RFC 9110 5.5: bytes above 0x7f are allowed (obs-text). latin1 makes one character of each
  const lines = bytes.toString('latin1', 0, size - 4).replace(/^(?:\r\n)+/, '').split('\r\n');
  const { method, target, version } = readRequestLine(lines.shift()!);
  return { method, target, version, bytes, fields: readFields(lines) };
}

/** Returns the size of the head, its last empty line included; -1 while it is not complete. */
function headSize(inbox: Inbox): number {
  for (;;) {
    const { searched } = inbox;
    // RFC 9112 2.2: empty lines before the request line are ignored; a line that is not empty begins the request
    const hasBegun = searched > 2 && inbox.at(searched - 3) !== LF;
    if (!hasBegun && searched < inbox.length) checkFirst(inbox.at(searched), searched);
    const lf = inbox.indexOf(LF, searched);
    // Bytes beyond MAX_HEAD are not looked at: the answer must not depend on how the bytes are split into reads
    if (lf === -1 || lf >= MAX_HEAD) return -1;
    // RFC 9112 2.2 allows a bare LF. A proxy that reads it otherwise would see another request than we do
    if (inbox.at(lf - 1) !== CR) throw bad('request', 'a line ends in LF without CR');
    inbox.searched = lf + 1;
    if (hasBegun && lf === searched + 1) return lf + 1;
  }
}

function checkFirst(byte: number, index: number): void {
  if (byte === CR || isToken(String.fromCharCode(byte))) return;
  // 0d 0a 0d 0a 00 0d 0a 51 55 49 54 0a: version 2 of the PROXY protocol
  if (byte === 0 && index === 4) throw bad('request', PROXY);
  throw bad('request', `it begins with byte 0x${byte.toString(16).padStart(2, '0')}, ` +
    'not with a method (a wss:// client at a ws:// port does so)');
}

function readRequestLine(line: string): Omit<Head, 'bytes' | 'fields'> {
  // RFC 9112 3: method, target and version with one space between them
  const words = line.split(' '), [method = '', target = '', version = ''] = words;
  const isVersion = version.length === 8 && /^HTTP\/\d\.\d$/.test(version);
  if (line.startsWith('PROXY ') && !isVersion) throw bad('request', PROXY);
  if (!isToken(method) || !/^[\x21-\x7e]+$/.test(target) || !isVersion || words.length > 3) {
    throw bad('request line', `'${shorten(line)}' is not METHOD TARGET HTTP/1.1`);
  }
  return { method, target, version: version.slice(5) };
}

function readFields(lines: string[]): Map<string, string[]> {
  const fields = new Map<string, string[]>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    // RFC 9112 5: a name is a token, with no space before the colon (5.1), and no line continues another (5.2)
    if (colon === -1 || !isToken(name)) throw bad('header', `'${shorten(line)}' is not NAME: VALUE`);
    const value = trimSpaces(line.slice(colon + 1));
    // RFC 9110 5.5: no CR, LF, NUL or other control character
    if (/[^\t\x20-\x7e\x80-\xff]/.test(value)) throw bad('header', `'${shorten(line)}' has control characters`);
    const values = fields.get(name);
    if (values) values.push(value);
    else fields.set(name, [value]);
  }
  return fields;
}

/** Returns the members of a comma-separated list (RFC 9110 5.6.1), over all fields of that name. */
export function listOf(head: Head, name: string): string[] {
  const list: string[] = [];
  for (const value of head.fields.get(name) ?? []) {
    for (const part of value.split(',')) {
      const one = trimSpaces(part);
      if (one !== '') list.push(one);
    }
  }
  return list;
}

/** Tells whether a text is a token: a name without spaces or delimiters (RFC 9110 5.6.2). */
export function isToken(text: string): boolean {
  return /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(text);
}

/** Removes spaces and tabs around a value, in linear time. trim() removes more. */
export function trimSpaces(text: string): string {
  return /^[ \t]*(.*[^ \t])?/s.exec(text)![1] ?? '';
}

/** A client's own words for an error message. */
export function shorten(text: string): string {
  return printableHead(text, 60);
}

function bad(what: string, why: string): HttpError {
  return new HttpError(400, `Cannot read ${what}: ${why}.`);
}
