import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { CLOSE_CODES, closeCode, FIELDS, OPCODES, RESERVED, STEPS } from '../../lib/trace/fields.ts';
import { type HeaderField, HEADERS } from '../../lib/trace/headers.ts';
import { isCloseCode } from '../../lib/websocket/close.ts';
import { stepsOf } from '../../lib/trace/steps.ts';

test('the functions that are said to read and write the bytes are there', () => {
  for (const { read, written } of [...Object.values(FIELDS), ...Object.values<HeaderField>(HEADERS)]) {
    for (const where of [read, written]) {
      const [, name, file] = /^(?:\w+\.)?(\w+)\(\) in (\S+)$/.exec(where ?? '') ?? [];
      if (file === undefined) continue;
      const code = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
      assert.match(code, new RegExp(`^(?:  (?:private )?|(?:export )?function )${name}\\(`, 'm'), where);
    }
  }
});

test('every sentence is there in both languages', () => {
  for (const { en, zh } of [FIELDS, OPCODES, CLOSE_CODES, HEADERS].flatMap((table) => Object.values(table))) {
    assert.match(en, /^[\x20-\x7e]+$/);
    assert.match(zh, /\p{Script=Han}/u);
  }
});

test('every opcode that is not reserved has a name, and so has every close code that may be sent', () => {
  assert.deepEqual(Object.keys(OPCODES).map(Number), [0, 1, 2, 8, 9, 10]);
  assert.equal(RESERVED.name, 'reserved');
  for (let code = 0; code < 65536; code++) {
    assert.equal(closeCode(code).name === 'not to be used', !isCloseCode(code) && !(code in CLOSE_CODES), `${code}`);
  }
});

test('closeCode(): names of the RFC, and whose the others are', () => {
  assert.equal(closeCode(1002).name, 'protocol error');
  assert.equal(closeCode(3000).name, 'registered by a library');
  assert.equal(closeCode(4999).name, 'of the application');
  assert.deepEqual([1004, 999, 1016, 5000].map((code) => closeCode(code).name), Array(4).fill('not to be used'));
});

test('every step of the loop has its sentence in Chinese', () => {
  assert.deepEqual(Object.keys(STEPS).map(Number), stepsOf(readFileSync(new URL('../../server.ts', import.meta.url), 'utf8')).map(({ step }) => step));
});
