import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VIOLATIONS } from '../../lib/trace/violations.ts';
import { FrameInbox, getMsg } from '../../lib/websocket/codec.ts';

test('they break different rules: no two are refused in the same words', () => {
  const reasons = Object.values(VIOLATIONS).map(({ bytes }) => {
    const inbox = new FrameInbox();
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
