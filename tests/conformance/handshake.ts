/** The opening handshake: RFC 6455 4.2, 4.4 and 10.2, and HTTP's own rules (RFC 9110, 9112). */
import { KEY, frame, REQUEST, request } from '../wire.ts';
import { glue, reply, type Row } from './row.ts';

/** The usual request with more lines in its header. */
export function plus(...lines: string[]): string {
  return REQUEST.replace(/\r\n$/, `${lines.join('\r\n')}\r\n\r\n`);
}

/** A row for each of these requests. */
export function accepts(section: string, rule: string, requests: (string | Buffer)[], more: Partial<Row> = {}): Row[] {
  return requests.map((request) => ({ section, must: true, rule: `${rule}: ${differs(request)}`, request, ...more }));
}

export function refuses(status: number, ...[section, rule, requests, more]: Parameters<typeof accepts>): Row[] {
  return accepts(section, rule, requests, { status, ...more });
}

/** What sets a request apart from the usual one. */
function differs(one: string | Buffer): string {
  const lines = one.toString('latin1').split('\r\n'), usual = REQUEST.split('\r\n');
  const gone = usual.filter((line) => !lines.includes(line)), come = lines.filter((line) => !usual.includes(line));
  if (gone.length === 0 && come.length === 0) return 'the usual one';
  return JSON.stringify(come.length > 0 ? come.join(' | ').slice(0, 80) : `no ${gone.join(' | ')}`);
}

const strict = ['--strict'], thirteen = { fields: { 'Sec-WebSocket-Version': '13' } };
const hello = frame(1, 'hello'), echo = reply(1, 'hello');
const upgrade = { 'Upgrade': 'websocket', 'Connection': 'Upgrade, close' };

const origins = ['--origin', 'https://a.example', '--origin', 'http://b.example:8080'];

/** The usual request with each of these for its first line. */
function lines(...texts: string[]): string[] {
  return texts.map((text) => request({}, text));
}

/** With each of these targets. */
function gets(...targets: string[]): string[] {
  return lines(...targets.map((target) => `GET ${target} HTTP/1.1`));
}

/** With each of these values in that field; null: without it. */
function fields(name: string, ...values: (string | null)[]): string[] {
  return values.map((value) => request({ [name]: value }));
}

/** The same fields, all but their values in lower case, and in the opposite order. */
const shuffled = ['GET / HTTP/1.1', ...REQUEST.split('\r\n').slice(1, -2).reverse()
  .map((one) => one.replace(/^[^:]+/, (name) => name.toLowerCase())), '', ''].join('\r\n');

