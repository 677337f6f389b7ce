/**
 * The opening handshake (RFC 6455 4.2): may this HTTP request become a WebSocket?
 *
 *     GET / HTTP/1.1                                       HTTP/1.1 101 Switching Protocols
 *     Host: 127.0.0.1:8081                                 Upgrade: websocket
 *     Connection: Upgrade                                  Connection: Upgrade
 *     Upgrade: websocket                           ->      Sec-WebSocket-Accept: qVby4apnn2tTYtB1nPPVYUn68gY=
 *     Sec-WebSocket-Version: 13
 *     Sec-WebSocket-Key: websocket
 */
import { printable } from '../printable.ts';
import type { FrameInbox } from './codec.ts';
import { negotiateDeflate } from './deflate.ts';
import { type Extension, parseExtensions } from './extensions.ts';
import { getHead, type Head, HttpError, isToken, listOf } from './http.ts';
import { encoding } from './message.ts';

/** RFC 6455 1.3: what the server appends to the key before it hashes it. */
export const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** What the command line says about who may connect, and how. */
export interface Rules {
  /** The key is 16 bytes in base64, as the RFC has it; else any will do, as in the article. */
  strict: boolean;
  /** Those whose pages may connect, e.g. 'https://example.com'; none listed: all, and programs that are no browsers. */
  origins: string[];
  /** Of those that a client offers, these may be answered; none listed: all. */
  subprotocols: string[];
  /** Messages may be compressed. */
  deflate: boolean;
}

/** A request that may be answered: with 101, or with the page. */
export interface Request {
  head: Head;
  /** Sec-WebSocket-Key, as it was sent; '' where a browser's address bar asks for the page, and not for a WebSocket. */
  wsKey: string;
  /** The subprotocol and the extension that were agreed on, as lines of the response; '' for none. */
  agreed: string;
  /** Changes what is written to this client as the extension says that was agreed on; null for none. */
  filter: ReturnType<typeof encoding> | null;
}

/** The extensions that this server knows, each with the rule that allows it. */
const EXTENSIONS = [{ name: 'permessage-deflate', rule: 'deflate', negotiate: negotiateDeflate }] as const;

const LENIENT: Rules = { strict: false, origins: [], subprotocols: [], deflate: false };

/**
 * Takes a client's request out of the inbox; what follows it stays: those are frames already. The extension that was
 * agreed on is noted in the inbox.
 * @param isFull no more clients are taken: the answer to a good request is 503
 * @returns null when it is not whole yet: call again when more has come
 * @throws HttpError when it cannot become a WebSocket
 */
