import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FLAGS, ROWS } from '../../lib/program/flags.ts';

describe('the table', () => {
  test('says what each flag does, in both languages', () => {
    for (const { name, en, zh } of ROWS) {
      assert.match(en, /^[a-z][\x20-\x7e]+$/, name);
      assert.match(zh, /\p{Script=Han}/u, name);
    }
  });
  test('has each name once, and a default that its own reader takes', () => {
    assert.equal(new Set(ROWS.map(({ name }) => name)).size, ROWS.length);
    for (const { name, read, default: value } of ROWS) if (value !== undefined) read([value], name);
    const names = ['port', 'subprotocols', 'maxPayload', 'handshakeTimeout'].map((option) => ROWS.find(({ key }) => key === option)?.name);
    assert.deepEqual(names, ['port', 'subprotocol', 'max-payload', 'handshake-timeout']);
  });
  test('a flag given again holds as it was given last; --origin and --subprotocol add up', () => {
    assert.equal(FLAGS.port.read(['1', '2'], 'port'), 2);
    assert.deepEqual(FLAGS.origins.read(['https://a.example', 'https://b.example:443']), ['https://a.example', 'https://b.example']);
    assert.deepEqual(FLAGS.subprotocols.read(['a,b', 'c']), ['a', 'b', 'c']);
  });
});
