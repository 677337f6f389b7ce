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
import type { FrameInbox } from './codec.ts';
import { negotiateDeflate } from './deflate.ts';
import { type Extension, parseExtensions } from './extensions.ts';
import { getHead, type Head, HttpError, isToken, listOf, shorten } from './http.ts';
import { encoding } from './message.ts';

/** RFC 6455 1.3: the server hashes the key and this. */
export const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** Who may connect, and how: options of the command line. */
export interface Rules {
  /** The key must be 16 bytes in base64, as in the RFC. Otherwise any key will do, as in the article. */
  strict: boolean;
  /** Pages of these origins, and this server's own, may connect ('https://example.com'). Empty: everyone may. */
  origins: string[];
  /** Subprotocols that may be agreed on. Empty: all. */
  subprotocols: string[];
  /** Messages may be compressed. */
  deflate: boolean;
}

/** A good request: it is answered with 101, or with the page. */
export interface Request {
  head: Head;
  /** An address bar or a health check asks for the page, for ICON or for METHODS. The other fields are empty then. */
  isForPage: boolean;
  /** Sec-WebSocket-Key as it was sent. */
  wsKey: string;
  /** The response's lines for the subprotocol and the extension that were agreed on; '' for none. */
  agreed: string;
  /** For stream_filter_append: encodes frames with the extension that was agreed on; null for none. */
  filter: ReturnType<typeof encoding> | null;
}

/** The extensions that this server knows, and the rule that allows each. */
const EXTENSIONS = [{ name: 'permessage-deflate', rule: 'deflate', negotiate: negotiateDeflate }] as const;
/** Bytes of the list of extensions that are read. */
const MOST_OFFERED = 2048;

/** What "/" can be asked for besides a WebSocket. */
export const METHODS = ['GET', 'HEAD', 'OPTIONS'];

/** A browser asks for this after what it has got from an address bar. */
export const ICON = '/favicon.ico';

const LENIENT: Rules = { strict: false, origins: [], subprotocols: [], deflate: false };

/**
 * Takes a client's request out of the inbox, and stores the extension that was agreed on there. Bytes after the request
 * stay: they are frames.
 * @param isFull there is no room for one more client: 503
 * @returns null when the request is not complete: call again when more bytes have come
 * @throws HttpError when the request cannot become a WebSocket
 */
export function getRequest(inbox: FrameInbox, rules: Rules = LENIENT, isFull = false): Request | null {
  const head = getHead(inbox);
  if (head === null) return null;
  try {
    return check(head, inbox, rules, isFull);
  } catch (error) {
    // RFC 9110 9.3.2: the response to HEAD has no body, whatever its status is
    if (error instanceof HttpError) error.hasBody = head.method !== 'HEAD';
    throw error;
  }
}

function check(head: Head, inbox: FrameInbox, rules: Rules, isFull: boolean): Request {
  // RFC 9110 15.6.6: another major version. A later minor one says nothing else
  if (!head.version.startsWith('1.')) {
    throw new HttpError(505, `Cannot serve HTTP/${head.version}: WebSocket begins with HTTP/1.1.`);
  }
  const hasBody = checkFraming(head), host = checkHost(head);
  const isForPage = !wantsWebSocket(head) && (head.target === ICON || /^(?:\/(?:\?.*)?|\*)$/.test(head.target));
  const methods = isForPage ? METHODS : ['GET'];
  // RFC 6455 4.2.1, 1: GET
  if (!methods.includes(head.method)) {
    const sentence = `Cannot serve ${head.method.slice(0, 20)}: WebSocket begins with GET.`;
    throw new HttpError(405, sentence, { Allow: methods.join(', ') });
  }
  checkTarget(head);
  if (!isForPage) {
    const wsKey = checkUpgrade(head, host, rules.strict);
    checkOrigin(head, host, rules.origins);
    // RFC 9110 9.3.1: a GET has no use for a body. A body would be read as frames: it could hide them from a proxy
    if (hasBody) throw refuse('it has a body');
    if (isFull) throw tooMany();
    const subprotocol = chooseSubprotocol(head, rules.subprotocols), extension = chooseExtension(head, rules);
    inbox.extension = extension;
    const agreed = (subprotocol === undefined ? '' : `Sec-WebSocket-Protocol: ${subprotocol}\r\n`) +
      (extension === null ? '' : `Sec-WebSocket-Extensions: ${extension.answer}\r\n`);
    return { head, isForPage, wsKey, agreed, filter: extension === null ? null : encoding(extension) };
  }
  if (isFull) throw tooMany();
  return { head, isForPage, wsKey: '', agreed: '', filter: null };
}

