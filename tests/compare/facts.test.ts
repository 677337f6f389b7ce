/** What is said of a server's bytes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { frame } from '../wire.ts';
import { fieldOf, framesOf, headFact, is101 } from './facts.ts';

const said = (text: string, sent: string[] = []): string => {
  return framesOf(Buffer.from(text, 'latin1'), sent.map((one) => Buffer.from(one))).map(({ en }) => en).join('; ');
};

test('the fragments of a message are one message', () => {
  assert.equal(said('\x01\x03hel\x00\x01l\x80\x01o'), 'text "hello"');
  assert.equal(said('\x01\x03hel\x89\x00\x80\x02lo\x81\x02hi'), 'ping ""; text "hello"; text "hi"');
  assert.equal(said('\x01\x03hel\x80\x02lo', ['hello']), 'text "hello"');
  assert.equal(said('\x01\x03hel'), 'a part of text "hel"');
  assert.equal(said('\x80\x02lo'), 'continuation "lo"');
  assert.equal(said('\x01\x02he\x81\x02hi'), 'text "hi"; a part of text "he"');
});

test('a masked frame is said to be one, and another HTTP answer is no frame', () => {
  assert.equal(said(frame(0x1, 'hello').toString('latin1')), 'masked text "hello"');
  assert.equal(said('\x81\x02hiHTTP/1.1 101 Switching Protocols\r\n'), 'text "hi"; another HTTP answer');
});

test('101 is said only of a 101', () => {
  assert.ok(is101('HTTP/1.1 101 Web Socket Protocol Handshake\r\n\r\n'));
  for (const head of ['', 'HTTP/1.1 400 Bad Request\r\nX: 101\r\n\r\n', 'HTTP/1.0 101 \r\n\r\n', 'HTTP/1.1 1010 \r\n\r\n']) assert.ok(!is101(head));
});

test('what is no HTTP is shown, a frame as such', () => {
  assert.equal(headFact('hello\r\n').en, "no HTTP: 'hello\\r\\n'");
  assert.equal(headFact('\x88\x02\x03\xea').en, 'no HTTP: close 1002');
  assert.equal(headFact('\x81\x01a\x81\x01b\x81\x01c').en, 'no HTTP: text "a"; and more');
});

test('fieldOf() takes a field with or without a space', () => {
  assert.equal(fieldOf('HTTP/1.1 101 OK\r\nSec-WebSocket-Accept:abc\r\n\r\n', 'sec-websocket-accept'), 'abc');
  assert.equal(fieldOf('HTTP/1.1 101 OK\r\nA:  abc \r\n\r\n', 'A'), 'abc');
  assert.equal(fieldOf('HTTP/1.1 101 OK\r\n\r\n', 'A'), null);
});
