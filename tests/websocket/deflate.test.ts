import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import { ProtocolError } from '../../lib/websocket/close.ts';
import { BINARY, buildMsg, CLOSE, CONTINUATION, FrameInbox, getMsg, PING, PONG, TEXT } from '../../lib/websocket/codec.ts';
import { deflate, inflate, negotiateDeflate } from '../../lib/websocket/deflate.ts';
import { getRequest } from '../../lib/websocket/handshake.ts';
import { gc, hex, randomOf } from '../helpers.ts';
import { frame, request } from '../wire.ts';

const LIMIT = 1 << 20, MIB = 1 << 20;
const RSV1 = 0x40;
const AGREED = negotiateDeflate([])!;
const RULES = { strict: false, origins: [], subprotocols: [], deflate: true };

function messagesOf(...frames: Buffer[]): [number, string][] {
  const inbox = new FrameInbox(), messages: [number, string][] = [];
  inbox.extension = AGREED;
  inbox.push(Buffer.concat(frames));
  for (let message; (message = getMsg(inbox)) !== null;) {
    messages.push([message.opcode, message.payload.toString()]);
  }
  return messages;
}

function assertRefused(act: () => unknown, code: number, words: RegExp): void {
  assert.throws(act, (error) => {
    assert.ok(error instanceof ProtocolError, String(error));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, words);
    return true;
  });
}

/** Blocks that end at a byte and of which more may follow: with the four bytes that the end of a message leaves out. */
function blocksOf(payload: Uint8Array): Buffer {
  return deflateRawSync(payload, { finishFlush: constants.Z_SYNC_FLUSH });
}

describe('RFC 7692 7.2.3: the samples', () => {
  const hello: [section: string, what: string, bytes: string][] = [
    ['7.2.3.1', 'one block', 'f2 48 cd c9 c9 07 00'],
    ['7.2.3.3', 'a block without compression', '00 05 00 fa ff 48 65 6c 6c 6f 00'],
    ['7.2.3.4', 'a block marked as the last one', 'f3 48 cd c9 c9 07 00 00'],
    ['7.2.3.5', 'two blocks', 'f2 48 05 00 00 00 ff ff ca c9 c9 07 00'],
  ];
  for (const [section, what, bytes] of hello) {
    test(`${section}: "Hello" in ${what}`, () => {
      assert.deepEqual(inflate(hex(bytes), LIMIT), Buffer.from('Hello'));
      assert.deepEqual(messagesOf(frame(TEXT, hex(bytes), { rsv: RSV1 })), [[TEXT, 'Hello']]);
    });
  }
  test('7.2.3.1: in two fragments, RSV1 in the first one only', () => {
    const first = frame(TEXT, hex('f2 48 cd'), { rsv: RSV1, fin: false });
    const second = frame(CONTINUATION, hex('c9 c9 07 00'));
    assert.deepEqual(messagesOf(first, second), [[TEXT, 'Hello']]);
    assert.deepEqual(messagesOf(first, frame(PING, 'p'), second), [[PING, 'p'], [TEXT, 'Hello']]);
  });
  test('7.2.3.2: the same message again, and never one that refers to the last one', () => {
    const whole = frame(TEXT, hex('f2 48 cd c9 c9 07 00'), { rsv: RSV1 });
    assert.deepEqual(messagesOf(whole, whole), [[TEXT, 'Hello'], [TEXT, 'Hello']]);
    assertRefused(() => messagesOf(whole, frame(TEXT, hex('f2 00 11 00 00'), { rsv: RSV1 })), 1007, /no deflate data/);
  });
  test('7.2.3.6: the empty message', () => assert.deepEqual(inflate(hex('00'), LIMIT), Buffer.alloc(0)));
});

/** The answer to these offers; null where none of them is accepted. */
function answerTo(offers: string): string | null {
  const inbox = new FrameInbox();
  inbox.push(Buffer.from(request({ 'Sec-WebSocket-Extensions': offers })));
  const { agreed, filter } = getRequest(inbox, RULES)!, [, answer = null] = /^Sec-WebSocket-Extensions: (.*)\r\n$/.exec(agreed) ?? [];
  assert.deepEqual([inbox.extension?.answer ?? null, filter !== null], [answer, answer !== null]);
  return answer;
}

