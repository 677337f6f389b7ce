import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HEADERS, knownHeader, sectionOf } from '../../lib/trace/headers.ts';

test('a name is known in any case, and no other is taken for one', () => {
  assert.equal(knownHeader('SEC-websocket-Key'), HEADERS['sec-websocket-key']);
  for (const name of ['', 'Cookie', 'toString', '__proto__', 'constructor']) assert.equal(knownHeader(name), HEADERS.other);
});

test('what stands in a request and in a response is defined in a section for each', () => {
  assert.deepEqual([sectionOf(HEADERS.upgrade, 'client'), sectionOf(HEADERS.upgrade, 'server')], ['4.2.1', '4.2.2']);
  assert.deepEqual([sectionOf(HEADERS.host, 'client'), sectionOf(HEADERS.other, 'server')], ['4.2.1', 'RFC 9110 5']);
});
