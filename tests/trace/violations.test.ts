import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { BREAKS } from '../../lib/trace/violations.ts';
import { ProtocolError } from '../../lib/websocket/close.ts';
import { getMsg } from '../../lib/websocket/frame.ts';
import { Inbox } from '../../lib/websocket/inbox.ts';

describe('each break', () => {
  for (const [name, { bytes, code, section, en, zh }] of Object.entries(BREAKS)) {
    test(`${name} is refused with ${code}, for the reason that it tells (RFC 6455 ${section})`, () => {
      const inbox = new Inbox();
      inbox.push(Buffer.from(bytes));
      assert.throws(() => getMsg(inbox), (error) => error instanceof ProtocolError && error.code === code);
      assert.match(en, /^[\x20-\x7e]+$/);
      assert.match(zh, /\p{Script=Han}/u);
    });
  }
});

test('they break different rules: no two are refused in the same words', () => {
  const reasons = Object.values(BREAKS).map(({ bytes }) => {
    const inbox = new Inbox();
    inbox.push(Buffer.from(bytes));
    try {
      getMsg(inbox);
    } catch (error) {
      return (error as Error).message;
    }
    return '';
  });
  assert.equal(new Set(reasons).size, reasons.length, reasons.join('\n'));
});
