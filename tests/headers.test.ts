import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { HEADERS, knownHeader, OTHER_HEADER, REQUEST_LINE, STATUS_LINE } from '../lib/headers.ts';

test('each line of a head is read and written in one line of ours', () => {
  for (const { read, written = read } of [...Object.values(HEADERS), REQUEST_LINE, STATUS_LINE, OTHER_HEADER]) {
    for (const [file, words] of [read, written]) {
      const lines = readFileSync(new URL(`../${file}`, import.meta.url), 'utf8').split('\n');
      assert.equal(lines.filter((line) => line.includes(words)).length, 1, `${words} in ${file}`);
    }
  }
});

test('a name is known in any case, and no other is taken for one', () => {
  assert.equal(knownHeader('SEC-websocket-Key'), HEADERS['sec-websocket-key']);
  for (const name of ['', 'Cookie', 'toString', '__proto__', 'constructor']) assert.equal(knownHeader(name), OTHER_HEADER);
});
