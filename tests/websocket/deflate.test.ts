import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { constants, createDeflateRaw, deflateRawSync, inflateRawSync } from 'node:zlib';
import { BINARY, buildMsg, CLOSE, CONTINUATION, FrameInbox, getMsg, PING, PONG, TEXT } from '../../lib/websocket/codec.ts';
import { deflate, inflate, negotiateDeflate } from '../../lib/websocket/deflate.ts';
import { getRequest } from '../../lib/websocket/handshake.ts';
import { gc, hex, nextMsg, randomOf } from '../helpers.ts';
import { deflated } from '../raw_deflate.ts';
import { frame, request } from '../wire.ts';

const LIMIT = 1 << 20, MIB = 1 << 20;
/** Bytes. A longer message is sent as it is. */
const LONG = 32 * 1024;
/** With a client that keeps no context. */
const AGREED = negotiateDeflate([['client_no_context_takeover', null]])!;
const RULES = { strict: false, origins: [], subprotocols: [], deflate: true };

function assertRefused(payload: Uint8Array, limit: number, code: number, message: RegExp): void {
  assert.throws(() => inflate(payload, limit), { name: 'ProtocolError', code, message });
}

/** Blocks that end at a byte and of which more may follow: with the four bytes that the end of a message leaves out. */
function blocksOf(payload: Uint8Array): Buffer {
  return deflateRawSync(payload, { finishFlush: constants.Z_SYNC_FLUSH });
}

test('RFC 7692 7.2.3: the samples', () => {
  const samples = {
    '7.2.3.1, one block': 'f2 48 cd c9 c9 07 00',
    '7.2.3.3, a block without compression': '00 05 00 fa ff 48 65 6c 6c 6f 00',
    '7.2.3.4, a block marked as the last one': 'f3 48 cd c9 c9 07 00 00',
    '7.2.3.5, two blocks': 'f2 48 05 00 00 00 ff ff ca c9 c9 07 00',
  };
  for (const [name, bytes] of Object.entries(samples)) {
    assert.equal(inflate(hex(bytes), LIMIT).toString(), 'Hello', name);
  }
  assert.deepEqual(inflate(hex('00'), LIMIT), Buffer.alloc(0), '7.2.3.6, the empty message');
  // 7.2.3.2, which refers to the message before it
  assertRefused(hex('f2 00 11 00 00'), LIMIT, 1007, /no deflate data/);
  assert.equal(inflate(hex('f2 00 11 00 00'), LIMIT, Buffer.from('Hello')).toString(), 'Hello');
});

/** The answer to these offers; null where none of them is accepted. */
function answerTo(offers: string): string | null {
  const inbox = new FrameInbox();
  inbox.push(Buffer.from(request({ 'Sec-WebSocket-Extensions': offers })));
  const { agreed, filter } = getRequest(inbox, RULES)!, [, answer = null] = /^Sec-WebSocket-Extensions: (.*)\r\n$/.exec(agreed) ?? [];
  assert.deepEqual([inbox.extension?.answer ?? null, filter !== null], [answer, answer !== null]);
  return answer;
}

// All values that a parameter may have: tests/conformance/deflate.ts
test('RFC 7692 7.1: what is agreed on', () => {
  for (const [offers, params] of [
    ['permessage-deflate', ''],
    ['foo, permessage-deflate; client_max_window_bits="15"', ''],
    ['permessage-deflate; server_no_context_takeover', '; server_no_context_takeover'],
    ['permessage-deflate; client_no_context_takeover; client_max_window_bits', '; client_no_context_takeover'],
    ['permessage-deflate; client_no_context_takeover; server_max_window_bits=10; server_no_context_takeover',
      '; client_no_context_takeover; server_max_window_bits=10; server_no_context_takeover'],
    ['x-webkit-deflate-frame, permessage-deflate; server_max_window_bits=9', '; server_max_window_bits=9'],
    ['permessage-deflate; server_max_window_bits=16, permessage-deflate; server_max_window_bits="\\1\\0"',
      '; server_max_window_bits=10'],
    ['permessage-deflate; server_max_window_bits=12, permessage-deflate', '; server_max_window_bits=12'],
  ]) assert.equal(answerTo(offers!), `permessage-deflate${params}`, offers);
  for (const param of [
    'server_max_window_bits', 'server_max_window_bits=08', 'client_max_window_bits=16', 'server_no_context_takeover=1',
    'unknown', '__proto__=8', 'client_max_window_bits; client_max_window_bits=9',
  ]) assert.equal(answerTo(`permessage-deflate; ${param}`), null, param);
  for (const other of ['', 'foo', 'Permessage-Deflate', 'constructor; __proto__']) {
    assert.equal(answerTo(other), null, other);
  }
});