export function getRequest(inbox: FrameInbox, rules: Rules = LENIENT, isFull = false): Request | null {
  const head = getHead(inbox);
  if (head === null) return null;
  const isForPage = wantsPage(head);
  // RFC 6455 4.2.1, 1: GET, HTTP/1.1 or higher
  if (head.method !== 'GET' && !isForPage) {
    const sentence = `Cannot serve ${head.method.slice(0, 20)}: WebSocket begins with GET.`;
    throw new HttpError(405, sentence, { Allow: 'GET' }, head.method !== 'HEAD');
  }
  if (!head.version.startsWith('1.') || head.version === '1.0') {
    throw new HttpError(505, `Cannot serve HTTP/${head.version}: WebSocket begins with HTTP/1.1.`);
  }
  // RFC 6455 4.1 and RFC 9112 3.2: a path, or a whole http URL; no fragment
  if (!/^(?:\/|https?:\/\/[^/?#])/i.test(head.target) || head.target.includes('#')) {
    throw refuse('its target is neither a path nor a URL');
  }
  // RFC 6455 4.2.1, 2 and RFC 9112 3.2: one Host
  const host = only(head, 'Host');
  if (!/^(?:\[[0-9a-f:.]+\]|[^\s:/?#@[\]\\"'<>]+)(?::\d*)?$/i.test(host)) throw refuse('Host is missing or no host');
  if (isForPage && !isFull) return { head, wsKey: '', agreed: '', filter: null };
  if (isForPage) throw tooMany();
  const wsKey = checkUpgrade(head, host, rules.strict);
  checkOrigin(only(head, 'Origin'), rules.origins);
  // RFC 9110 9.3.1: a GET's body means nothing; taken for frames it would be a smuggler's way in
  const lengths = head.fields.get('content-length') ?? [];
  if (head.fields.has('transfer-encoding') || lengths.some((value) => value !== '0')) throw refuse('it has a body');
  if (isFull) throw tooMany();
  const subprotocol = chooseSubprotocol(head, rules.subprotocols), extension = chooseExtension(head, rules);
  inbox.extension = extension;
  const agreed = (subprotocol === undefined ? '' : `Sec-WebSocket-Protocol: ${subprotocol}\r\n`) +
    (extension === null ? '' : `Sec-WebSocket-Extensions: ${extension.answer}\r\n`);
  return { head, wsKey, agreed, filter: extension === null ? null : encoding(extension) };
}

/** An address bar asks for the page: "/", and for no WebSocket. */
function wantsPage({ method, target, fields }: Head): boolean {
  if (fields.has('upgrade') || fields.has('sec-websocket-key')) return false;
  if ((method !== 'GET' && method !== 'HEAD') || !/^\/(?:\?|$)/.test(target)) return false;
  return !/(?:^|[\s,])upgrade\s*(?:,|$)/i.test((fields.get('connection') ?? []).join(','));
}

/** @returns the key */
function checkUpgrade(head: Head, host: string, strict: boolean): string {
  // RFC 6455 4.2.1, 3 and 4: the tokens of two lists, in any case (Firefox sends "keep-alive, Upgrade")
  if (!hasToken(head, 'Upgrade', 'websocket') || !hasToken(head, 'Connection', 'upgrade')) {
    throw upgradeRequired('This port speaks WebSocket, which an address bar does not. ' +
      `Open the console of a page (F12) and type: new WebSocket('ws://${host.slice(0, 100)}')`);
  }
  // RFC 6455 4.2.1, 6 and 4.4: version 13; others are told so
  const version = only(head, 'Sec-WebSocket-Version');
  if (version !== '13') {
    const asked = printable(version.slice(0, 20));
    throw upgradeRequired(`Cannot speak version '${asked}' of WebSocket: this server speaks 13.`,
      { 'Sec-WebSocket-Version': '13' });
  }
  // RFC 6455 4.2.1, 5: one key
  const wsKey = only(head, 'Sec-WebSocket-Key');
  if (wsKey === '') throw refuse('Sec-WebSocket-Key is missing or empty');
  // RFC 6455 4.1, 7: 16 bytes in base64. The article's curl line sends "websocket"
  if (strict && !/^[0-9A-Za-z+/]{21}[AQgw]==$/.test(wsKey)) {
    throw refuse('Sec-WebSocket-Key is not 16 bytes in base64');
  }
  return wsKey;
}

function tooMany(): HttpError {
  return new HttpError(503, 'Cannot serve: too many clients are here. Try again later.');
}

/** RFC 6455 10.2 and 4.2.2: a browser tells whose page connects, so that no other page may do so in its user's name. */
function checkOrigin(origin: string, origins: string[]): void {
  if (origins.length === 0 || origins.includes(origin.toLowerCase())) return;
  const who = origin === '' ? 'A client without an Origin' : `A page of ${printable(origin.slice(0, 60))}`;
  throw new HttpError(403, `${who} may not connect to this server.`);
}

/** RFC 6455 4.2.2, 5: one of those that the client has offered, its first choice; none else, and none if none fits. */
function chooseSubprotocol(head: Head, allowed: string[]): string | undefined {
  const offered = listOf(head, 'sec-websocket-protocol');
  // RFC 6455 4.1, 10: tokens, each once
  if (!offered.every(isToken)) throw refuse('Sec-WebSocket-Protocol is not a list of names');
  if (new Set(offered).size < offered.length) throw refuse('Sec-WebSocket-Protocol names one more than once');
  return offered.find((name) => allowed.length === 0 || allowed.includes(name));
}

/**
 * RFC 6455 9.1: what is not well-formed fails the connection, what is not known is declined and the rest goes on. The
 * first offer that can be accepted is.
 */
function chooseExtension(head: Head, rules: Rules): Extension | null {
  const fields = head.fields.get('sec-websocket-extensions');
  if (fields === undefined) return null;
  const offers = parseExtensions(fields.join(','));
  if (offers === null) throw refuse('Sec-WebSocket-Extensions is not a list of extensions');
  for (const offer of offers) {
    const known = EXTENSIONS.find(({ name, rule }) => name === offer.name && rules[rule]);
    const extension = known?.negotiate(offer.params) ?? null;
    if (extension !== null) return extension;
  }
  return null;
}

/** The value of a field that may come once; '' where it does not come. */
function only({ fields }: Head, name: string): string {
  const values = fields.get(name.toLowerCase());
  if (values !== undefined && values.length > 1) throw refuse(`${name} comes more than once`);
  return values?.[0] ?? '';
}

function hasToken(head: Head, name: string, token: string): boolean {
  return listOf(head, name.toLowerCase()).some((one) => one.toLowerCase() === token);
}

function refuse(why: string): HttpError {
  return new HttpError(400, `Cannot accept handshake: ${why}.`);
}

/** RFC 9110 15.5.22: a 426 names the protocol in Upgrade, and Upgrade is named in Connection (7.8). */
function upgradeRequired(sentence: string, fields: Record<string, string> = {}): HttpError {
  return new HttpError(426, sentence, { Upgrade: 'websocket', Connection: 'Upgrade, close', ...fields });
}
