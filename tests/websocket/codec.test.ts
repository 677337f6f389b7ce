import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ProtocolError } from '../../lib/websocket/close.ts';
import {
  BINARY, buildMsg, CLOSE, CONTINUATION, FrameInbox, getMsg, MAX_PAYLOAD, PING, PONG, TEXT,
} from '../../lib/websocket/codec.ts';
import { negotiateDeflate } from '../../lib/websocket/deflate.ts';
import { Message } from '../../lib/websocket/message.ts';
import { deflated } from '../raw_deflate.ts';
import { closing, frame } from '../wire.ts';

/** All messages of these reads, as [opcode, payload]. */
function messagesOf(...reads: Uint8Array[]): [number, Buffer][] {
  const inbox = new FrameInbox(), messages: [number, Buffer][] = [];
  for (const read of reads) {
    inbox.push(Buffer.from(read));
    for (let message: Message | null; (message = getMsg(inbox)) !== null;) {
      messages.push([message.opcode, Buffer.from(message.payload)]);
    }
  }
  return messages;
}

function assertRefused(bytes: Uint8Array, code: number, words: RegExp): void {
  assert.throws(() => messagesOf(bytes), (error) => {
    assert.ok(error instanceof ProtocolError);
    assert.equal(error.code, code);
    assert.match(error.message, words);
    return true;
  });
}

const hello = Buffer.from('Hello');

describe('RFC 6455 5.7: the samples', () => {
  test('buildMsg() makes the unmasked text "Hello"', () => {
    assert.deepEqual(buildMsg('Hello').bytes, Buffer.of(0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f));
  });
  test('getMsg() reads the masked text "Hello"', () => {
    const bytes = Buffer.of(0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58);
    assert.deepEqual(messagesOf(bytes), [[TEXT, hello]]);
  });
  test('getMsg() joins the fragments "Hel" and "lo"', () => {
    const bytes = Buffer.concat([frame(TEXT, 'Hel', { fin: false }), frame(CONTINUATION, 'lo')]);
    assert.deepEqual(messagesOf(bytes), [[TEXT, hello]]);
  });
  test('getMsg() reads a ping of "Hello", and buildMsg() answers with the same payload', () => {
    const bytes = Buffer.of(0x89, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58);
    assert.deepEqual(messagesOf(bytes), [[PING, hello]]);
    assert.deepEqual(buildMsg(hello, PONG).bytes, Buffer.of(0x8a, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f));
  });
  test('buildMsg() writes 256 bytes of binary with a length of 16 bits', () => {
    assert.deepEqual(buildMsg(Buffer.alloc(256), BINARY).bytes.subarray(0, 5), Buffer.of(0x82, 0x7e, 0x01, 0x00, 0x00));
  });
  test('buildMsg() writes 64 KiB of binary with a length of 64 bits', () => {
    assert.deepEqual(buildMsg(Buffer.alloc(65536), BINARY).bytes.subarray(0, 11),
      Buffer.of(0x82, 0x7f, 0, 0, 0, 0, 0, 0x01, 0, 0, 0));
  });
});

describe('buildMsg()', () => {
  test('answers a message by its kind, anything else is a text, and an opcode of its own goes before both', () => {
    const answers = [[TEXT, TEXT], [BINARY, BINARY], [PING, PONG], [CLOSE, CLOSE]] as const;
    for (const [opcode, answer] of answers) {
      assert.deepEqual(buildMsg(new Message(opcode, hello)).bytes, frame(answer, hello, { masked: false }));
      assert.deepEqual(buildMsg(new Message(opcode, hello), BINARY).bytes, frame(BINARY, hello, { masked: false }));
    }
    for (const payload of ['你好', Buffer.from('你好')]) {
      assert.deepEqual(buildMsg(payload).bytes, frame(TEXT, '你好', { masked: false }));
      assert.deepEqual(buildMsg(payload, PING).bytes, frame(PING, '你好', { masked: false }));
    }
  });
});

