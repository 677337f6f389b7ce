/** server.ts as a process, over real connections: what the article promises, and what users of such servers run into. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import { BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT } from '../lib/websocket/frame.ts';
import { Program } from './program.ts';
import { ACCEPT, closing, frame, REQUEST, request, Wire } from './wire.ts';

const hello = { first: 0x81, payload: Buffer.from('hello') };

/** A server of its own, and one client whose handshake is done. */
async function open(t: Parameters<typeof Program.start>[0], ...args: string[]): Promise<[Program, Wire]> {
  const program = await Program.start(t, ...args);
  const wire = await Wire.open(program.where);
  t.after(() => wire.socket.destroy());
  return [program, wire];
}

describe('the article', () => {
  test('its curl line gets its answer, and its console prints what it prints', async (t) => {
    const program = await Program.start(t);
    const wire = await Wire.connect(program.where);
    wire.send(request({ 'Sec-WebSocket-Key': 'websocket' }));
    assert.equal(await wire.head(), 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
      'Sec-WebSocket-Accept: qVby4apnn2tTYtB1nPPVYUn68gY=\r\n\r\n');
    wire.send(frame(TEXT, 'hello'));
    assert.deepEqual(await wire.frame(), hello);
    wire.end();
    await wire.rest();
    await program.stop();
    assert.equal(program.stdout, 'string(19) "新链接1已创建"\nstring(22) "新连接1握手成功"\nstring(5) "hello"\n' +
      'string(22) "客户端1主动关闭"\n');
    assert.match(program.stderr, /^listening on ws:\/\/127\.0\.0\.1:\d+\n$/);
  });
  test('a key that is no text is hashed as its bytes', async (t) => {
    const program = await Program.start(t);
    const wire = await Wire.connect(program.where);
    wire.send(Buffer.from(request({ 'Sec-WebSocket-Key': 'caf\xe9' }), 'latin1'));
    assert.ok((await wire.head()).includes('Sec-WebSocket-Accept: eBxJAtG6'));
  });
  test('RFC 6455 1.3: the key and its accept value', async (t) => {
    const program = await Program.start(t);
    const wire = await Wire.connect(program.where);
    wire.send(REQUEST);
    assert.ok((await wire.head()).includes(`Sec-WebSocket-Accept: ${ACCEPT}\r\n`));
    wire.end();
  });
  test('the number of a client is never used again', async (t) => {
    const [program, first] = await open(t);
    first.end();
    await first.rest();
    const second = await Wire.open(program.where);
    second.send(frame(TEXT, 'x'));
    await second.frame();
    second.end();
    await program.printed('"新链接2已创建"');
  });
  test('--quiet prints no message, control characters are escaped, binary shows as bytes', async (t) => {
    const [loud, wire] = await open(t);
    wire.send(frame(TEXT, 'a\x1b[2J"\n'), frame(BINARY, Buffer.of(0, 0x41, 0xe4)));
    await loud.printed('string(7) "a\\x1b[2J"\\n"\nstring(3) "\\x00A\\xe4"\n');
    const [quiet, other] = await open(t, '--quiet');
    other.send(frame(TEXT, 'secret'), frame(CLOSE, closing(1000)));
    await other.rest();
    await quiet.printed('主动关闭');
    assert.ok(!quiet.stdout.includes('secret'));
  });
});

describe('where it listens', () => {
  test('IPv6', async (t) => {
    const [program, wire] = await open(t, '--address', '::1');
    assert.match(program.stderr, /listening on ws:\/\/\[::1\]:\d+\n/);
    wire.send(frame(TEXT, 'hello'));
    assert.deepEqual(await wire.frame(), hello);
  });
  test('a Unix socket, whose path goes when the server does', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'socket-'));
    t.after(() => rm(folder, { recursive: true }));
    const path = join(folder, 'my.sock');
    const [program, wire] = await open(t, '--address', path);
    assert.ok(program.stderr.includes(`listening on unix:${path}\n`));
    wire.send(frame(TEXT, 'hello'));
    assert.deepEqual(await wire.frame(), hello);
    wire.end();
    assert.equal(await program.stop(), 0);
    assert.ok(!existsSync(path));
  });
});

