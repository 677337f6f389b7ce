import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ProtocolError } from '../../lib/websocket/close.ts';
import {
  BINARY, buildMsg, CLOSE, CONTINUATION, FrameInbox, getMsg, MAX_PAYLOAD, PING, PONG, TEXT,
} from '../../lib/websocket/codec.ts';
import { negotiateDeflate } from '../../lib/websocket/deflate.ts';
import { getRequest } from '../../lib/websocket/handshake.ts';
import { Message } from '../../lib/websocket/message.ts';
import { hex } from '../helpers.ts';
import { deflated } from '../raw_deflate.ts';
import { closing, frame, REQUEST } from '../wire.ts';

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

/** In reads of so many bytes. */
function cut(bytes: Buffer, size: number): Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
}

/** A message in two fragments. */
function fragments(opcode: number, first: Uint8Array | string, second: Uint8Array | string, rsv = 0): Buffer {
  return Buffer.concat([frame(opcode, first, { fin: false, rsv }), frame(CONTINUATION, second)]);
}

type Refusal = [name: string, code: number, words: RegExp, ...frames: Buffer[]];

const hello = Buffer.from('Hello');

test('RFC 6455 5.7: getMsg() reads the samples of a client', () => {
  assert.deepEqual(messagesOf(hex('8185 37fa213d 7f9f4d5158')), [[TEXT, hello]]);
  assert.deepEqual(messagesOf(fragments(TEXT, 'Hel', 'lo')), [[TEXT, hello]]);
  assert.deepEqual(messagesOf(hex('8985 37fa213d 7f9f4d5158')), [[PING, hello]]);
});

describe('buildMsg()', () => {
  test('RFC 6455 5.7: makes the samples of a server', () => {
    assert.deepEqual(buildMsg('Hello').bytes, hex('8105 48656c6c6f'));
    assert.deepEqual(buildMsg(hello, PONG).bytes, hex('8a05 48656c6c6f'));
    assert.deepEqual(buildMsg(Buffer.alloc(256), BINARY).bytes.subarray(0, 5), hex('827e 0100 00'));
    assert.deepEqual(buildMsg(Buffer.alloc(65536), BINARY).bytes.subarray(0, 11), hex('827f 0000000000010000 00'));
  });
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
    // Its turn may be over before getMsg is called once
    inbox.push(frame(TEXT, 'c').subarray(3));
    assert.equal(inbox.room, 0);
  });

  test('has room while its request is not complete, and none as soon as a frame follows the request', () => {
    const inbox = new FrameInbox();
    inbox.push(Buffer.from(REQUEST.slice(0, -1)));
    assert.deepEqual([getRequest(inbox), inbox.room], [null, 65536]);
    inbox.push(Buffer.concat([Buffer.from('\n'), frame(TEXT, 'a')]));
    assert.ok(getRequest(inbox));
    assert.equal(inbox.room, 0);
  });
  test('holds the unused bytes and those of the message that has begun, and counts what is taken out', () => {
    const inbox = new FrameInbox(), bytes = frame(BINARY, Buffer.alloc(100), { fin: false });
    const states: [held: number, isInsideFrame: boolean, messages: number][] = [];
    const take = (read: Buffer): void => {
      inbox.push(read);
      states.push([inbox.held, inbox.isInsideFrame, inbox.messages]);
      getMsg(inbox);
      states.push([inbox.held, inbox.isInsideFrame, inbox.messages]);
    };
    take(Buffer.concat([bytes, frame(PING, 'x').subarray(0, 3)]));
    take(frame(PING, 'x').subarray(3));
    take(frame(CONTINUATION, 'end').subarray(0, 7));
    take(frame(CONTINUATION, 'end').subarray(7));
    assert.deepEqual(states, [
      [bytes.length + 3, true, 0], [103, true, 0], [107, true, 0], [100, false, 1], [107, true, 1], [101, true, 1],
      [103, true, 1], [0, false, 2],
    ]);
  });
  test('may have its own limit: of one frame, over fragments, inflated', () => {
    const packed = deflated(Buffer.alloc(101));
    for (const bytes of [
      frame(BINARY, Buffer.alloc(101)).subarray(0, 2), fragments(BINARY, Buffer.alloc(60), Buffer.alloc(41)),
      frame(BINARY, packed, { rsv: 0x40 }), fragments(BINARY, packed.subarray(0, 1), packed.subarray(1), 0x40),
    ]) {
      const inbox = new FrameInbox(100);
      inbox.extension = negotiateDeflate([]);
      inbox.push(bytes);
      assert.throws(() => { while (getMsg(inbox) !== null); }, { code: 1009, message: / 100 bytes/ });
    }
  });
});