describe('RFC 7692 7.1.1.2: a client that keeps its context', () => {
  /** Decodes these one after the other, as one client's, and gives the last one. */
  function lastOf(...encoded: Uint8Array[]): string {
    const agreed = negotiateDeflate([])!;
    return encoded.map((bytes) => agreed.decode(bytes, LIMIT)).at(-1)!.toString();
  }
  for (const windowBits of [9, 15]) {
    test(`refers to all that it has sent, with a window of ${windowBits} bits`, async (t) => {
      const random = randomOf(t), words = ['over the ', 'lazy ', 'dog ', '你好 '], client = createDeflateRaw({ windowBits });
      const texts = Array.from({ length: 100 }, (_, i) => Array.from({ length: i % 50 === 49 ? 20_000 : random(200) },
        () => words[random(words.length)]).join(''));
      const kept = negotiateDeflate([])!, encoded: Buffer[] = [], inflated: string[] = [];
      const pieces: Buffer[] = [];
      client.on('data', (piece: Buffer) => pieces.push(piece));
      for (const text of texts) {
        client.write(text);
        await new Promise<void>((resolve) => client.flush(constants.Z_SYNC_FLUSH, resolve));
        encoded.push(Buffer.concat(pieces.splice(0)).subarray(0, -4));
      }
      for (const bytes of encoded) inflated.push((await kept.decode(bytes, LIMIT)).toString());
      assert.ok(inflated.join('|') === texts.join('|'));
      assert.throws(() => encoded.map((bytes) => AGREED.decode(bytes, LIMIT)), { code: 1007, message: /no deflate data/ });
    });
  }
  test('may refer 32,768 bytes back over many messages, and to nothing before its first one', () => {
    const last = (...messages: string[]): string =>
      lastOf(...[...messages, ...[1, 100, 4096, 20_000, 8568].map((length) => '.'.repeat(length))]
        .map((message) => blocksOf(Buffer.from(message)).subarray(0, -4)), hex('02 de ff 0f 00'));
    assert.equal(last('abc'), 'abc');
    assert.equal(last('-'.repeat(50_000), 'abc'), 'abc');
    assert.throws(() => last('bc'), { code: 1007, message: /no deflate data/ });
  });
  test('may end one message for good, and refer to it in the next', () => {
    assert.equal(lastOf(hex('f3 48 cd c9 c9 07 00 00'), hex('f2 00 11 00 00')), 'Hello');
  });
  test('costs memory for what it has sent, 32 KiB at most; one without context costs none', () => {
    const inbox = new FrameInbox(), costs = (length: number): number => {
      inbox.extension!.decode(blocksOf(Buffer.alloc(length)).subarray(0, -4), LIMIT);
      return inbox.held;
    };
    inbox.extension = negotiateDeflate([])!;
    assert.deepEqual([inbox.held, ...[100, 100, 20_000, 60_000, 1].map(costs)], [0, 200, 200, 32_768, 32_768, 32_768]);
    inbox.extension = AGREED;
    assert.equal(costs(60_000), 0);
  });
});