describe('FrameInbox', () => {
  test('has no room before all messages are taken out: what is read behind them may be the end', () => {
    const inbox = new FrameInbox();
    assert.equal(inbox.room, 65536);
    inbox.push(Buffer.concat([frame(TEXT, 'a'), frame(TEXT, 'b'), frame(TEXT, 'c').subarray(0, 3)]));
    for (const room of [0, 0, 65536]) {
      getMsg(inbox);
      assert.equal(inbox.room, room);
    }
  });
  test('what is held are the bytes that are not used up, and those of the message that has begun', () => {
    const inbox = new FrameInbox(), bytes = frame(BINARY, Buffer.alloc(100), { fin: false });
    inbox.push(Buffer.concat([bytes, frame(PING, 'x').subarray(0, 3)]));
    assert.deepEqual([inbox.held, inbox.isInsideFrame], [bytes.length + 3, true]);
    assert.equal(getMsg(inbox), null);
    assert.deepEqual([inbox.held, inbox.isInsideFrame], [103, true]);
    inbox.push(frame(PING, 'x').subarray(3));
    assert.equal(getMsg(inbox)?.opcode, PING);
    assert.deepEqual([inbox.held, inbox.isInsideFrame], [100, false]);
    inbox.push(frame(CONTINUATION, 'end').subarray(0, 7));
    assert.equal(getMsg(inbox), null);
    assert.deepEqual([inbox.held, inbox.isInsideFrame], [101, true]);
    inbox.push(frame(CONTINUATION, 'end').subarray(7));
    assert.equal(getMsg(inbox)?.length, 103);
    assert.deepEqual([inbox.held, inbox.isInsideFrame], [0, false]);
  });
});

describe('RFC 6455 5.2: lengths', () => {
  for (const length of [0, 1, 125, 126, 127, 65535, 65536, 1 << 20]) {
    test(`a message of ${length} bytes goes through both`, () => {
      const payload = Buffer.alloc(length, '0123456789abcdef');
      assert.deepEqual(messagesOf(frame(BINARY, payload)), [[BINARY, payload]]);
      assert.deepEqual(buildMsg(payload, BINARY).bytes, frame(BINARY, payload, { masked: false }));
    });
  }
  test('a length that takes more bytes than it needs is refused', () => {
    assertRefused(frame(TEXT, 'x', { bits: 16 }), 1002, /length 1 /);
    assertRefused(frame(TEXT, 'x'.repeat(125), { bits: 16 }), 1002, /length 125 /);
    assertRefused(frame(TEXT, 'x'.repeat(65535), { bits: 64 }), 1002, /length 65535 /);
  });
  test('a length with the highest of its 64 bits set is refused', () => {
    assertRefused(Buffer.of(0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0), 1002, /highest bit/);
  });
  test('a message of exactly 16 MiB is taken, and one byte more is refused by its declared length alone', () => {
    const payload = Buffer.alloc(MAX_PAYLOAD, 7);
    assert.equal(messagesOf(frame(BINARY, payload))[0]![1].length, MAX_PAYLOAD);
    assertRefused(Buffer.of(0x82, 0xff, 0, 0, 0, 0, 0x01, 0, 0, 0x01), 1009, /16777216/);
    assertRefused(Buffer.of(0x82, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff), 1009, /16777216/);
  });
  test('an inbox may have its own limit: of one frame, over fragments, inflated', () => {
    const refused = (bytes: Buffer): void => {
      const inbox = new FrameInbox(100);
      inbox.extension = negotiateDeflate([]);
      inbox.push(bytes);
      assert.throws(() => { while (getMsg(inbox) !== null); }, { code: 1009, message: / 100 bytes/ });
    };
    refused(frame(BINARY, Buffer.alloc(101)).subarray(0, 2));
    refused(Buffer.concat([frame(BINARY, Buffer.alloc(60), { fin: false }), frame(CONTINUATION, Buffer.alloc(41))]));
    const packed = deflated(Buffer.alloc(101));
    refused(frame(BINARY, packed, { rsv: 0x40 }));
    refused(Buffer.concat([frame(BINARY, packed.subarray(0, 1), { rsv: 0x40, fin: false }), frame(CONTINUATION, packed.subarray(1))]));
  });
  test('messages and control frames are counted as they are taken out', () => {
    const inbox = new FrameInbox();
    inbox.push(Buffer.concat([frame(TEXT, 'a', { fin: false }), frame(PING), frame(CONTINUATION, 'b'), frame(TEXT, 'c')]));
    for (const count of [1, 2, 3]) {
      assert.ok(getMsg(inbox));
      assert.equal(inbox.messages, count);
    }
    inbox.push(frame(TEXT, 'd').subarray(0, 6));
    assert.equal(getMsg(inbox), null);
    assert.equal(inbox.messages, 3);
  });
  test('a ping between fragments does not count', () => {
    const bytes = [frame(BINARY, Buffer.alloc(MAX_PAYLOAD), { fin: false }), frame(PING, 'p'), frame(CONTINUATION)];
    assert.deepEqual(messagesOf(Buffer.concat(bytes)).map(([opcode]) => opcode), [PING, BINARY]);
  });
  test('the limit holds over all fragments', () => {
    const half = frame(BINARY, Buffer.alloc(MAX_PAYLOAD / 2), { fin: false });
    const other = frame(CONTINUATION, Buffer.alloc(MAX_PAYLOAD / 2), { fin: false });
    assertRefused(Buffer.concat([half, other, frame(CONTINUATION, 'x')]), 1009, /16777216/);
  });
});