test('RFC 6455 5.2: a message of any length goes through both', () => {
  for (const length of [0, 1, 125, 126, 127, 65535, 65536, 1 << 20]) {
    const payload = Buffer.alloc(length, '0123456789abcdef');
    assert.deepEqual(messagesOf(frame(BINARY, payload)), [[BINARY, payload]]);
    assert.deepEqual(buildMsg(payload, BINARY).bytes, frame(BINARY, payload, { masked: false }));
  }
});

describe('RFC 6455 5.1 to 5.5 and 8.1: what is refused', () => {
  const begun = frame(TEXT, '', { fin: false }), badStart = frame(TEXT, hex('e4bd'), { fin: false });
  const half = Buffer.alloc(MAX_PAYLOAD / 2);
  const rows: Refusal[] = [
    ['a length that takes more bytes than it needs', 1002, /length 125 /, frame(TEXT, 'x'.repeat(125), { bits: 16 })],
    ['so in 64 bits', 1002, /length 65535 /, frame(TEXT, 'x'.repeat(65535), { bits: 64 })],
    ['a length with the highest of its 64 bits set', 1002, /highest bit/, hex('82ff 8000000000000000')],
    ['16 MiB and a byte, by its declared length alone', 1009, /16777216/, hex('82ff 0000000001000001')],
    ['the longest of all', 1009, /16777216/, hex('82ff 7fffffffffffffff')],
    ['16 MiB and a byte over all fragments', 1009, /16777216/, frame(BINARY, half, { fin: false }),
      frame(CONTINUATION, half, { fin: false }), frame(CONTINUATION, 'x')],
    ['a frame that is not masked', 1002, /not masked/, frame(TEXT, 'Hello', { masked: false })],
    ['a control frame that is not', 1002, /not masked/, frame(CLOSE, '', { masked: false })],
    ...['001', '010', '100', '111'].flatMap((bits) => [TEXT, PING].map((opcode): Refusal => {
      const rsv = Number.parseInt(bits, 2) << 4;
      return [`reserved bits ${bits} in ${opcode}`, 1002, new RegExp(`bits ${bits}`), frame(opcode, '', { rsv })];
    })),
    ...[0x3, 0x4, 0x5, 0x6, 0x7, 0xb, 0xc, 0xd, 0xe, 0xf].map((opcode): Refusal =>
      [`the opcode ${opcode}`, 1002, new RegExp(`opcode 0x${opcode.toString(16)} `), frame(opcode, 'Hello')]),
    ...[CLOSE, PING, PONG].flatMap((opcode): Refusal[] => [
      [`a control frame ${opcode} in fragments`, 1002, /fragmented/, frame(opcode, '', { fin: false })],
      [`a control frame ${opcode} of 126 bytes`, 1002, /125 bytes/, frame(opcode, Buffer.alloc(126))],
      [`a control frame ${opcode} of 65536`, 1002, /125 bytes/, frame(opcode, Buffer.alloc(65536))],
    ]),
    ['a continuation of nothing', 1002, /of no message/, frame(CONTINUATION, 'lo')],
    ['one after a whole message', 1002, /of no message/, fragments(TEXT, 'Hel', 'lo'), frame(CONTINUATION)],
    ['a new message inside of another, whose first fragment was empty', 1002, /inside of another/, begun, frame(TEXT)],
    ...['c180', '8380', '8105', '0980', '89fe', '8080'].map((bytes): Refusal =>
      [`${bytes}: the first two bytes are enough`, 1002, /Cannot read frame/, hex(bytes)]),
    ['half a close code', 1002, /cut in half/, frame(CLOSE, Buffer.of(3))],
    ['a bad close code', 1002, /code 1005/, frame(CLOSE, closing(1005))],
    ['a reason that is not UTF-8', 1007, /UTF-8/, frame(CLOSE, closing(1000, Buffer.of(0xff)))],
    ['a text that is not', 1007, /UTF-8/, frame(TEXT, hex('48ff'))],
    ['one that is not in its second fragment', 1007, /UTF-8/, badStart, frame(CONTINUATION, 'A')],
    ['one that ends inside of a character', 1007, /UTF-8/, badStart, frame(CONTINUATION)],
    ['one in a frame that is not all there', 1007, /UTF-8/, frame(TEXT, hex('48 eda08048')).subarray(0, -2)],
  ];
  for (const [name, code, message, ...frames] of rows) {
    test(name, () => assert.throws(() => messagesOf(Buffer.concat(frames)), (error) => {
      assert.ok(error instanceof ProtocolError);
      assert.equal(error.code, code);
      assert.match(error.message, message);
      return true;
    }));
  }
  test('nothing is refused before its wrong byte', () => {
    assert.deepEqual(messagesOf(frame(TEXT, hex('48 eda08048')).subarray(0, -3)), []);
  });
});