describe('a message that takes long: another thread inflates it', () => {
  const RSV1 = 0x40, LARGE = Buffer.concat([Buffer.alloc(200 * 1024, 'over and over '), Buffer.from('Hello')]);
  const again = frame(TEXT, hex('f2 00 11 00 00'), { rsv: RSV1 });

  /** What a client has sent at once. */
  function inboxOf(frames: Buffer[], agreed = AGREED, limit = LIMIT): FrameInbox {
    const inbox = new FrameInbox(limit);
    inbox.extension = agreed;
    inbox.push(Buffer.concat(frames));
    return inbox;
  }
  test('it comes out equal, behind those before it and before those behind it, and counts as held', async (t) => {
    const random = randomOf(t), noise = Buffer.from(Array.from({ length: 70_000 }, () => random(256)));
    const one = frame(TEXT, 'one'), two = frame(TEXT, 'two'), bytes = deflated(LARGE);
    for (const [large, encoded, ...frames] of [
      [LARGE, bytes, frame(BINARY, bytes, { rsv: RSV1 })],
      [LARGE, bytes, frame(BINARY, bytes.subarray(0, 9), { rsv: RSV1, fin: false }), frame(CONTINUATION, bytes.subarray(9))],
      [noise, deflated(noise), frame(BINARY, deflated(noise), { rsv: RSV1 })],
    ] as const) {
      const inbox = inboxOf([one, ...frames, two]);
      assert.equal(getMsg(inbox)!.payload.toString(), 'one');
      const decoded = new Promise<void>((resolve) => { inbox.onDecoded = resolve; });
      for (const message of [getMsg(inbox), getMsg(inbox)]) {
        assert.deepEqual([message, inbox.mayHoldMessage, inbox.isDecoding, inbox.room], [null, true, true, 0]);
        assert.equal(inbox.held, encoded.length + two.length);
      }
      await decoded;
      assert.deepEqual([inbox.mayHoldMessage, inbox.isDecoding, inbox.held], [true, false, large.length + two.length]);
      assert.ok(getMsg(inbox)!.payload.equals(large));
      assert.equal(getMsg(inbox)!.payload.toString(), 'two');
      assert.deepEqual([getMsg(inbox), inbox.mayHoldMessage, inbox.held], [null, false, 0]);
    }
  });
  test('of many clients at once, each gets its own, and what is refused has its code', async () => {
    const bad = Buffer.from('\xff', 'latin1'), large = deflated(LARGE);
    const refused: [bytes: Buffer, limit: number, code: number, message: RegExp][] = [
      [large, LARGE.length - 1, 1009, /more than 204804 bytes/],
      [Buffer.alloc(70_000, bad), LIMIT, 1007, /no deflate data/],
      [Buffer.concat([blocksOf(LARGE), bad]), LIMIT, 1007, /no deflate data/],
      [deflated(Buffer.concat([LARGE, bad])), LIMIT, 1007, /UTF-8/],
    ];
    await Promise.all(refused.flatMap(([bytes, limit, code, message]) => [
      assert.rejects(nextMsg(inboxOf([frame(TEXT, bytes, { rsv: RSV1 })], AGREED, limit)), { code, message }),
      nextMsg(inboxOf([frame(TEXT, large, { rsv: RSV1 })])).then((got) => assert.ok(got!.payload.equals(LARGE))),
    ]));
  });
  test('a short one passes many of 16 MiB, and one that nobody waits for any more is given up', async () => {
    const order: string[] = [], all = new Map<string, Promise<unknown>>();
    const begin = (name: string, length: number): (() => void) => {
      const extension = negotiateDeflate([])!, result = extension.decode(deflated(Buffer.alloc(length)), 16 * MIB);
      assert.ok(result instanceof Promise);
      all.set(name, result.then((message: Buffer) => order.push(`${name} ${message.length}`)));
      return () => extension.cancel!();
    };
    for (let i = 0; i < 6; i++) begin(`long ${i}`, 16 * MIB);
    const cancel = begin('left', 16 * MIB);
    begin('short', 100_000);
    cancel();
    all.delete('left');
    await Promise.all(all.values());
    assert.ok(order.indexOf('short 100000') < order.indexOf(`long 5 ${16 * MIB}`));
    assert.deepEqual(order.length, 7);
  });
  test('the next message may refer to it', async () => {
    const inbox = inboxOf([frame(TEXT, deflated(LARGE), { rsv: RSV1 }), again], negotiateDeflate([])!);
    assert.ok((await nextMsg(inbox))!.payload.equals(LARGE));
    assert.equal((await nextMsg(inbox))!.payload.toString(), 'Hello');
  });
});

describe('RFC 7692 7.2.2: payloads that are refused', () => {
  test('what is no deflate data, with 1007', () => {
    for (const bytes of ['ff', 'ff ff ff ff', '06', '00 05 00 00 00', '04 00 fe ff']) {
      assertRefused(hex(bytes), LIMIT, 1007, /no deflate data/);
    }
  });
  test('one that ends in the middle of a block, with 1007: it would come out as another text', () => {
    for (const bytes of ['f2', 'f2 48', 'f2 48 cd', 'f2 48 cd c9', 'f2 48 cd c9 c9']) {
      assertRefused(hex(bytes), LIMIT, 1007, /Cannot inflate/);
    }
  });
  test('one that ends for good 16 times is read, 17 times is refused: each costs a call', () => {
    const last = deflateRawSync('a');
    const ending = (times: number): Buffer => Buffer.concat([...Array<Buffer>(times).fill(last), Buffer.of(0)]);
    assert.equal(inflate(ending(16), LIMIT).toString(), 'a'.repeat(16));
    assertRefused(ending(17), LIMIT, 1007, /more than 16 times/);
    assertRefused(ending(100_000), LIMIT, 1007, /more than 16 times/);
  });
});