describe('RFC 6455 5.1 to 5.5: frames that are refused', () => {
  test('one that is not masked', () => {
    assertRefused(frame(TEXT, 'Hello', { masked: false }), 1002, /not masked/);
    assertRefused(frame(CLOSE, '', { masked: false }), 1002, /not masked/);
  });
  for (const [rsv, bits] of [[0x40, '100'], [0x20, '010'], [0x10, '001'], [0x70, '111']] as const) {
    test(`one with reserved bits ${bits}`, () => {
      assertRefused(frame(TEXT, 'Hello', { rsv }), 1002, new RegExp(`bits ${bits}`));
      assertRefused(frame(PING, '', { rsv }), 1002, new RegExp(`bits ${bits}`));
    });
  }
  for (const opcode of [0x3, 0x4, 0x5, 0x6, 0x7, 0xb, 0xc, 0xd, 0xe, 0xf]) {
    test(`one with the reserved opcode 0x${opcode.toString(16)}`, () => {
      assertRefused(frame(opcode, 'Hello'), 1002, new RegExp(`opcode 0x${opcode.toString(16)} `));
    });
  }
  for (const opcode of [CLOSE, PING, PONG]) {
    test(`a control frame 0x${opcode.toString(16)} in fragments, or of 126 bytes`, () => {
      assertRefused(frame(opcode, '', { fin: false }), 1002, /fragmented/);
      assertRefused(frame(opcode, Buffer.alloc(126)), 1002, /125 bytes/);
      assertRefused(frame(opcode, Buffer.alloc(65536)), 1002, /125 bytes/);
    });
  }
  test('a continuation of nothing, at the start and after a whole message', () => {
    assertRefused(frame(CONTINUATION, 'lo'), 1002, /of no message/);
    const bytes = Buffer.concat([frame(TEXT, 'Hel', { fin: false }), frame(CONTINUATION, 'lo'), frame(CONTINUATION)]);
    assertRefused(bytes, 1002, /of no message/);
  });
  test('a new message inside of another, even where its first fragment was empty', () => {
    assertRefused(Buffer.concat([frame(TEXT, '', { fin: false }), frame(TEXT, 'Hello')]), 1002, /inside of another/);
    assertRefused(Buffer.concat([frame(BINARY, 'a', { fin: false }), frame(BINARY, 'b')]), 1002, /inside of another/);
  });
  test('each as soon as its first two bytes are there', () => {
    for (const bytes of [[0xc1, 0x80], [0x83, 0x80], [0x81, 0x05], [0x09, 0x80], [0x89, 0xfe], [0x80, 0x80]]) {
      assertRefused(Uint8Array.from(bytes), 1002, /Cannot read frame/);
    }
  });
});

describe('RFC 6455 5.4 and 5.5: fragments and control frames', () => {
  test('a ping between fragments comes first, and the message is whole', () => {
    const bytes = Buffer.concat([
      frame(TEXT, 'Hel', { fin: false }), frame(PING, 'between'), frame(CONTINUATION, '', { fin: false }),
      frame(PONG), frame(CONTINUATION, 'lo'), frame(BINARY, 'next'),
    ]);
    assert.deepEqual(messagesOf(bytes),
      [[PING, Buffer.from('between')], [PONG, Buffer.alloc(0)], [TEXT, hello], [BINARY, Buffer.from('next')]]);
  });
  test('empty fragments make an empty message', () => {
    const bytes = Buffer.concat([frame(TEXT, '', { fin: false }), frame(CONTINUATION)]);
    assert.deepEqual(messagesOf(bytes), [[TEXT, Buffer.alloc(0)]]);
  });
  test('a control frame of 125 bytes is taken', () => {
    assert.deepEqual(messagesOf(frame(PING, Buffer.alloc(125, 'p'))), [[PING, Buffer.alloc(125, 'p')]]);
  });
});