describe('TCP cuts and glues as it likes', () => {
  test('a request in pieces, with frames glued to it', async (t) => {
    const program = await Program.start(t);
    const wire = await Wire.connect(program.where);
    for (const byte of REQUEST.slice(0, -1)) wire.send(byte);
    wire.send('\n', frame(TEXT, 'hello'), frame(TEXT, 'hello'));
    assert.match(await wire.head(), /^HTTP\/1\.1 101 /);
    assert.deepEqual(await wire.frame(), hello);
    assert.deepEqual(await wire.frame(), hello);
    wire.end();
  });
  test('a thousand quick messages come back in order, none glued or lost', async (t) => {
    const [, wire] = await open(t, '--quiet');
    wire.send(...Array.from({ length: 1000 }, (_, i) => frame(TEXT, `${i}`)));
    for (let i = 0; i < 1000; i++) assert.equal((await wire.frame()).payload.toString(), `${i}`);
  });
  for (const length of [0, 125, 126, 2000, 65535, 65536, 16 * 1024 * 1024]) {
    test(`a message of ${length} bytes comes back whole`, async (t) => {
      const [, wire] = await open(t, '--quiet');
      const payload = Buffer.alloc(length, 'payload ');
      wire.send(frame(BINARY, payload));
      const answer = await wire.frame();
      assert.equal(answer.first, 0x82);
      assert.ok(answer.payload.equals(payload));
    });
  }
});

describe('RFC 6455 5.4 to 5.6', () => {
  test('text is answered as text, binary as binary, fragments as one message, a ping between at once', async (t) => {
    const [, wire] = await open(t);
    wire.send(frame(TEXT, '你好'), frame(BINARY, Buffer.of(1, 2)), frame(TEXT, 'hel', { fin: false }), frame(PING, 'p'),
      frame(PONG, 'q'), frame(CONTINUATION, 'lo'));
    assert.deepEqual(await wire.frame(), { first: 0x81, payload: Buffer.from('你好') });
    assert.deepEqual(await wire.frame(), { first: 0x82, payload: Buffer.of(1, 2) });
    assert.deepEqual(await wire.frame(), { first: 0x8a, payload: Buffer.from('p') });
    assert.deepEqual(await wire.frame(), hello);
  });
});

describe('RFC 6455 5.5.1 and 7: closing', () => {
  for (const payload of [Buffer.alloc(0), closing(1000), closing(3001, 'bye'), closing(4999)]) {
    test(`Close with ${payload.toString('hex') || 'nothing'} is answered alike, then the server ends`, async (t) => {
      const [program, wire] = await open(t);
      wire.send(frame(CLOSE, payload), frame(TEXT, 'not read any more'));
      assert.deepEqual(await wire.frame(), { first: 0x88, payload });
      assert.equal((await wire.rest()).length, 0);
      await program.printed('"客户端1主动关闭"');
      assert.ok(!program.stdout.includes('not read'));
      wire.end();
    });
  }
  test('what was sent before the Close is answered before it', async (t) => {
    const [, wire] = await open(t);
    wire.send(frame(TEXT, 'hello'), frame(CLOSE, closing(1000)));
    assert.deepEqual(await wire.frame(), hello);
    assert.equal((await wire.frame()).first, 0x88);
  });
  test('a client that has only ended its own side gets all its answers', async (t) => {
    const [, wire] = await open(t, '--quiet');
    const payload = Buffer.alloc(1 << 20, 'x');
    wire.send(frame(TEXT, payload), frame(TEXT, 'hello'));
    wire.end();
    assert.ok((await wire.frame()).payload.equals(payload));
    assert.deepEqual(await wire.frame(), hello);
    assert.equal((await wire.rest()).length, 0);
  });
});

