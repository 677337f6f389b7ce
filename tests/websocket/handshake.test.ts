import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FrameInbox } from '../../lib/websocket/codec.ts';
import { getRequest, type Request } from '../../lib/websocket/handshake.ts';
import { HttpError } from '../../lib/websocket/http.ts';
import { KEY, request } from '../wire.ts';

function answerTo(text: string): Request | null {
  const inbox = new FrameInbox();
  inbox.push(Buffer.from(text));
  return getRequest(inbox);
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

test('where no place is left, a good request gets 503, a bad one is told what is bad', () => {
  for (const [text, status] of [[request(), 503], [request({ Host: null }), 400]] as const) {
    const inbox = new FrameInbox();
    inbox.push(Buffer.from(text));
    assert.throws(() => getRequest(inbox, undefined, true), { name: 'HttpError', status });
  }
});

describe('a browser that wants no WebSocket', () => {
  test('asks for the page with GET or HEAD of "/", and has no key', () => {
    const page = { 'Upgrade': null, 'Connection': 'keep-alive', 'Sec-WebSocket-Key': null, 'Sec-WebSocket-Version': null };
    for (const line of ['GET / HTTP/1.1', 'HEAD / HTTP/1.1', 'GET /?a=b HTTP/1.1']) {
      const asked = answerTo(request(page, line));
      assert.deepEqual([asked?.wsKey, asked?.agreed, asked?.filter], ['', '', null]);
    }
    assertRefused(request(page, 'GET /chat HTTP/1.1'), 426, /address bar/);
    assertRefused(request({ ...page, Host: null }), 400, /Host/);
  });
});

describe('RFC 6455 4.2.1: requests that are accepted', () => {
  test('the RFC\'s own', () => assert.equal(answerTo(request())?.wsKey, KEY));
  test('the article\'s curl line, whose key is "websocket"', () => {
    assert.equal(answerTo(request({ 'Sec-WebSocket-Key': 'websocket', 'Accept': '*/*' }))?.wsKey, 'websocket');
  });
  test('names in lower case (Node\'s client)', () => {
    assert.equal(answerTo(request().toLowerCase().replace(KEY.toLowerCase(), KEY).replace('get / http', 'GET / HTTP'))?.wsKey, KEY);
  });
  for (const changes of [
    { Connection: 'keep-alive, Upgrade' }, { Connection: 'UPGRADE' }, { Connection: ' ,upgrade ,' },
    { Upgrade: 'WebSocket' }, { Upgrade: 'h2c, websocket' }, { 'Content-Length': '0' }, { Host: '[::1]:8081' },
    { Host: 'localhost:' }, { Origin: 'null' },
  ]) {
    test(JSON.stringify(changes), () => assert.equal(answerTo(request(changes))?.wsKey, KEY));
  }
  for (const target of ['/chat?a=b', '//', 'http://example.com/', 'HTTPS://example.com']) {
    test(`target ${target}`, () => assert.equal(answerTo(request({}, `GET ${target} HTTP/1.1`))?.wsKey, KEY));
  }
  test('one that is not whole yet is not answered yet', () => assert.equal(answerTo(request().slice(0, -1)), null));
});

describe('RFC 6455 4.2.1 and 4.4: requests that are refused', () => {
  test('a browser tab at a path without a page is told what this port is, with its own address', () => {
    const fields = { 'Host': 'localhost:8081', 'Upgrade': null, 'Connection': 'keep-alive', 'Sec-WebSocket-Key': null };
    const tab = request(fields, 'GET /chat HTTP/1.1');
    assertRefused(tab, 426, /new WebSocket\('ws:\/\/localhost:8081'\)/, { Upgrade: 'websocket', Connection: 'Upgrade, close' });
  });
  test('a long Host is not repeated as a whole', () => {
    assert.throws(() => answerTo(request({ Host: 'a'.repeat(15000), Upgrade: null })), ({ message }) => message.length < 300);
  });
  test('Upgrade or Connection without the token gets 426', () => {
    for (const changes of [{ Upgrade: 'h2c' }, { Upgrade: 'websockets' }, { Connection: 'close' }, { Connection: null }]) {
      assertRefused(request(changes), 426, /speaks WebSocket/, { Upgrade: 'websocket' });
    }
  });
  test('another version gets 426 and is told 13', () => {
    for (const version of ['8', '14', '013', '13, 8', '', null]) {
      assertRefused(request({ 'Sec-WebSocket-Version': version }), 426, /speaks 13/, { 'Sec-WebSocket-Version': '13' });
    }
  });
  test('no key, or an empty one, gets 400', () => {
    assertRefused(request({ 'Sec-WebSocket-Key': null }), 400, /Key is missing/);
    assertRefused(request({ 'Sec-WebSocket-Key': '' }), 400, /Key is missing/);
  });
  test('a field that may come once and comes twice gets 400', () => {
    for (const name of ['Host', 'Sec-WebSocket-Key', 'Sec-WebSocket-Version']) {
      assertRefused(request({ [name.toUpperCase()]: '13' }), 400, new RegExp(`${name} comes more than once`));
    }
  });
  test('no Host, or none that could be one, gets 400', () => {
    for (const Host of [null, '', 'a b', 'a/b', 'user@a', 'a:b', '"', '<script>']) {
      assertRefused(request({ Host }), 400, /Host/);
    }
  });
  test('another method gets 405 and is told GET', () => {
    assertRefused(request({}, 'POST / HTTP/1.1'), 405, /POST/, { Allow: 'GET' });
    assertRefused(request({}, 'get / HTTP/1.1'), 405, /get/, { Allow: 'GET' });
    assert.throws(() => answerTo(request({}, 'HEAD / HTTP/1.1')), ({ bytes }: HttpError) => Buffer.concat(bytes).toString().endsWith('\r\n\r\n'));
  });
  test('another version of HTTP gets 505', () => {
    for (const version of ['1.0', '0.9', '2.0']) assertRefused(request({}, `GET / HTTP/${version}`), 505, /HTTP\/1\.1/);
  });
  test('a target that is no path, or has a fragment, gets 400', () => {
    for (const target of ['*', 'chat', '/a#b', 'http:///', 'ftp://a/']) {
      assertRefused(request({}, `GET ${target} HTTP/1.1`), 400, /target/);
    }
  });
  test('a body gets 400', () => {
    assertRefused(request({ 'Content-Length': '5' }), 400, /body/);
    assertRefused(request({ 'Transfer-Encoding': 'chunked' }), 400, /body/);
  });
});