describe('RFC 6455 5.5.1: Close', () => {
  test('an empty one, one with a code, one with a reason', () => {
    for (const payload of [Buffer.alloc(0), closing(1000), closing(3001, 'bye'), closing(4999, '再见')]) {
      assert.deepEqual(messagesOf(frame(CLOSE, payload)), [[CLOSE, payload]]);
    }
  });
  test('a bad code is refused with 1002, a bad reason with 1007', () => {
    assertRefused(frame(CLOSE, Buffer.of(3)), 1002, /cut in half/);
    assertRefused(frame(CLOSE, closing(1005)), 1002, /code 1005/);
    assertRefused(frame(CLOSE, closing(1000, Buffer.of(0xff))), 1007, /UTF-8/);
  });
});

describe('RFC 6455 8.1: text is UTF-8', () => {
  test('bad bytes are refused in one frame, in fragments, and at the end of a message', () => {
    assertRefused(frame(TEXT, Buffer.of(0x48, 0xff)), 1007, /UTF-8/);
    assertRefused(frame(TEXT, Buffer.of(0xe4, 0xbd)), 1007, /UTF-8/);
    const cut = frame(TEXT, Buffer.of(0xe4, 0xbd), { fin: false });
    assertRefused(Buffer.concat([cut, frame(CONTINUATION, Buffer.of(0x41))]), 1007, /UTF-8/);
    assertRefused(Buffer.concat([cut, frame(CONTINUATION)]), 1007, /UTF-8/);
  });
  test('in the middle of a frame, without waiting for its end', () => {
    const whole = frame(TEXT, Buffer.of(0x48, 0xed, 0xa0, 0x80, 0x48));
    assert.deepEqual(messagesOf(whole.subarray(0, -3)).length, 0);
    assertRefused(whole.subarray(0, -2), 1007, /UTF-8/);
  });
  test('a code point cut by a fragment is fine', () => {
    const [first, second] = [Buffer.of(0xf0, 0x9f), Buffer.of(0x98, 0x80)];
    const bytes = Buffer.concat([frame(TEXT, first, { fin: false }), frame(CONTINUATION, second)]);
    assert.deepEqual(messagesOf(bytes), [[TEXT, Buffer.from('😀')]]);
  });
  test('binary may be anything', () => {
    assert.deepEqual(messagesOf(frame(BINARY, Buffer.of(0xff, 0x00))), [[BINARY, Buffer.of(0xff, 0x00)]]);
  });
});

describe('TCP cuts and glues as it likes', () => {
  const text = Buffer.from('你好, 😀');
  const long = Buffer.alloc(300, 'long ');
  const samples: [name: string, bytes: Buffer, messages: [number, Buffer][]][] = [
    ['text', frame(TEXT, text), [[TEXT, text]]],
    ['empty', frame(BINARY), [[BINARY, Buffer.alloc(0)]]],
    ['16 bits', frame(TEXT, long), [[TEXT, long]]],
    ['fragments around a ping',
      Buffer.concat([frame(TEXT, text.subarray(0, 4), { fin: false }), frame(PING, 'p'), frame(CONTINUATION, text.subarray(4))]),
      [[PING, Buffer.from('p')], [TEXT, text]]],
    ['close', frame(CLOSE, closing(1000, 'bye')), [[CLOSE, closing(1000, 'bye')]]],
  ];
  for (const [name, bytes, messages] of samples) {
    test(`${name}: cut at every byte`, () => {
      for (let cut = 1; cut < bytes.length; cut++) {
        assert.deepEqual(messagesOf(bytes.subarray(0, cut), bytes.subarray(cut)), messages, `cut at ${cut}`);
      }
    });
    test(`${name}: byte by byte`, () => {
      assert.deepEqual(messagesOf(...Array.from(bytes, (byte) => Buffer.of(byte))), messages);
    });
  }
  test('all of them glued, cut at every byte and in every size of read', () => {
    const bytes = Buffer.concat(samples.map(([, one]) => one));
    const messages = samples.flatMap(([, , some]) => some);
    for (let size = 1; size <= bytes.length; size++) {
      const reads = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
      assert.deepEqual(messagesOf(...reads), messages, `reads of ${size}`);
    }
  });
  test('64 KiB in reads of every awkward size keeps the mask in step', () => {
    const payload = Buffer.from(Array.from({ length: 65536 }, (_, i) => (i * 7) & 0xff));
    const bytes = frame(BINARY, payload, { key: [1, 2, 3, 4] });
    for (const size of [1000, 1001, 1002, 1003, 4096, 4099, 65535]) {
      const reads = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
      assert.deepEqual(messagesOf(...reads), [[BINARY, payload]], `reads of ${size}`);
    }
  });
});
