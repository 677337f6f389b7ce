/** server.ts as a process, over real connections: what the article promises, and what users of such servers run into. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { BINARY, CLOSE, PING, TEXT } from '../lib/websocket/frame.ts';
import { folder } from './helpers.ts';
import { Program, sharedProgram } from './program.ts';
import { closing, frame, REQUEST, request, Wire } from './wire.ts';

const hello = { first: 0x81, payload: Buffer.from('hello') };

async function assertEchoes(wire: Wire, what?: string): Promise<void> {
  wire.send(frame(TEXT, 'hello'));
  assert.deepEqual(await wire.frame(), hello, what);
}

describe('the article', () => {
  test('its curl line gets its answer, and its console prints what it prints', async (t) => {
    const program = await Program.start(t);
    const wire = await Wire.connect(program.where);
    wire.send(request({ 'Sec-WebSocket-Key': 'websocket' }));
    assert.equal(await wire.head(), 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
      'Sec-WebSocket-Accept: qVby4apnn2tTYtB1nPPVYUn68gY=\r\n\r\n');
    await assertEchoes(wire);
    wire.end();
    await wire.rest();
    // The number of a client is never used again
    const second = await Wire.open(program.where);
    second.send(frame(CLOSE, closing(1000)), frame(TEXT, 'not read any more'));
    await second.rest();
    second.end();
    await program.stop();
    assert.equal(program.stdout, 'string(19) "新链接1已创建"\nstring(22) "新连接1握手成功"\nstring(5) "hello"\n' +
      'string(22) "客户端1主动关闭"\nstring(19) "新链接2已创建"\nstring(22) "新连接2握手成功"\nstring(22) "客户端2主动关闭"\n');
    assert.match(program.stderr, /^listening on ws:\/\/127\.0\.0\.1:\d+\n$/);
  });
});

describe('where it listens', () => {
  test('IPv6', async (t) => {
    const program = await Program.start(t, '--address', '::1');
    assert.match(program.stderr, /listening on ws:\/\/\[::1\]:\d+\n/);
    const wire = await Wire.open(program.where);
    await assertEchoes(wire);
    wire.end();
  });
  test('a Unix socket, whose path goes when the server does', async (t) => {
    const path = join(await folder(t), 'my.sock');
    const program = await Program.start(t, '--address', path);
    assert.ok(program.stderr.includes(`listening on unix:${path}\n`));
    const wire = await Wire.open(program.where);
    await assertEchoes(wire);
    wire.end();
    assert.equal(await program.stop(), 0);
    assert.ok(!existsSync(path));
  });
});

describe('one server', () => {
  const shared = sharedProgram();
  let program: Program, innocent: Wire;
  before(async () => {
    program = shared.program;
    innocent = await Wire.open(program.where);
  });

  test('control characters are escaped, binary shows as bytes', async () => {
    innocent.send(frame(TEXT, 'a\x1b[2J"\n'), frame(BINARY, Buffer.of(0, 0x41, 0xe4)));
    await program.printed('string(7) "a\\x1b[2J"\\n"\nstring(3) "\\x00A\\xe4"\n');
    await innocent.frame();
    await innocent.frame();
  });
  test('a request in pieces, with frames glued to it', async () => {
    const wire = await Wire.connect(program.where);
    for (const byte of REQUEST.slice(0, -1)) wire.send(byte);
    wire.send('\n', frame(TEXT, 'hello'), frame(TEXT, 'hello'));
    assert.match(await wire.head(), /^HTTP\/1\.1 101 /);
    assert.deepEqual(await wire.frame(), hello);
    assert.deepEqual(await wire.frame(), hello);
    wire.end();
  });
  test('a client that has only ended its own side gets all its answers', async () => {
    const wire = await Wire.open(program.where);
    const payload = Buffer.alloc(1 << 20, 'x');
    wire.send(frame(TEXT, payload), frame(TEXT, 'hello'));
    wire.end();
    assert.ok((await wire.frame()).payload.equals(payload));
    assert.deepEqual(await wire.frame(), hello);
    assert.equal((await wire.rest()).length, 0);
  });

  const faults: [name: string, bytes: Uint8Array, code: number, words: RegExp][] = [
    ['unmasked', frame(TEXT, 'x', { masked: false }), 1002, /not masked/],
    ['bad UTF-8', frame(TEXT, Buffer.of(0xff)), 1007, /UTF-8/],
    ['bad code', frame(CLOSE, closing(1006)), 1002, /1006/],
    ['declared 2^62', Buffer.of(0x82, 0xff, 0x40, 0, 0, 0, 0, 0, 0, 0), 1009, /more than/],
  ];
  test('a frame that breaks a rule gets its close code and reason, and a line on standard error', async () => {
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
      await assertEchoes(innocent, name);
      wire.end();
    }
  });
  const requests: [name: string, text: string, status: string][] = [
    ['a browser tab', request({ Upgrade: null, Connection: 'keep-alive' }), '426 Upgrade Required'],
    ['no key', request({ 'Sec-WebSocket-Key': null }), '400 Bad Request'],
    ['17 KiB', request({ 'X': 'x'.repeat(17000) }), '431 Request Header Fields Too Large'],
    ['TLS', '\x16\x03\x01\x02\x00', '400 Bad Request'],
  ];
  test('a request that cannot be accepted gets its status, one sentence and the end', async () => {
    for (const [name, text, status] of requests) {
      const wire = await Wire.connect(program.where);
      wire.send(text);
      assert.ok((await wire.head()).startsWith(`HTTP/1.1 ${status}\r\n`), name);
      assert.match((await wire.rest()).toString(), /^.{20,}\n$/, name);
      await program.printed(`refused with ${status.slice(0, 3)}: `, 'stderr');
      await assertEchoes(innocent, name);
      wire.end();
    }
  });
  test('clients that vanish: before the handshake, after it, with a reset, in the middle of a message', async () => {
    const vanished = (): number => program.stdout.match(/主动关闭/g)?.length ?? 0, earlier = vanished();
    (await Wire.connect(program.where)).end();
    (await Wire.connect(program.where)).reset();
    const cut = await Wire.connect(program.where);
    cut.send(REQUEST.slice(0, 20));
    cut.end();
    (await Wire.open(program.where)).end();
    const reset = await Wire.open(program.where);
    reset.send(frame(TEXT, 'hello').subarray(0, 7));
    reset.reset();
    await program.says('stdout', new RegExp(`^(?:[^]*?主动关闭){${earlier + 5}}`));
    await assertEchoes(innocent);
  });
  test('messages that would print more than a string can hold end nobody', async () => {
    const zeros = frame(BINARY, Buffer.alloc(16 << 20));
    const wires = await Promise.all(Array.from({ length: 9 }, () => Wire.open(program.where)));
    for (const wire of wires) wire.send(zeros.subarray(0, -1));
    for (const wire of wires) wire.send(zeros.subarray(-1));
    for (const wire of wires) assert.equal((await wire.frame()).payload.length, 16 << 20);
    await program.printed('string(16777216) "\\x00\\x00');
    for (const wire of wires) wire.end();
    await assertEchoes(innocent);
  });
  test('an idle client costs no CPU', { skip: process.platform !== 'linux' && 'reads /proc' }, async () => {
    const ticks = await program.cpuTicks();
    // Waiting is what is tested: half a second of a loop that spins would be 50 ticks
    await new Promise((resolve) => setTimeout(resolve, 500));
    assert.ok(await program.cpuTicks() - ticks < 15);
  });
  // The last two: from now on the server cannot print
  test('a closed standard error ends the printing, not the serving', async () => {
    program.process.stderr.destroy();
    for (let i = 0; i < 3; i++) {
      const wire = await Wire.connect(program.where);
      wire.send('nonsense\n');
      assert.match(await wire.head(), /^HTTP\/1\.1 400 /);
      await assertEchoes(innocent);
    }
  });
  test('nor does a closed standard output', async () => {
    program.process.stdout.destroy();
    for (let i = 0; i < 3; i++) await assertEchoes(innocent);
  });
});

describe('a server --quiet', () => {
  // Nobody here is to be cut for its silence, however slow the machine is
  const shared = sharedProgram('--quiet', '--ping-interval', '0', '--write-timeout', '900');
  let program: Program;
  before(() => { program = shared.program; });

  test('prints no message', async () => {
    const wire = await Wire.open(program.where);
    wire.send(frame(TEXT, 'secret'), frame(CLOSE, closing(1000)));
    await wire.rest();
    await program.printed('主动关闭');
    assert.ok(!program.stdout.includes('secret'));
  });
  test('a thousand quick messages come back in order, none glued or lost', async () => {
    const wire = await Wire.open(program.where);
    wire.send(...Array.from({ length: 1000 }, (_, i) => frame(TEXT, `${i}`)));
    for (let i = 0; i < 1000; i++) assert.equal((await wire.frame()).payload.toString(), `${i}`);
    wire.end();
  });
  test('one that does not read holds nobody up, is not read on, and loses nothing', async () => {
    const innocent = await Wire.open(program.where), slow = await Wire.open(program.where);
    slow.socket.pause();
    const payload = Buffer.alloc(1 << 20, 'x'), message = frame(BINARY, payload);
    // Until the server has stopped reading and the kernels' buffers are full: then nothing leaves this side either
    let sent = 0;
    for (; slow.socket.writableLength < 4 << 20; sent++) {
      slow.send(message);
      await assertEchoes(innocent);
    }
    slow.socket.resume();
    for (let i = 0; i < sent; i++) assert.ok((await slow.frame()).payload.equals(payload));
    await assertEchoes(slow);
  });
  test('one whose messages are more than its share of a pass gets all its answers, though it sends no more', async () => {
    const wire = await Wire.open(program.where), zeros = Buffer.alloc(3 << 20);
    wire.send(...Array.from({ length: 6 }, () => frame(BINARY, zeros)), frame(PING));
    for (let i = 0; i < 6; i++) assert.ok((await wire.frame()).payload.equals(zeros));
    assert.equal((await wire.frame()).first, 0x8a);
    wire.end();
  });
  test('small messages of one that does not read wait in its inbox and come back in order, though it has ended', async () => {
    const wire = await Wire.open(program.where);
    wire.socket.pause();
    let sent = 0;
    while (wire.socket.writableLength < 1 << 20) {
      wire.send(...Array.from({ length: 1000 }, () => frame(TEXT, `${sent++}`.padStart(100))));
      await new Promise(setImmediate);
    }
    // Its end waits there as well
    wire.end();
    wire.socket.resume();
    for (let i = 0; i < sent; i++) assert.equal(Number((await wire.frame()).payload), i);
  });
});
