/** A request's syntax (RFC 9112), and what may not come with a handshake. */
import { frame, REQUEST, request } from '../wire.ts';
import { accepts, plus, refuses } from './handshake.ts';
import { glue, reply, type Row } from './row.ts';

const KIB_16 = 16 * 1024;

function latin(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

export const http: Row[] = [
  ...accepts('RFC 9112 2.2', 'empty lines before the request line are passed over',
    [`\r\n${REQUEST}`, `\r\n\r\n${REQUEST}`], { must: false }),
  {
    section: 'RFC 9112 2.2', must: false, rule: 'an empty line that comes in two packets, too',
    request: ['\r', '\n', REQUEST],
  },
  ...refuses(400, 'RFC 9112 2.2', 'a line ends in CRLF, and not in LF', [
    REQUEST.replaceAll('\r\n', '\n'), REQUEST.replace('\r\n', '\n'), REQUEST.replace(/\r\n\r\n$/, '\r\n\n'),
    `\n${REQUEST}`,
  ]),
  ...refuses(400, 'RFC 9112 2.2', 'a bare LF is refused at once, not at the end of the header',
    ['GET / HTTP/1.1\n', 'GET / HTTP/1.1\r\nHost: a\n']),
  ...refuses(400, 'RFC 9112 2.2', 'a CR stands before LF only', [
    REQUEST.replace('\r\n', '\r'), REQUEST.replace('\r\n', '\r\r\n'), plus('X: a\rb'), plus('X: a\r'),
  ]),
  ...refuses(400, 'RFC 9112 3', 'method, target, version, with one space between', [
    'GET  / HTTP/1.1', 'GET /  HTTP/1.1', 'GET / HTTP/1.1 ', ' GET / HTTP/1.1', 'GET\t/\tHTTP/1.1', 'GET /', 'GET',
    'GET / HTTP/11',
    'GET / http/1.1', 'GET / HTTP/1.1x', 'GET / HTTP/1.10', 'GET / HTTP/01.1', 'G@T / HTTP/1.1', 'GET /a b HTTP/1.1',
    'GET /\x00 HTTP/1.1',
    'GET /\x7f HTTP/1.1', 'GET /\xe4 HTTP/1.1', 'GET / HTTPS/1.1', 'GET  HTTP/1.1',
  ].map((line) => latin(request({}, line)))),
  ...refuses(400, 'RFC 9112 5', 'a name is a token',
    ['X', ': a', 'X y: a', 'X@: a', 'X(: a', '"X": a', 'X\x00: a', '\xe4: a', '=: a'].map((line) => latin(plus(line)))),
  ...refuses(400, 'RFC 9112 5', 'no space stands before the colon (5.1)',
    [plus('X : a'), plus('X\t: a'), REQUEST.replace('Host:', 'Host :')]),
  ...refuses(400, 'RFC 9112 5', 'no line is the continuation of another (5.2)',
    [plus('X: a', ' b'), plus('X: a', '\tb'), REQUEST.replace('\r\n', '\r\n X: a\r\n')]),
  ...refuses(400, 'RFC 9110 5.5', 'a value has no control characters',
    [0, 1, 7, 8, 11, 12, 27, 31, 127].map((code) => plus(`X: a${String.fromCharCode(code)}b`))),
  ...refuses(400, 'RFC 9112 2.1', 'what is no HTTP is told so at its first byte',
    [latin('\x16\x03\x01'), latin('\x80'), '{', '\0', frame(1, 'hello')], { must: false }),
  ...refuses(400, 'RFC 9110 9.3.1', 'a request with a body', [
    plus('Content-Length: 5'), plus('Content-Length: 0', 'Content-Length: 5'), plus('Transfer-Encoding: chunked'),
    plus('transfer-encoding:'), ...['-1', '+0', '0, 5', 'x'].map((length) => plus(`Content-Length: ${length}`)),
    `${plus('Content-Length: 5')}hello`,
  ], { must: false }),
  ...accepts('RFC 9110 9.3.1', 'a body of no bytes is none',
    [plus('Content-Length: 0'), plus('Content-Length: 0, 0'), plus('Content-Length: 0', 'content-length: 0')],
    { must: false }),
  ...refuses(400, 'RFC 9112 6.3', 'a body whose end nobody can tell, whatever is asked for',
    ['GET / HTTP/1.1', 'HEAD / HTTP/1.1', 'POST / HTTP/1.1', 'OPTIONS * HTTP/1.1'].flatMap((line) => [
      'Content-Length: abc', 'Content-Length: -1', 'Content-Length: +1', 'Content-Length:', 'Content-Length: 5, 6',
      'Content-Length: 5,', 'Content-Length: 0x5', 'Content-Length: 5\r\nContent-Length: 6', 'Transfer-Encoding: gzip',
      'Transfer-Encoding: chunked, gzip', 'Transfer-Encoding: xchunked', 'Transfer-Encoding:',
      'Transfer-Encoding: chunked\r\nContent-Length: 5',
    ].map((field) => `${line}\r\nHost: a\r\n${field}\r\n\r\n`))),
  ...refuses(400, 'RFC 9112 6.1', 'HTTP/1.0 knows no Transfer-Encoding',
    ['GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n']),
  ...accepts('RFC 6455 10.4', 'a head of 16 KiB is read',
    [plus(`X: ${'x'.repeat(KIB_16 - REQUEST.length - 5)}`)], { must: false }),
  ...refuses(431, 'RFC 6455 10.4', 'a longer one is not, whether it ends or not', [
    plus(`X: ${'x'.repeat(KIB_16 - REQUEST.length - 4)}`), 'GET / HTTP/1.1\r\n'.padEnd(KIB_16, 'x'), 'x'.repeat(KIB_16),
  ]),
  {
    section: 'RFC 6455 4.2.1', must: true, rule: 'no bytes behind a refused request are looked at',
    request: [glue(request({ 'Sec-WebSocket-Key': null }), REQUEST, frame(1, 'hello')), REQUEST], status: 400,
  },
  {
    section: 'RFC 6455 7.2.2', must: true,
    rule: 'a server that gives up a handshake ends the connection',
    request: [request({ 'Sec-WebSocket-Version': '8' }), REQUEST], status: 426,
  },
  {
    section: 'RFC 6455 4.2.2', must: true, rule: 'frames glued to a head of 16 KiB are no part of it',
    request: glue(plus(`X: ${'x'.repeat(KIB_16 - REQUEST.length - 5)}`), frame(2, Buffer.alloc(KIB_16, 'x'))),
    answers: [reply(2, Buffer.alloc(KIB_16, 'x'))],
  },
];