/** Returns whether the request has a body. */
function checkFraming({ version, fields }: Head): boolean {
  const codings = fields.get('transfer-encoding'), lengths = fields.get('content-length');
  // RFC 9112 6.3: chunked is the last coding. 6.1: HTTP/1.0 has no codings, and no length stands beside one
  if (codings !== undefined) {
    const isChunked = /(?:^|,)[ \t]*chunked$/i.test(codings.join(','));
    if (version === '1.0' || lengths !== undefined || !isChunked) throw refuse('its Transfer-Encoding does not end in chunked, or stands beside a Content-Length, or in HTTP/1.0');
    return true;
  }
  // RFC 9112 6.3: a number, and the same one where it comes more than once
  const [, length = ''] = /^(\d+)(?:[ \t]*,[ \t]*\1)*$/.exec(lengths?.join(',') ?? '0') ?? [];
  if (length === '') throw refuse(`Content-Length '${shorten(lengths!.join(', '))}' is not a length`);
  return Number(length) > 0;
}

/** Returns the host; '' for HTTP/1.0 without one. */
function checkHost(head: Head): string {
  // RFC 9112 3.2: one Host, which HTTP/1.0 may leave out
  const host = only(head, 'Host');
  if (!head.fields.has('host')) {
    if (head.version === '1.0') return host;
    throw refuse('Host is missing');
  }
  if (/^(?:\[[0-9a-f:.]+\]|[^\s:/?#@[\]\\"'<>]+)(?::\d*)?$/i.test(host)) return host;
  const hint = /^[0-9a-f.]*:[0-9a-f.]*:[0-9a-f:.]*$/i.test(host) ? ': an IPv6 address stands in brackets' : '';
  throw refuse(`Host '${shorten(host)}' is no host${hint}`);
}

/** RFC 6455 4.1, RFC 9112 3.2: a path or an http URL, without a fragment; OPTIONS may ask for "*". */
function checkTarget({ method, target }: Head): void {
  const isOne = /^(?:\/|https?:\/\/[^/?#])/i.test(target) || (target === '*' && method === 'OPTIONS');
  if (isOne && !target.includes('#')) return;
  const hint = /^wss?:/i.test(target) ? ": in HTTP the scheme of a WebSocket's URL is http" : '';
  throw refuse(`its target '${shorten(target)}' is neither a path nor an http URL${hint}`);
}

/** RFC 9110 7.8: an Upgrade to another protocol, such as h2c, may be ignored. */
function wantsWebSocket(head: Head): boolean {
  // In HTTP/1.0 it must be
  return head.fields.has('sec-websocket-key') || (head.version !== '1.0' && hasToken(head, 'Upgrade', 'websocket'));
}

/** Returns the key. */
function checkUpgrade(head: Head, host: string, strict: boolean): string {
  // RFC 6455 4.2.1, 3 and 4: tokens of lists, in any case (Firefox sends "keep-alive, Upgrade")
  const hasUpgrade = hasToken(head, 'Upgrade', 'websocket'), hasConnection = hasToken(head, 'Connection', 'upgrade');
  if (!hasUpgrade || !hasConnection) {
    throw upgradeRequired(wantsWebSocket(head)
      ? "This request for a WebSocket lacks 'Upgrade: websocket' or 'Connection: Upgrade'. A proxy drops both header " +
        'fields unless it is told to hand them on.'
      : 'This port speaks WebSocket, which an address bar does not. ' +
        'Its page is at /. Or open the console of this page (F12) and type: ' +
        `new WebSocket('ws://${shorten(host || 'localhost:8081')}')`);
  }
  // RFC 6455 4.2.1, 1: HTTP/1.1 or higher
  if (head.version === '1.0') throw refuse('WebSocket begins with HTTP/1.1, and a client or a proxy has sent HTTP/1.0');
  // RFC 6455 4.2.1, 6 and 4.4: version 13
  const version = only(head, 'Sec-WebSocket-Version');
  if (version !== '13') {
    throw upgradeRequired(`Cannot speak version '${shorten(version)}' of WebSocket: this server speaks 13.`,
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
  return new HttpError(503, 'Cannot serve: too many clients. Try again later.');
}

/** RFC 6455 10.2: a browser says whose page connects. A foreign page must not act in the user's name. */
function checkOrigin(head: Head, host: string, origins: string[]): void {
  const origin = only(head, 'Origin');
  if (origins.length === 0 || origins.includes(origin.toLowerCase())) return;
  // By a name it may be a foreign page, whose owner lets his name lead here (DNS rebinding)
  if (isOwnPage(head) && /^(?:localhost|[\d.]+|\[.*\])(?::\d*)?$/i.test(host)) return;
  const who = origin === '' ? 'A client without an Origin' : `A page of ${shorten(origin)}`;
  throw new HttpError(403, `${who} may not connect to this server.`);
}

/** RFC 6455 10.2: the origin that the browser tells is this server. */
export function isOwnPage({ fields }: Head): boolean {
  const [origin = ''] = fields.get('origin') ?? [], [host = ''] = fields.get('host') ?? [];
  return /^https?:\/\//.test(origin) && origin.replace(/^https?:\/\//, '').toLowerCase() === host.toLowerCase();
}

/** RFC 6455 4.2.2, 5: the first name of the client's list that is allowed. */
function chooseSubprotocol(head: Head, allowed: string[]): string | undefined {
  const offered = listOf(head, 'sec-websocket-protocol');
  // RFC 6455 4.1, 10: tokens, each once
  if (!offered.every(isToken)) throw refuse('Sec-WebSocket-Protocol is not a list of names');
  if (new Set(offered).size < offered.length) throw refuse('Sec-WebSocket-Protocol names one more than once');
  return offered.find((name) => allowed.length === 0 || allowed.includes(name));
}

/** RFC 6455 9.1: a malformed list fails the connection; of the offers, the first that is known and acceptable wins. */
function chooseExtension(head: Head, rules: Rules): Extension | null {
  const fields = head.fields.get('sec-websocket-extensions');
  if (fields === undefined) return null;
  // To read a long list takes long. RFC 6455 9.1: the server may decline all of it
  const list = fields.join(',');
  if (list.length > MOST_OFFERED) return null;
  const offers = parseExtensions(list);
  if (offers === null) throw refuse('Sec-WebSocket-Extensions is not a list of extensions');
  for (const offer of offers) {
    const known = EXTENSIONS.find(({ name, rule }) => name === offer.name && rules[rule]);
    const extension = known?.negotiate(offer.params) ?? null;
    if (extension !== null) return extension;
  }
  return null;
}

/** Returns the value of a field that may come once; '' without it. */
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

/** RFC 9110 15.5.22 and 7.8: a 426 has Upgrade, and Connection names it. */
function upgradeRequired(sentence: string, fields: Record<string, string> = {}): HttpError {
  return new HttpError(426, sentence, { Upgrade: 'websocket', Connection: 'Upgrade, close', ...fields });
}