export const handshake: Row[] = [
  ...accepts('RFC 6455 4.2.1', 'names of fields in any case and any order', [
    shuffled, shuffled.replace(/^[^:\r]+(?=:)/gm, (name) => name.toUpperCase()),
  ]),
  ...accepts('RFC 6455 4.2.1, 1', 'HTTP/1.1 or higher', [REQUEST, ...lines('GET / HTTP/1.2')]),
  ...refuses(505, 'RFC 9110 15.6.6', 'another major version of HTTP is refused',
    lines('GET / HTTP/0.9', 'GET / HTTP/2.0', 'GET / HTTP/3.0')),
  ...refuses(400, 'RFC 6455 4.2.1, 1', 'HTTP/1.0 is refused', lines('GET / HTTP/1.0')),
  ...refuses(405, 'RFC 6455 4.2.1, 1', 'any method but GET is refused, and told GET',
    lines(...['POST', 'HEAD', 'OPTIONS', 'PUT', 'get', 'GETS', 'constructor'].map((one) => `${one} / HTTP/1.1`)),
    { fields: { Allow: 'GET' } }),
  ...accepts('RFC 9112 3.2', 'a path with a query, or a whole URL, is a target',
    gets('/chat?a=b', '//', '/%00', '/?', 'http://a.example/', 'HTTPS://a.example')),
  ...refuses(400, 'RFC 9112 3.2', 'anything else is none',
    gets('*', 'chat', '/a#b', 'http:///', 'ftp://a/', 'a.example:80')),
  ...accepts('RFC 6455 4.2.1, 2', 'a host with or without a port, also IPv6',
    fields('Host', 'localhost', 'localhost:8081', 'localhost:', '[::1]:8081', 'EXAMPLE.com', '127.0.0.1')),
  ...refuses(400, 'RFC 6455 4.2.1, 2', 'no Host, or one that cannot be a host',
    fields('Host', null, '', 'a b', 'a/b', 'user@a', 'a:b', '[::1', '"', '<script>')),
  ...refuses(400, 'RFC 9112 3.2', 'Host comes once', [plus('Host: 127.0.0.1'), plus('HOST: b')]),
  ...refuses(400, 'RFC 9112 3.2', 'whatever is asked for', ['GET', 'HEAD', 'POST', 'OPTIONS'].flatMap((method) => [
    `${method} / HTTP/1.1\r\n\r\n`, `${method} / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n`,
    `${method} / HTTP/1.1\r\nHost: a b\r\n\r\n`, `${method} / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n`,
  ])),
  ...accepts('RFC 6455 4.2.1, 3', 'Upgrade has websocket among others, in any case', [
    ...fields('Upgrade', 'WebSocket', 'WEBSOCKET', 'h2c, websocket', ',websocket,'),
    plus('Upgrade: h2c'), request({ Upgrade: 'h2c' }).replace(/\r\n$/, 'upgrade: websocket\r\n\r\n'),
  ]),
  ...refuses(426, 'RFC 6455 4.2.1, 3', 'Upgrade without websocket',
    fields('Upgrade', null, '', 'h2c', 'websockets', 'web socket', 'toString'), { fields: upgrade }),
  ...accepts('RFC 6455 4.2.1, 4', 'Connection has Upgrade among others, in any case', [
    ...fields('Connection', 'upgrade', 'UPGRADE', 'keep-alive, Upgrade', ' ,upgrade ,', 'keep-alive,\tUpgrade'),
    plus('Connection: keep-alive'),
  ]),
  ...refuses(426, 'RFC 6455 4.2.1, 4', 'Connection without Upgrade',
    fields('Connection', null, '', 'close', 'keep-alive', 'Upgraded', 'Up grade'), { fields: upgrade }),

  ...accepts('RFC 6455 4.2.1, 5', 'a key of 16 bytes in base64',
    fields('Sec-WebSocket-Key', KEY, 'AAAAAAAAAAAAAAAAAAAAAA==', '+/+/+/+/+/+/+/+/+/+/+w=='), { flags: strict }),
  ...refuses(400, 'RFC 6455 4.2.1, 5', '--strict: any other key',
    fields('Sec-WebSocket-Key', 'websocket', 'AAAAAAAAAAAAAAAAAAAA', 'AAAAAAAAAAAAAAAAAAAAAAA=',
      'AAAAAAAAAAAAAAAAAAAAAA',
      'AAAAAAAAAAAAAAAAAAAAAAAA', '_____________________w==', 'AAAAAAAAAAAAAAAAAAAAA===', `${KEY}${KEY}`,
      'AAAAAAAAAA AAAAAAAAAAAA=='), { flags: strict }),
  ...refuses(400, 'RFC 4648 3.5', 'bits behind the last byte are 0',
    fields('Sec-WebSocket-Key', 'AAAAAAAAAAAAAAAAAAAAAB=='), { must: false, flags: strict }),
  ...accepts('RFC 6455 4.2.2', 'the key need not be decoded: the article\'s will do',
    fields('Sec-WebSocket-Key', 'websocket', 'AA==', '=', `${KEY}${KEY}`, '\t key\t'), { must: false, flags: [] }),
  ...[[], strict].flatMap((flags) => refuses(400, 'RFC 6455 4.2.1, 5', 'no key, or an empty one, or two',
    [...fields('Sec-WebSocket-Key', null, ''), plus(`Sec-WebSocket-Key: ${KEY}`)], { flags })),

  ...refuses(426, 'RFC 6455 4.2.1, 6', 'a version that is not 13 is told 13',
    fields('Sec-WebSocket-Version', null, '', '12', '14', '013', '13.0', '+13', '0x0d', 'constructor'), thirteen),
  ...refuses(426, 'RFC 6455 4.4', 'all versions that the server speaks are named',
    fields('Sec-WebSocket-Version', '0', '7', '8', '25', '255', '13, 8', '8, 13'), thirteen),
  ...refuses(400, 'RFC 6455 4.2.1, 6', 'the version comes once',
    [plus('Sec-WebSocket-Version: 13'), plus('sec-websocket-version: 8')]),
  ...accepts('RFC 6455 4.2.1, 7', 'without --origin anyone may connect',
    [plus('Origin: https://example.com'), plus('Origin: null'), plus('Origin: constructor'), REQUEST], { must: false }),
  ...accepts('RFC 6455 4.2.1, 10', 'a field that is not known is passed over', [
    plus('Cookie: a=b; c=d', 'Cookie: e=f'), plus('constructor: x', 'toString: y', 'hasOwnProperty: z'),
    plus('__proto__: x', '__PROTO__: y'), plus('X-Empty:', 'X-Tabs:\t a\tb \t', '!#$%&\'*+-.^_`|~: token'),
    Buffer.from(plus('X-Latin: \xe4\xff'), 'latin1'),
  ], { must: false }),

  {
    section: 'RFC 6455 1.3', must: true, rule: 'the accept value is the one of the RFC\'s own example',
    fields: { 'Sec-WebSocket-Accept': 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=' },
  },
  {
    section: 'RFC 6455 4.2.2, 5', must: true, rule: 'the response is 101, its Accept made of the key',
    request: fields('Sec-WebSocket-Key', 'AQIDBAUGBwgJCgsMDQ4PEA=='),
    fields: { 'Content-Length': null, 'Transfer-Encoding': null },
  },
  ...[
    ['glued to the request', [glue(REQUEST, hello, hello)]],
    ['a packet of its own each', [REQUEST, hello, hello]],
    ['cut inside the frames',
      [glue(REQUEST, hello.subarray(0, 1)), glue(hello.subarray(1), hello.subarray(0, 8)), hello.subarray(8)]],
    ['all of it byte by byte', [...glue(REQUEST, hello, hello)].map((byte) => Buffer.of(byte))],
  ].map(([how, packets]): Row => ({
    section: 'RFC 6455 4.2.2', must: true, rule: `frames may follow the request at once: ${String(how)}`,
    request: packets as Buffer[], answers: [echo, echo],
  })),

  ...accepts('RFC 6455 10.2', 'a page of an expected origin may connect',
    ['https://a.example', 'HTTPS://A.example', 'http://b.example:8080'].map((origin) => plus(`Origin: ${origin}`)),
    { must: false, flags: origins }),
  ...accepts('RFC 6455 10.2', 'so may the page of the server itself, at an address',
    ['127.0.0.1', '127.0.0.1:8081', 'localhost:8081', 'LOCALHOST', '[::1]:8081'].flatMap((Host) => [
      request({ Host, Origin: `http://${Host.toLowerCase()}` }), request({ Host, Origin: `https://${Host.toLowerCase()}` }),
    ]), { must: false, flags: origins }),
  ...refuses(403, 'RFC 6455 10.2', 'not at a name, which may be led here',
    ['evil.example:8081', '127.0.0.1.evil.example', 'localhost.evil.example'].map((Host) => {
      return request({ Host, Origin: `http://${Host}` });
    }), { must: false, flags: origins }),
  ...refuses(403, 'RFC 6455 4.2.2', 'any other origin, or none, gets 403', [REQUEST, ...[
    'https://b.example', 'http://a.example', 'https://a.example:8443', 'https://a.example.evil.example',
    'https://evil.example/https://a.example', 'http://127.0.0.1:8081', 'ws://127.0.0.1', 'file://',
    'https://a.example/', 'null', '', 'a.example', 'https://a.example https://b.example', 'constructor', '__proto__',
  ].map((origin) => plus(`Origin: ${origin}`))], { flags: origins }),
  ...refuses(400, 'RFC 6455 10.2', 'one origin',
    [plus('Origin: https://a.example', 'Origin: https://evil.example')], { must: false, flags: origins }),
];