describe('RFC 6455 5.4: TCP and the client cut as they like', () => {
  const text = Buffer.from('你好, 😀'), long = Buffer.alloc(300, 'long '), none = Buffer.alloc(0);
  const samples: [bytes: Buffer, messages: [number, Buffer][]][] = [
    [frame(TEXT, text), [[TEXT, text]]], [frame(BINARY), [[BINARY, none]]], [frame(TEXT, long), [[TEXT, long]]],
    [frame(BINARY, hex('ff00')), [[BINARY, hex('ff00')]]], [fragments(TEXT, '', ''), [[TEXT, none]]],
    [frame(PING, long.subarray(0, 125)), [[PING, long.subarray(0, 125)]]],
    [Buffer.concat([frame(TEXT, text.subarray(0, 4), { fin: false }), frame(PING, 'between'), frame(PONG),
      frame(CONTINUATION, '', { fin: false }), frame(CONTINUATION, text.subarray(4))]),
    [[PING, Buffer.from('between')], [PONG, none], [TEXT, text]]],
    ...[none, closing(1000), closing(4999, '再见')].map((payload): typeof samples[number] =>
      [frame(CLOSE, payload), [[CLOSE, payload]]]),
  ];
  test('messages of all kinds, glued, in reads of every size', () => {
    const bytes = Buffer.concat(samples.map(([one]) => one)), messages = samples.flatMap(([, some]) => some);
    for (let size = 1; size <= bytes.length; size++) {
      assert.deepEqual(messagesOf(...cut(bytes, size)), messages, `reads of ${size}`);
    }
  });
  test('64 KiB in reads of every awkward size keep the mask in step', () => {
    const payload = Buffer.from(Array.from({ length: 65536 }, (_, i) => (i * 7) & 0xff));
    const bytes = frame(BINARY, payload, { key: [1, 2, 3, 4] });
    for (const size of [1000, 1001, 1002, 1003, 4096, 4099, 65535]) {
      assert.deepEqual(messagesOf(...cut(bytes, size)), [[BINARY, payload]], `reads of ${size}`);
    }
  });
  test('16 MiB are taken, and a ping between their fragments does not count', () => {
    const most = Buffer.alloc(MAX_PAYLOAD, 7);
    const messages = messagesOf(frame(BINARY, most, { fin: false }), frame(PING, 'p'), frame(CONTINUATION));
    assert.deepEqual(messages.map(([opcode]) => opcode), [PING, BINARY]);
    assert.ok(messages[1]![1].equals(most));
  });
});