describe('one client\'s fault is nobody else\'s', () => {
  const faults: [name: string, bytes: Uint8Array, code: number, words: RegExp][] = [
    ['unmasked', frame(TEXT, 'x', { masked: false }), 1002, /not masked/],
    ['reserved opcode', frame(3, 'x'), 1002, /opcode 0x3/],
    ['bad UTF-8', frame(TEXT, Buffer.of(0xff)), 1007, /UTF-8/],
    ['bad code', frame(CLOSE, closing(1006)), 1002, /1006/],
    ['declared 2^62', Buffer.of(0x82, 0xff, 0x40, 0, 0, 0, 0, 0, 0, 0), 1009, /more than/],
  ];
  test('each gets its close code and reason, and a line on standard error', async (t) => {
    const [program, innocent] = await open(t);
    for (const [name, bytes, code, words] of faults) {
      const wire = await Wire.open(program.where);
      wire.send(frame(TEXT, 'hello'), bytes, frame(TEXT, 'too late'));
      assert.deepEqual(await wire.frame(), hello, name);
      const { first, payload } = await wire.frame();
      assert.equal(first, 0x88, name);
      assert.equal(payload.readUInt16BE(), code, name);
      assert.match(payload.toString('utf8', 2), words);
      assert.equal((await wire.rest()).length, 0, name);
      await program.printed(`closed with ${code}: ${payload.toString('utf8', 2)}\n`, 'stderr');
      innocent.send(frame(TEXT, 'hello'));
      assert.deepEqual(await innocent.frame(), hello, name);
      wire.end();
    }
  });
  const requests: [name: string, text: string, status: string][] = [
    ['a browser tab', request({ Upgrade: null, Connection: 'keep-alive' }), '426 Upgrade Required'],
    ['no key', request({ 'Sec-WebSocket-Key': null }), '400 Bad Request'],
    ['version 8', request({ 'Sec-WebSocket-Version': '8' }), '426 Upgrade Required'],
    ['17 KiB', request({ 'X': 'x'.repeat(17000) }), '431 Request Header Fields Too Large'],
    ['TLS', '\x16\x03\x01\x02\x00', '400 Bad Request'],
  ];
  test('a request that cannot be accepted gets its status, one sentence and the end', async (t) => {
    const [program, innocent] = await open(t);
    for (const [name, text, status] of requests) {
      const wire = await Wire.connect(program.where);
      wire.send(text);
      assert.ok((await wire.head()).startsWith(`HTTP/1.1 ${status}\r\n`), name);
      assert.match((await wire.rest()).toString(), /^.{20,}\n$/, name);
      await program.printed(`refused with ${status.slice(0, 3)}: `, 'stderr');
      innocent.send(frame(TEXT, 'hello'));
      assert.deepEqual(await innocent.frame(), hello, name);
      wire.end();
    }
  });
  test('clients that vanish: before the handshake, after it, with a reset, in the middle of a message', async (t) => {
    const [program, innocent] = await open(t);
    (await Wire.connect(program.where)).end();
    (await Wire.connect(program.where)).reset();
    const cut = await Wire.connect(program.where);
    cut.send(REQUEST.slice(0, 20));
    cut.end();
    (await Wire.open(program.where)).end();
    const reset = await Wire.open(program.where);
    reset.send(frame(TEXT, 'hello').subarray(0, 7));
    reset.reset();
    for (let i = 2; i <= 6; i++) await program.printed(`客户端${i}主动关闭`);
    innocent.send(frame(TEXT, 'hello'));
    assert.deepEqual(await innocent.frame(), hello);
  });
  test('one that does not read holds nobody up, is not read on, and loses nothing', async (t) => {
    const [program, innocent] = await open(t, '--quiet');
    const slow = await Wire.open(program.where);
    slow.socket.pause();
    const payload = Buffer.alloc(1 << 20, 'x');
    const message = frame(BINARY, payload);
    // Until the server has stopped reading and the kernels' buffers are full: then nothing leaves this side either.
    let sent = 0;
    while (slow.socket.writableLength < 4 << 20) {
      slow.send(message);
      sent++;
      innocent.send(frame(TEXT, 'hello'));
      assert.deepEqual(await innocent.frame(), hello);
    }
    slow.socket.resume();
    for (let i = 0; i < sent; i++) assert.ok((await slow.frame()).payload.equals(payload));
    slow.send(frame(TEXT, 'hello'));
    assert.deepEqual(await slow.frame(), hello);
  });
  test('one whose messages are more than its share of a pass gets all its answers, though it sends no more', async (t) => {
    const program = await Program.start(t, '--quiet', '--deflate');
    const wire = await Wire.connect(program.where);
    const zeros = Buffer.alloc(1 << 20);
    const packed = deflateRawSync(zeros, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
    const message = frame(BINARY, packed, { rsv: 0x40 });
    wire.send(request({ 'Sec-WebSocket-Extensions': 'permessage-deflate' }), ...Array.from({ length: 20 }, () => message));
    assert.match(await wire.head(), /^HTTP\/1\.1 101 /);
    for (let i = 0; i < 20; i++) {
      const { first, payload } = await wire.frame();
      assert.equal(first, 0xc2);
      assert.ok(inflateRawSync(payload, { finishFlush: constants.Z_SYNC_FLUSH }).equals(zeros));
    }
    wire.socket.destroy();
  });
  test('small messages of one that does not read wait in its inbox and come back in order, though it has ended', async (t) => {
    const [, wire] = await open(t, '--quiet');
    wire.socket.pause();
    let sent = 0;
    while (wire.socket.writableLength < 1 << 20) {
      wire.send(...Array.from({ length: 1000 }, () => frame(TEXT, `${sent++}`.padStart(100))));
      await new Promise(setImmediate);
    }
    // Its end waits there as well.
    wire.end();
    wire.socket.resume();
    for (let i = 0; i < sent; i++) assert.equal(Number((await wire.frame()).payload), i);
  });
});

describe('the process', () => {
  test('a closed standard output ends the printing, not the serving', async (t) => {
    const [program, wire] = await open(t);
    program.process.stdout.destroy();
    for (let i = 0; i < 3; i++) {
      wire.send(frame(TEXT, 'hello'));
      assert.deepEqual(await wire.frame(), hello);
    }
  });
  test('a closed standard error neither', async (t) => {
    const [program, innocent] = await open(t);
    program.process.stderr.destroy();
    for (let i = 0; i < 3; i++) {
      const wire = await Wire.connect(program.where);
      wire.send('nonsense\n');
      assert.match(await wire.head(), /^HTTP\/1\.1 400 /);
      innocent.send(frame(TEXT, 'hello'));
      assert.deepEqual(await innocent.frame(), hello);
    }
  });
  test('messages that would print more than a string can hold end nobody', async (t) => {
    const [program, innocent] = await open(t);
    const zeros = frame(BINARY, Buffer.alloc(16 << 20));
    const wires = await Promise.all(Array.from({ length: 9 }, () => Wire.open(program.where)));
    for (const wire of wires) wire.send(zeros.subarray(0, -1));
    for (const wire of wires) wire.send(zeros.subarray(-1));
    for (const wire of wires) assert.equal((await wire.frame()).payload.length, 16 << 20);
    innocent.send(frame(TEXT, 'hello'));
    assert.deepEqual(await innocent.frame(), hello);
    await program.printed('string(16777216) "\\x00\\x00');
  });
  test('an idle client costs no CPU', { skip: process.platform !== 'linux' && 'reads /proc' }, async (t) => {
    const [program, wire] = await open(t);
    const before = await program.cpuTicks();
    // Waiting is what is tested: half a second of a loop that spins would be 50 ticks.
    await new Promise((resolve) => setTimeout(resolve, 500));
    assert.ok(await program.cpuTicks() - before < 15);
    wire.end();
  });
});
