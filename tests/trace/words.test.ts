import assert from 'node:assert/strict';
import { test } from 'node:test';
import { closeCodeOf, opcodeOf, sectionOf } from '../../lib/trace/words.ts';
import { isCloseCode } from '../../lib/websocket/close.ts';

test('opcodeOf(): six have a meaning, the others are reserved', () => {
  const names = Array.from({ length: 16 }, (_, opcode) => opcodeOf(opcode).name);
  assert.deepEqual(names.flatMap((name, opcode) => name === 'reserved' ? [] : [opcode]), [0, 1, 2, 8, 9, 10]);
  assert.deepEqual(opcodeOf(9), { name: 'ping', section: '5.5.2' });
});

test('closeCodeOf(): every code that may be sent has a name, and those that are told and never sent', () => {
  for (let code = 0; code < 65536; code++) {
    const isNamed = isCloseCode(code) || [1005, 1006, 1010, 1015].includes(code);
    assert.equal(closeCodeOf(code).name !== 'not to be used', isNamed, `${code}`);
  }
  assert.deepEqual([1002, 1013, 3000, 4999].map((code) => closeCodeOf(code)), [
    { name: 'protocol error', section: '7.4.1' }, { name: 'try again later', section: '11.7' },
    { name: 'registered by a library', section: '7.4.2' }, { name: 'of the application', section: '7.4.2' },
  ]);
});

test('sectionOf(): a name in any case; what stands in both heads has a section for each; no other is taken for one', () => {
  assert.deepEqual(['SEC-websocket-Key', 'Upgrade', 'origin'].map((name) => sectionOf(name, 'client')), ['4.2.1', '4.2.1', '10.2']);
  assert.deepEqual(['Upgrade', 'sec-websocket-accept', 'status line'].map((name) => sectionOf(name, 'server')), ['4.2.2', '4.2.2', '4.2.2']);
  for (const name of ['', 'Cookie', 'toString', '__proto__', 'constructor']) assert.equal(sectionOf(name, 'client'), 'RFC 9110 5');
});