describe('RFC 6455 10.4: bombs', () => {
  test('a message of just the limit is read, one byte more is refused with 1009', () => {
    for (const limit of [1, 1000, 65536, LIMIT]) {
      const [fits, over] = [limit, limit + 1].map((length) => blocksOf(Buffer.alloc(length)).subarray(0, -4));
      assert.equal(inflate(fits!, limit).length, limit);
      assertRefused(over!, limit, 1009, new RegExp(`more than ${limit} bytes`));
    }
  });
  test('our own end is never taken for the message\'s bytes', () => {
    for (const bytes of ['01 06 00 f9 ff', '01 05 00 fa ff', '01 07 00 f8 ff', '00 06 00 f9 ff', '01 09 00 f6 ff 01 02']) {
      assertRefused(hex(bytes), 100, 1007, /inside of a block|no deflate data/);
    }
  });
  test('one byte more is refused too where it ends for good: zlib itself has room for three', () => {
    for (const more of [1, 2, 3, 4]) assertRefused(deflateRawSync(Buffer.alloc(100 + more)), 100, 1009, /more than 100/);
  });
  test('the limit holds over blocks that end for good', () => {
    const bytes = Buffer.concat([deflateRawSync(Buffer.alloc(600)), deflateRawSync(Buffer.alloc(400)), Buffer.of(0)]);
    assert.equal(inflate(bytes, 1000).length, 1000);
    assertRefused(bytes, 999, 1009, /more than/);
  });
  test('a GiB in one MiB is refused before it takes memory', () => {
    const bomb = Buffer.concat(Array<Buffer>(1024).fill(blocksOf(Buffer.alloc(MIB))));
    gc();
    const before = process.memoryUsage().arrayBuffers;
    assertRefused(bomb, LIMIT, 1009, /more than 1048576 bytes/);
    assert.ok(process.memoryUsage().arrayBuffers - before < 16 * MIB);
  });
});

describe('RFC 7692 7.2.1: what the server sends', () => {
  test('short messages, long ones, and those that would not get shorter, go as they are', (t) => {
    const random = randomOf(t);
    const noise = Buffer.from(Array.from({ length: 1000 }, () => random(256)));
    for (const payload of [Buffer.alloc(0), Buffer.alloc(63), Buffer.alloc(LONG + 1), noise]) {
      assert.equal(deflate(payload), null);
      assert.deepEqual(buildMsg(payload, BINARY).encoded(AGREED).bytes, buildMsg(payload, BINARY).bytes);
    }
  });
  test('others with RSV1, without the last four bytes, and shorter', () => {
    const bytes = deflate(Buffer.alloc(64, 'a'))!;
    assert.ok(deflate(Buffer.alloc(LONG))!.length < LONG);
    assert.deepEqual(buildMsg('a'.repeat(64), TEXT).encoded(AGREED).bytes, Buffer.concat([Buffer.of(0xc1, bytes.length), bytes]));
    assert.ok(bytes.length < 64 && !bytes.subarray(-4).equals(hex('00 00 ff ff')));
    assert.equal(bytes.at(-1), 0);
  });
  test('control frames never', () => {
    for (const opcode of [PING, PONG, CLOSE]) {
      assert.equal(buildMsg(Buffer.alloc(125), opcode).encoded(AGREED).bytes[0], 0x80 | opcode);
    }
  });
  test('nothing refers further back than the window that was agreed on, and this would notice', (t) => {
    const random = randomOf(t);
    const noiseOf = (length: number): Buffer => Buffer.from(Array.from({ length }, () => random(16)));
    // zlib looks at its window only for what is not in its output any more: 64 bytes of that are the least it takes
    const inflated = (bytes: Buffer, windowBits: number): Buffer =>
      inflateRawSync(bytes, { windowBits, chunkSize: 64 });
    // With 15 bits, no message that is compressed is long enough for that
    for (let windowBits = 8; windowBits < 15; windowBits++) {
      const size = 2 ** windowBits;
      for (const distance of [64, 250, 256, 257, size - 262, size - 1, size, size + 1, 2 * size, 5 * size]) {
        // Noise that comes again at this distance: whoever could refer to it would
        const noise = noiseOf(Math.max(64, distance)), payload = Buffer.concat([noise, noise, noise]).subarray(0, LONG);
        const bytes = Buffer.concat([deflate(payload, windowBits)!, hex('00 00 ff ff 03 00')]);
        assert.deepEqual(inflated(bytes, windowBits), payload, `${windowBits} bits, ${distance} bytes back`);
      }
      if (windowBits === 8) continue;
      const noise = noiseOf(size + 100);
      const bytes = deflateRawSync(Buffer.concat([noise, noise, noise]), { windowBits: windowBits + 1 });
      assert.throws(() => inflated(bytes, windowBits), /too far back/);
    }
  });
});
