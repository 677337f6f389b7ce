import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { BINARY, buildMsg, FrameInbox, getMsg, PING, PONG, TEXT } from '../../lib/websocket/codec.ts';
import { negotiateDeflate } from '../../lib/websocket/deflate.ts';
import { encoding, Frame, Message } from '../../lib/websocket/message.ts';
import { forAll } from '../forall.ts';
import { conversation, readsOf } from '../generate.ts';
import { nextMsg, randomOf } from '../helpers.ts';
import { frame } from '../wire.ts';

const LENGTHS = [0, 1, 2, 124, 125, 126, 127, 128, 129, 130, 4096, 65534, 65535, 65536, 65537, 200_000];

/** A message of these bytes, which stand somewhere among others, cut into pieces at these places. */
function messageOf(opcode: number, payload: Buffer, cuts: number[] = []): Message {
  const ends = [...cuts, payload.length];
  const [first, ...rest] = ends.map((end, i) => Buffer.from(payload.subarray(ends[i - 1] ?? 0, end)));
  const bytes = Buffer.concat([Buffer.alloc(7, '<'), first!, Buffer.alloc(5, '>')]);
  return new Message(opcode, bytes, 7, 7 + first!.length, rest);
}

/** The frame as it is written among small ones, and as it is written alone. */
function bothWays(frame: Frame): [Buffer, Buffer] {
  const target = Buffer.alloc(frame.length + 6, '.');
  frame.copyTo(target, 3);
  assert.deepEqual([target.toString('latin1', 0, 3), target.toString('latin1', frame.length + 3)], ['...', '...']);
  return [target.subarray(3, -3), Buffer.concat(frame.parts())];
}

describe('Message', () => {
  test('payload, beginning() and length are those of the bytes, in one piece and in many', (t) => {
    const random = randomOf(t);
    for (const length of LENGTHS) {
      const payload = Buffer.from(Array.from({ length }, () => random(256)));
      for (const count of [0, 1, 2, 5]) {
        const cuts = Array.from({ length: count }, () => random(length + 1)).sort((a, b) => a - b);
        const message = messageOf(BINARY, payload, cuts);
        assert.equal(message.length, length);
        for (const most of [0, 1, random(length + 1), length, length + 1]) {
          assert.ok(message.beginning(most).equals(payload.subarray(0, most)), `${most} of ${length} cut at ${cuts}`);
        }
        assert.ok(message.payload.equals(payload), `${length} cut at ${cuts}`);
        assert.ok(message.payload.equals(payload), 'and once more, when it is joined');
      }
    }
  });

  test('what is changed in its payload before buildMsg() is changed in the answer, in one piece and in many', () => {
    for (const cuts of [[], [2], [0, 4]]) {
      const message = messageOf(TEXT, Buffer.from('hello'), cuts);
      message.payload.write('J');
      assert.deepEqual(buildMsg(message).bytes, buildMsg('Jello').bytes);
    }
  });

  test('answers with other headers, built and not sent yet, do not change each other', () => {
    const opcodes = [TEXT, TEXT, PONG, BINARY, TEXT];
    for (const length of LENGTHS) {
      const message = messageOf(TEXT, Buffer.alloc(length, 'a'));
      const parts = opcodes.map((opcode) => buildMsg(message, opcode).parts());
      for (const [i, opcode] of opcodes.entries()) {
        assert.ok(Buffer.concat(parts[i]!).equals(buildMsg(message.payload, opcode).bytes), `${length} bytes as ${opcode}`);
      }
    }
  });

  test('a large one is not copied: its answer is sent from where it was read', () => {
    const text = 'a'.repeat(70_000), bytes = Buffer.concat([frame(TEXT, text), frame(TEXT, 'next')]);
    const inbox = new FrameInbox();
    inbox.push(bytes);
    const message = getMsg(inbox)!, [, payload, ...more] = buildMsg(message).parts();
    assert.deepEqual([payload!.buffer, more], [bytes.buffer, []]);
    assert.ok(buildMsg(message).bytes.equals(buildMsg(text).bytes));
    assert.equal(getMsg(inbox)?.payload.toString(), 'next');
    assert.equal(message.payload.toString(), text);
  });
});

describe('Frame', () => {
  test('it has the same bytes, joined to others or alone, as buildMsg() makes of the payload, at every length', (t) => {
    const random = randomOf(t);
    for (const length of [...Array(300).keys(), ...LENGTHS]) {
      const payload = Buffer.alloc(length, `${length} `), expected = buildMsg(payload, BINARY).bytes;
      for (const count of [0, 1, 3]) {
        const cuts = Array.from({ length: count }, () => random(length + 1)).sort((a, b) => a - b);
        const frame = buildMsg(messageOf(TEXT, payload, cuts), BINARY);
        assert.equal(frame.length, expected.length);
        for (const bytes of bothWays(frame)) assert.ok(bytes.equals(expected), `${length} cut at ${cuts}`);
      }
    }
  });

  test('two clients that are served in turns are each answered with their own bytes', (t) =>
    forAll(t, 0.04, (random) => {
      const conversations = [conversation(random), conversation(random)];
      return { bytes: Buffer.concat(conversations.map(({ bytes }) => bytes)), conversations };
    }, async ({ conversations }, random) => {
      const clients = conversations.map(({ bytes, deflate, messages }) => {
        const inbox = new FrameInbox(), extension = deflate ? negotiateDeflate([]) : null;
        inbox.extension = extension;
        const filter = extension === null ? (frame: Frame) => frame : encoding(extension);
        const expected = Buffer.concat(messages.map(([opcode, payload]) => filter(buildMsg(payload, opcode)).bytes));
        return { inbox, filter, reads: readsOf(random, bytes), expected, frames: [] as Frame[] };
      });
      for (let i = 0; clients.some(({ reads }) => i < reads.length); i++) {
        for (const { inbox, filter, reads, frames } of clients) {
          if (i < reads.length) inbox.push(reads[i]!);
          for (let message; (message = await nextMsg(inbox)) !== null;) {
            frames.push(filter(buildMsg(message, message.opcode)));
          }
        }
      }
      for (const { frames, expected } of clients) {
        const answers = frames.map(bothWays);
        assert.ok(Buffer.concat(answers.map(([joined]) => joined)).equals(expected));
        assert.ok(Buffer.concat(answers.map(([, alone]) => alone)).equals(expected));
      }
    }));

  test('encoded it is a frame of its own, shorter and with RSV1, and the same one for all that agreed on the same', () => {
    const [agreed, other, small] = [negotiateDeflate([])!, negotiateDeflate([])!, negotiateDeflate([['server_max_window_bits', '9']])!];
    const frame = buildMsg('hello '.repeat(100)), plain = frame.bytes, encoded = frame.encoded(agreed);
    assert.equal(encoded.bytes[0], 0xc1);
    assert.ok(encoded.length < frame.length);
    assert.equal(frame.encoded(other), encoded);
    assert.notEqual(frame.encoded(small), encoded);
    assert.deepEqual(frame.bytes, plain);
  });

  test('encoding(): what would not be shorter, control frames and what is no frame stay as they are', () => {
    const filter = encoding(negotiateDeflate([])!);
    for (const frame of [buildMsg('short'), buildMsg('a'.repeat(100), PING), Buffer.alloc(1000), 'text']) {
      assert.equal(filter<unknown>(frame), frame);
    }
  });
});
