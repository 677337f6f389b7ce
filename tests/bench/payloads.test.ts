import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { TEXT } from '../../lib/websocket/frame.ts';
import { reply, RSV1 } from '../conformance/row.ts';
import { deflated, inflated } from '../raw_deflate.ts';
import { readFrames } from '../reference.ts';
import { messagesFor, READ_SIZE, type Reader } from './payloads.ts';
import { type Row, ROWS } from './rows.ts';

const row = (changes: Partial<Row>): Row => ({ ...ROWS[0]!, ...changes });

/** How many answers each of these reads completes. */
function feed(reader: Reader, reads: Buffer[]): number[] {
  return reads.map((bytes) => reader(bytes, bytes.length));
}

/** The answer to each plain message of this size. */
function plainAnswer(size: number): Buffer {
  const frames = messagesFor(row({ size }), false).frames(0, 1);
  return reply(TEXT, readFrames(frames, 'client', null).messages[0]![1]);
}

/** As reads give it: none is longer than the load's buffer. */
function cut(bytes: Buffer): Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / READ_SIZE) }, (_, i) =>
    bytes.subarray(i * READ_SIZE, (i + 1) * READ_SIZE));
}

describe('plain messages', () => {
  test('are text frames that a strict reader takes, so many in one Buffer', () => {
    const frames = messagesFor(row({ size: 16, inflight: 3 }), false).frames(7, 2);
    const { messages, code, used } = readFrames(frames, 'client', null);
    assert.deepEqual(messages, [1, 2].map(() => [TEXT, Buffer.from('All that is gold')]));
    assert.deepEqual([code, used], [null, frames.length]);
  });
  for (const size of [16, 125, 126, 16_384, 65_536, 1_048_576]) {
    test(`counts right answers of ${size} bytes, wherever they are cut`, () => {
      const reader = messagesFor(row({ size }), false).reader();
      const answer = plainAnswer(size);
      const three = Buffer.concat([answer, answer, answer]);
      const cuts = [0, 1, answer.length - 1, answer.length + 1, 2 * answer.length, three.length];
      const pieces = cuts.slice(1).flatMap((end, i) => cut(three.subarray(cuts[i]!, end)));
      assert.equal(feed(reader, pieces).reduce((sum, count) => sum + count, 0), 3);
    });
  }
  test('finds one wrong bit anywhere in the second answer', () => {
    const answer = plainAnswer(16);
    for (let at = 0; at < answer.length; at++) {
      const reader = messagesFor(row({ size: 16 }), false).reader();
      const wrong = Buffer.from(answer);
      wrong[at]! ^= 1;
      assert.deepEqual(feed(reader, [answer]), [1]);
      assert.throws(() => feed(reader, [wrong]), /An answer is wrong/, `bit in byte ${at}`);
    }
  });
  test('of a raw server come back as they are', () => {
    const messages = messagesFor(row({ size: 16, inflight: 2 }), true);
    assert.deepEqual(feed(messages.reader(), [messages.frames(0, 2)]), [2]);
  });
});

describe('compressed messages', () => {
  const texts = (count: number): Buffer[] => {
    const frames = messagesFor(row({ size: 1024, deflate: true }), false).frames(0, count);
    return readFrames(frames, 'client', inflated).messages.map(([, text]) => text);
  };
  test('are different texts of their size, which shrink', () => {
    assert.deepEqual(texts(3).map(({ length }) => length), [1024, 1024, 1024]);
    assert.ok(!texts(2)[0]!.equals(texts(2)[1]!));
    assert.ok(deflated(texts(1)[0]!).length < 512);
  });
  test('are counted compressed or not, byte by byte too', () => {
    const [one, two] = texts(2);
    const answers = Buffer.concat([reply(TEXT, deflated(one!), RSV1), reply(TEXT, two!)]);
    for (const reads of [[answers], [...answers].map((byte) => Buffer.of(byte))]) {
      const reader = messagesFor(row({ size: 1024, deflate: true }), false).reader();
      assert.equal(feed(reader, reads).reduce((sum, count) => sum + count, 0), 2);
    }
  });
  test('are wrong where the first one says something else, or where one is no text', () => {
    const [one, two] = texts(2);
    for (const answers of [[reply(TEXT, deflated(two!), RSV1)], [reply(TEXT, one!), reply(2, one!)]]) {
      const reader = messagesFor(row({ size: 1024, deflate: true }), false).reader();
      assert.throws(() => feed(reader, answers), /An answer is wrong/);
    }
  });
});
