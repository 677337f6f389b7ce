/** What a request is answered, and the words of a refusal. All forms of a request: tests/conformance/handshake.ts. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FrameInbox } from '../../lib/websocket/codec.ts';
import { getRequest, type Request } from '../../lib/websocket/handshake.ts';
import { HttpError } from '../../lib/websocket/http.ts';
import { KEY, request } from '../wire.ts';

function answerTo(text: string, isFull = false): Request | null {
  const inbox = new FrameInbox();
  inbox.push(Buffer.from(text));
  return getRequest(inbox, undefined, isFull);
}

function assertRefused(text: string, status: number, words: RegExp, fields: Record<string, string> = {}): void {
  assert.throws(() => answerTo(text), (error) => {
    assert.ok(error instanceof HttpError, String(error));
    assert.equal(error.status, status, error.message);
    assert.match(error.message, words);
    for (const [name, value] of Object.entries(fields)) assert.equal(error.fields[name], value);
    return true;
  });
}

const page = { 'Upgrade': null, 'Connection': 'keep-alive', 'Sec-WebSocket-Key': null, 'Sec-WebSocket-Version': null };

test('RFC 6455 1.3: its own request has its own key, when it is whole', () => {
  assert.equal(answerTo(request())?.wsKey, KEY);
  assert.equal(answerTo(request().slice(0, -1)), null);
});

test('where no place is left, a good request gets 503, a bad one is told what is bad', () => {
  for (const fields of [{}, page]) {
    assert.throws(() => answerTo(request(fields), true), { name: 'HttpError', status: 503 });
  }
  assert.throws(() => answerTo(request({ Host: null }), true), { name: 'HttpError', status: 400 });
});

test('a browser or a health check that wants no WebSocket asks for the page or its methods, and has no key', () => {
  for (const text of [
    ...['GET / HTTP/1.1', 'HEAD / HTTP/1.1', 'GET /?a=b HTTP/1.1', 'GET /favicon.ico HTTP/1.1', 'OPTIONS / HTTP/1.1', 'OPTIONS * HTTP/1.1']
      .map((line) => request(page, line)),
    // HTTP/1.0 has no Host
    ...['GET /', 'HEAD /', 'OPTIONS /', 'OPTIONS *'].map((line) => `${line} HTTP/1.0\r\n\r\n`),
    // An upgrade to HTTP/2 is passed over
    request({ ...page, 'Connection': 'Upgrade, HTTP2-Settings', 'Upgrade': 'h2c', 'HTTP2-Settings': 'AAMAAABk' }),
    // nginx, where it is told to send Connection: upgrade with every request
    request({ ...page, Connection: 'upgrade' }),
  ]) {
    const asked = answerTo(text);
    assert.deepEqual([asked?.isForPage, asked?.wsKey, asked?.agreed, asked?.filter], [true, '', '', null], text);
  }
  assertRefused(request({ ...page, Host: null }), 400, /Host/);
});

describe('RFC 6455 4.2.1 and 4.4: requests that are refused', () => {
  const upgrade = { Upgrade: 'websocket', Connection: 'Upgrade, close' };
  const rows: [text: string, status: number, words: RegExp, fields?: Record<string, string>][] = [
    // What this port is, with its own address
    [request({ ...page, Host: 'localhost:8081' }, 'GET /chat HTTP/1.1'), 426,
      /address bar.*new WebSocket\('ws:\/\/localhost:8081'\)/, upgrade],
    // Half a handshake: a proxy may have taken out what is for one connection only
    ...[{ Upgrade: 'h2c' }, { Upgrade: null }, { Connection: null }, { Upgrade: null, Connection: 'close' },
      { 'Connection': 'close', 'Sec-WebSocket-Key': null }, { ...page, Upgrade: 'websocket' }]
      .map((fields): typeof rows[number] => [request(fields), 426,
        /lacks 'Upgrade: websocket' or 'Connection: Upgrade'\. A proxy drops both/, upgrade]),
    [request({ 'Sec-WebSocket-Version': '8' }), 426, /speaks 13/, { 'Sec-WebSocket-Version': '13' }],
    [request({ 'Sec-WebSocket-Key': null }), 400, /Key is missing/],
    ...['Host', 'Sec-WebSocket-Key', 'Sec-WebSocket-Version'].map((name): typeof rows[number] =>
      [request({ [name.toUpperCase()]: '13' }), 400, new RegExp(`${name} comes more than once`)]),
    [request({ Host: 'a:b' }), 400, /Host 'a:b' is no host\.$/],
    [request({ Host: '/北京' }), 400, /Host '\/北京' is no host\.$/],
    [request({ Host: '::1:8081' }), 400, /Host '::1:8081' is no host: an IPv6 address stands in brackets\.$/],
    [request({}, 'POST / HTTP/1.1'), 405, /POST/, { Allow: 'GET' }],
    [request(page, 'POST / HTTP/1.1'), 405, /POST/, { Allow: 'GET, HEAD, OPTIONS' }],
    [request(page, 'HEAD /x HTTP/1.1'), 405, /HEAD/, { Allow: 'GET' }],
    [request(page, 'OPTIONS /x HTTP/1.1'), 405, /OPTIONS/, { Allow: 'GET' }],
    [request({}, 'GET / HTTP/2.0'), 505, /HTTP\/2\.0.*HTTP\/1\.1/],
    ['PRI * HTTP/2.0\r\n\r\n', 505, /HTTP\/2\.0/],
    [request({}, 'GET / HTTP/1.0'), 400, /begins with HTTP\/1\.1/],
    [request({}, 'GET /a#b HTTP/1.1'), 400, /target/],
    [request(page, 'GET * HTTP/1.1'), 400, /target '\*'/],
    [request({}, 'GET ws://host/ HTTP/1.1'), 400,
      /target 'ws:\/\/host\/' is neither .* the scheme of a WebSocket's URL is http\.$/],
    [request({ 'Content-Length': '5' }), 400, /body/],
    [request({ 'Content-Length': '5', 'content-length': '6' }), 400, /Content-Length '5, 6' is not a length\.$/],
  ];
  for (const row of rows) {
    test(`${row[1]}: ${row[2].source}`, () => assertRefused(...row));
  }
  test('a long Host is not repeated as a whole', () => {
    assertRefused(request({ Host: 'a'.repeat(15000), Upgrade: null }), 426, /^.{20,300}$/);
  });
  test('RFC 9110 9.3.2: no refusal of HEAD has a body', () => {
    for (const [fields, version] of [[{}, '1.1'], [{ Host: null }, '1.1'], [{}, '2.0']] as const) {
      assert.throws(() => answerTo(request(fields, `HEAD / HTTP/${version}`)),
        ({ bytes }: HttpError) => Buffer.concat(bytes).toString().endsWith('\r\n\r\n'));
    }
  });
});