describe('RFC 7692 7.1: what is agreed on', () => {
  const base = 'permessage-deflate; server_no_context_takeover; client_no_context_takeover';
  const accepted: [offer: string, bits: string][] = [
    ['permessage-deflate', ''],
    ['permessage-deflate; client_max_window_bits', ''],
    ['permessage-deflate; client_max_window_bits=8', ''],
    ['permessage-deflate; client_max_window_bits="15"', ''],
    ['permessage-deflate; server_no_context_takeover', ''],
    ['permessage-deflate; client_no_context_takeover; server_no_context_takeover', ''],
    ['foo, permessage-deflate', ''],
    ['x-webkit-deflate-frame, permessage-deflate; server_max_window_bits=9', '9'],
    ['permessage-deflate; server_max_window_bits=7, permessage-deflate', ''],
    ['permessage-deflate; server_max_window_bits=16, permessage-deflate; server_max_window_bits=10', '10'],
    ['permessage-deflate; server_max_window_bits=12, permessage-deflate', '12'],
    ['permessage-deflate; server_max_window_bits="\\1\\1"', '11'],
    ...[8, 9, 10, 11, 12, 13, 14, 15].map((bits): [string, string] =>
      [`permessage-deflate; client_max_window_bits; server_max_window_bits=${bits}`, `${bits}`]),
  ];
  for (const [text, bits] of accepted) {
    test(text, () => assert.equal(answerTo(text), base + (bits && `; server_max_window_bits=${bits}`)));
  }
  const params = [
    'server_max_window_bits', 'server_max_window_bits=7', 'server_max_window_bits=16', 'server_max_window_bits=08',
    'server_max_window_bits=0', 'server_max_window_bits=1', 'server_max_window_bits=+9', 'server_max_window_bits=9.0',
    'server_max_window_bits=1e1', 'server_max_window_bits=0x9', 'server_max_window_bits=100',
    'client_max_window_bits=7',
    'client_max_window_bits=16', 'client_max_window_bits=015', 'client_max_window_bits=x',
    'server_no_context_takeover=1',
    'server_no_context_takeover=true', 'client_no_context_takeover="1"', 'unknown', 'unknown=1', 'constructor',
    '__proto__=8',
    'Server_Max_Window_Bits=9', 'server_no_context_takeover; server_no_context_takeover',
    'server_max_window_bits=9; server_max_window_bits=9', 'client_max_window_bits; client_max_window_bits=9',
  ];
  for (const param of params) {
    test(`'${param}' declines the offer`, () => {
      assert.equal(answerTo(`permessage-deflate; ${param}`), null);
    });
  }
  for (const text of [
    '', 'foo', 'permessage-bzip2', 'permessage-deflate-2', 'Permessage-Deflate', 'constructor; __proto__',
  ]) {
    test(`nothing with '${text}'`, () => assert.equal(answerTo(text), null));
  }
});

describe('RFC 7692 7.2.2: payloads that are refused', () => {
  test('what is no deflate data, with 1007', () => {
    for (const bytes of ['ff', 'ff ff ff ff', '06', '00 05 00 00 00', '04 00 fe ff']) {
      assertRefused(() => inflate(hex(bytes), LIMIT), 1007, /no deflate data/);
    }
  });
  test('one that ends in the middle of a block, with 1007: it would come out as another text', () => {
    for (const bytes of ['f2', 'f2 48', 'f2 48 cd', 'f2 48 cd c9', 'f2 48 cd c9 c9']) {
      assertRefused(() => inflate(hex(bytes), LIMIT), 1007, /Cannot inflate/);
    }
  });
  test('one that ends for good 16 times is read, 17 times is refused: each costs a call', () => {
    const last = deflateRawSync('a');
    const ending = (times: number): Buffer => Buffer.concat([...Array<Buffer>(times).fill(last), Buffer.of(0)]);
    assert.equal(inflate(ending(16), LIMIT).toString(), 'a'.repeat(16));
    assertRefused(() => inflate(ending(17), LIMIT), 1007, /more than 16 times/);
    assertRefused(() => inflate(ending(100_000), LIMIT), 1007, /more than 16 times/);
  });
  test('compressed text that is not UTF-8, in one frame and in two, with 1007', () => {
    const bytes = blocksOf(Buffer.of(0x48, 0xff)).subarray(0, -4);
    assertRefused(() => messagesOf(frame(TEXT, bytes, { rsv: RSV1 })), 1007, /UTF-8/);
    const fragments = [frame(TEXT, bytes, { rsv: RSV1, fin: false }), frame(CONTINUATION)];
    assertRefused(() => messagesOf(...fragments), 1007, /UTF-8/);
    assert.equal(messagesOf(frame(BINARY, bytes, { rsv: RSV1 })).length, 1);
  });
  test('RSV1 on a continuation or a control frame, with 1002', () => {
    const begun = frame(TEXT, 'a', { fin: false });
    assertRefused(() => messagesOf(begun, frame(CONTINUATION, 'b', { rsv: RSV1 })), 1002, /bits 100/);
    for (const opcode of [PING, PONG, CLOSE]) {
      assertRefused(() => messagesOf(frame(opcode, '', { rsv: RSV1 })), 1002, /bits 100/);
    }
    for (const rsv of [0x60, 0x50, 0x20]) assertRefused(() => messagesOf(frame(TEXT, '', { rsv })), 1002, /bits/);
  });
});

