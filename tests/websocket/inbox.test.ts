import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { Inbox } from '../../lib/websocket/inbox.ts';
import { gc, hex, randomOf } from '../helpers.ts';

/** RFC 6455 5.7: two frames, "Hello" masked and a ping, glued. */
const SAMPLE = hex('8185 37fa213d 7f9f4d5158 8985 37fa213d 7f9f4d5158');
const LF = 0x0a;

function inboxOf(...pieces: Uint8Array[]): Inbox {
  const inbox = new Inbox();
  for (const piece of pieces) inbox.push(Buffer.from(piece));
  return inbox;
}

/** Pushed byte by byte: in a buffer of the inbox's own, with room behind. */
function inboxByByte(bytes: Uint8Array): Inbox {
  return inboxOf(...[...bytes].map((byte) => Uint8Array.of(byte)));
}

/** How much memory the inbox keeps, seen through a view of nothing. */
function kept(inbox: Inbox): number {
  return inbox.take(0).buffer.byteLength;
}

describe('push() and take()', () => {
  test('copy nothing where nothing was unused: what is taken is a view on what was pushed', () => {
    const inbox = inboxOf(SAMPLE);
    for (let times = 0; times < 2; times++) {
      inbox.take(inbox.length);
      const buff = Buffer.from(SAMPLE);
      inbox.push(buff);
      inbox.skip(3);
      assert.deepEqual(inbox.buffer.subarray(inbox.start, inbox.start + inbox.length), SAMPLE.subarray(3));
      const taken = inbox.take(2);
      assert.deepEqual([taken, taken.buffer === buff.buffer], [SAMPLE.subarray(3, 5), true]);
    }
  });

  test('what was taken belongs to the caller: its changes and later pushes leave each other alone', () => {
    const inbox = inboxByByte(SAMPLE.subarray(0, 5));
    const taken = inbox.take(3);
    taken.fill(0xee);
    for (const byte of SAMPLE.subarray(5)) inbox.push(Buffer.of(byte));
    assert.deepEqual(taken, Buffer.alloc(3, 0xee));
    assert.deepEqual(inbox.take(inbox.length), SAMPLE.subarray(3));
  });

  test('push() does not write behind a piece that is a view itself', () => {
    const buff = Buffer.from('abcdef');
    const inbox = new Inbox();
    inbox.push(buff.subarray(0, 3));
    inbox.push(Buffer.from('XYZ'));
    assert.equal(inbox.take(6).toString(), 'abcXYZ');
    assert.equal(buff.toString(), 'abcdef');
  });

  test('any pushes and takes give what a naive queue of bytes gives', (t) => {
    const random = randomOf(t);
    const inbox = new Inbox();
    let naive: number[] = [];
    const views: [Buffer, number[]][] = [];
    for (let i = 0; i < 5000; i++) {
      const buff = Buffer.from(Array.from({ length: random(random(4) === 0 ? 300 : 8) }, () => random(256)));
      naive.push(...buff);
      inbox.push(buff);
      if (random(50) === 0) inbox.drained();
      const count = random(3) === 0 ? naive.length : random(Math.min(naive.length, 100) + 1);
      views.push([inbox.take(count), naive.slice(0, count)]);
      naive = naive.slice(count);
      assert.equal(inbox.length, naive.length);
      const from = random(naive.length + 2), byte = naive[from] ?? LF;
      if (from < naive.length) assert.equal(inbox.at(from), byte);
      assert.equal(inbox.indexOf(byte), naive.indexOf(byte));
      assert.equal(inbox.indexOf(byte, from), naive.indexOf(byte, from));
    }
    for (const [view, expected] of views) assert.deepEqual([...view], expected);
  });
});

describe('indexOf() and searched', () => {
  test('indexOf() does not see stale bytes behind the last one', () => {
    const inbox = inboxByByte(Buffer.from('abcde')), room = Buffer.from(inbox.take(0).buffer);
    assert.ok(room.length > 5, 'there is room behind');
    room.fill(LF, 5);
    assert.equal(inbox.indexOf(LF), -1);
    inbox.push(Buffer.of(LF));
    assert.equal(inbox.indexOf(LF), 5);
  });

  test('searched outlives push() and drained(), not take()', () => {
    const inbox = inboxOf(Buffer.alloc(100));
    inbox.searched = 7;
    inbox.push(Buffer.alloc(100));
    inbox.drained();
    assert.equal(inbox.searched, 7);
    inbox.take(1);
    assert.equal(inbox.searched, 0);
  });
});

describe('memory', () => {
  test('drained() lets a read of 64 KiB go when a few of its bytes are unused', () => {
    const inbox = inboxOf(Buffer.alloc(65536, 'x'));
    inbox.take(65530);
    assert.equal(kept(inbox), 65536);
    inbox.drained();
    assert.equal(kept(inbox), 6);
    assert.equal(inbox.take(6).toString(), 'xxxxxx');
  });

  test('drained() lets go of a large buffer that a small piece is a view on', () => {
    const inbox = new Inbox();
    inbox.push(Buffer.allocUnsafeSlow(65536).subarray(0, 6));
    inbox.drained();
    assert.equal(kept(inbox), 6);
  });

  test('drained() copies nothing where more than half is unused, or nothing at all', () => {
    const inbox = inboxOf(Buffer.alloc(65536));
    inbox.take(32768);
    const { buffer } = inbox.take(0);
    inbox.drained();
    assert.equal(inbox.take(0).buffer, buffer);
    inbox.take(1);
    inbox.drained();
    assert.equal(kept(inbox), 32767);
    inbox.take(32767);
    inbox.drained();
    assert.equal(inbox.length, 0);
  });

  test('an inbox that is empty keeps nothing of what it gave away', async () => {
    const inbox = new Inbox();
    const pass = (): WeakRef<ArrayBufferLike> => {
      inbox.push(Buffer.alloc(65536));
      return new WeakRef(inbox.take(65536).buffer);
    };
    const given = pass();
    await setImmediate();
    gc();
    assert.equal(given.deref(), undefined);
  });

  test('a stream of single bytes is moved as often as its length doubles, so it costs linear time', () => {
    const inbox = new Inbox();
    const buffers = new Set<ArrayBufferLike>();
    for (let i = 0; i < 100_000; i++) {
      inbox.push(Buffer.of(i & 0xff));
      buffers.add(inbox.take(0).buffer);
    }
    assert.ok(buffers.size <= 2 + Math.log2(100_000), `moved ${buffers.size} times`);
    assert.ok(kept(inbox) <= 2 * 100_000);
    assert.deepEqual(inbox.take(100_000), Buffer.from(Array.from({ length: 100_000 }, (_, i) => i & 0xff)));
  });
});