describe('RFC 6455 10.4: bombs', () => {
  test('a message of just the limit is read, one byte more is refused with 1009', () => {
    for (const limit of [1, 1000, 65536, LIMIT]) {
      const [fits, over] = [limit, limit + 1].map((length) => blocksOf(Buffer.alloc(length)).subarray(0, -4));
      assert.equal(inflate(fits!, limit).length, limit);
      assertRefused(() => inflate(over!, limit), 1009, new RegExp(`more than ${limit} bytes`));
    }
  });
  test('our own end is never taken for the message\'s bytes', () => {
    for (const bytes of ['01 06 00 f9 ff', '01 05 00 fa ff', '01 07 00 f8 ff', '00 06 00 f9 ff', '01 09 00 f6 ff 01 02']) {
      assertRefused(() => inflate(hex(bytes), 100), 1007, /inside of a block|no deflate data/);
    }
  });
  test('one byte more is refused too where it ends for good: zlib itself has room for three', () => {
    for (const more of [1, 2, 3, 4]) assertRefused(() => inflate(deflateRawSync(Buffer.alloc(100 + more)), 100), 1009, /more than 100/);
  });
  test('the limit holds over blocks that end for good', () => {
    const bytes = Buffer.concat([deflateRawSync(Buffer.alloc(600)), deflateRawSync(Buffer.alloc(400)), Buffer.of(0)]);
    assert.equal(inflate(bytes, 1000).length, 1000);
    assertRefused(() => inflate(bytes, 999), 1009, /more than/);
  });
  test('a GiB in one MiB is refused before it takes memory', () => {
    const bomb = Buffer.concat(Array<Buffer>(1024).fill(blocksOf(Buffer.alloc(MIB))));
    gc();
    const before = process.memoryUsage().arrayBuffers;
    assertRefused(() => inflate(bomb, LIMIT), 1009, /more than 1048576 bytes/);
    assert.ok(process.memoryUsage().arrayBuffers - before < 16 * MIB);
  });
  test('a message of 17 MiB is refused with 1009, whole and in fragments, and one of 16 MiB is read', () => {
    const bytes = blocksOf(Buffer.alloc(17 * MIB)).subarray(0, -4);
    assertRefused(() => messagesOf(frame(BINARY, bytes, { rsv: RSV1 })), 1009, /more than/);
    const first = frame(BINARY, bytes.subarray(0, 9), { rsv: RSV1, fin: false });
    assertRefused(() => messagesOf(first, frame(CONTINUATION, bytes.subarray(9))), 1009, /more than/);
    const fits = blocksOf(Buffer.alloc(16 * MIB)).subarray(0, -4);
    assert.equal(messagesOf(frame(BINARY, fits, { rsv: RSV1 }))[0]![1].length, 16 * MIB);
  });
});

describe('RFC 7692 7.2.1: what the server sends', () => {
  test('short messages, and those that would not get shorter, go as they are', (t) => {
    const random = randomOf(t);
    const noise = Buffer.from(Array.from({ length: 1000 }, () => random(256)));
    for (const payload of [Buffer.alloc(0), Buffer.alloc(63), noise]) {
      assert.equal(deflate(payload), null);
      assert.deepEqual(buildMsg(payload, BINARY).encoded(AGREED).bytes, buildMsg(payload, BINARY).bytes);
    }
  });
  test('others with RSV1, without the last four bytes, and shorter', () => {
    const bytes = deflate(Buffer.alloc(64, 'a'))!;
    assert.deepEqual(buildMsg('a'.repeat(64), TEXT).encoded(AGREED).bytes, Buffer.concat([Buffer.of(0xc1, bytes.length), bytes]));
    assert.ok(bytes.length < 64 && !bytes.subarray(-4).equals(hex('00 00 ff ff')));
    assert.equal(bytes.at(-1), 0);
  });
  test('control frames never', () => {
    for (const opcode of [PING, PONG, CLOSE]) {
      assert.equal(buildMsg(Buffer.alloc(125), opcode).encoded(AGREED).bytes[0], 0x80 | opcode);
    }
  });
  for (let windowBits = 8; windowBits <= 15; windowBits++) {
    test(`with a window of ${windowBits} bits nothing refers further back than that`, (t) => {
      const random = randomOf(t), size = 2 ** windowBits;
      for (const distance of [64, 250, 256, 257, size - 262, size - 1, size, size + 1, 2 * size, 5 * size]) {
        // Noise that comes again at this distance: whoever could refer to it would
        const noise = Buffer.from(Array.from({ length: Math.max(64, distance) }, () => random(16)));
        const payload = Buffer.concat([noise, noise, noise]);
        const deflated = deflate(payload, windowBits);
        const bytes = Buffer.concat([deflated!, hex('00 00 ff ff 03 00')]);
        // zlib looks at its window only for what is not in its output any more: 64 bytes of that are the least it takes
        assert.deepEqual(inflateRawSync(bytes, { windowBits, chunkSize: 64 }), payload);
      }
    });
  }
  test('and the last test would notice', (t) => {
    const random = randomOf(t);
    for (let windowBits = 9; windowBits < 15; windowBits++) {
      const noise = Buffer.from(Array.from({ length: 2 ** windowBits + 100 }, () => random(16)));
      const bytes = deflateRawSync(Buffer.concat([noise, noise, noise]), { windowBits: windowBits + 1 });
      assert.throws(() => inflateRawSync(bytes, { windowBits, chunkSize: 64 }), /too far back/);
    }
  });
});
