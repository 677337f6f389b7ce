import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { describe, test, type TestContext } from 'node:test';
import { ProtocolError } from '../../lib/websocket/close.ts';
import { Cut } from '../../lib/limits/last_words.ts';
import { BINARY, CONTINUATION, getMsg, TEXT } from '../../lib/websocket/frame.ts';
import { Inbox } from '../../lib/websocket/inbox.ts';
import { Ledger } from '../../lib/limits/memory.ts';
import {
  AF_INET, SOCK_STREAM, SOL_TCP, type Socket, socket_accept, socket_bind, socket_close, socket_create,
  socket_getsockname, socket_listen, socket_select, socket_write,
} from '../../lib/php/sockets.ts';
import { Program } from '../program.ts';
import { frame, Wire } from '../wire.ts';

const KIB = 1024;

/** Clients of a server in this process, each with its inbox and its own end. */
async function clients(t: TestContext, count: number): Promise<{ socket: Socket; inbox: Inbox; peer: net.Socket }[]> {
  const server = socket_create(AF_INET, SOCK_STREAM, SOL_TCP);
  t.after(() => socket_close(server));
  socket_bind(server, '127.0.0.1');
  await socket_listen(server);
  const name = socket_getsockname(server);
  assert.ok(name);
  const sockets: Socket[] = [];
  sockets[server.id] = server;
  const all = [];
  for (let i = 0; i < count; i++) {
    const peer = net.connect(name.port, name.address);
    await once(peer, 'connect');
    await socket_select(sockets, null, null, null);
    const socket = socket_accept(server);
    assert.ok(socket);
    t.after(() => {
      peer.destroy();
      socket_close(socket);
    });
    all.push({ socket, inbox: new Inbox(), peer });
  }
  return all;
}

/** Takes all messages out, as the loop does. */
function serve(inbox: Inbox, ...bytes: Buffer[]): void {
  for (const piece of bytes) {
    inbox.push(piece);
    while (getMsg(inbox) !== null);
  }
}

describe('what is held', () => {
  test('is an answer too, while it waits for the end of the pass, and no more when it has been taken', async (t) => {
    const [{ socket, inbox }] = await clients(t, 1) as [Awaited<ReturnType<typeof clients>>[0]];
    const ledger = new Ledger(1e9);
    socket_write(socket, Buffer.alloc(60 * KIB));
    ledger.settle(socket, inbox);
    assert.equal(ledger.held, 60 * KIB);
    ledger.recount();
    assert.equal(ledger.held, 0, 'the kernel has it');
  });
  test('is what waits in the inbox and of the message that has begun; messages are counted', async (t) => {
    const [{ socket, inbox }] = await clients(t, 1) as [Awaited<ReturnType<typeof clients>>[0]];
    const ledger = new Ledger(1e9);
    const end = frame(CONTINUATION, 'y');
    serve(inbox, frame(TEXT, 'whole'), frame(BINARY, 'x'.repeat(100), { fin: false }), end.subarray(0, 3));
    ledger.settle(socket, inbox);
    assert.deepEqual([ledger.held, ledger.messages], [103, 1]);
    serve(inbox, end.subarray(3));
    ledger.settle(socket, inbox);
    ledger.settle(socket, inbox);
    assert.deepEqual([ledger.held, ledger.messages], [0, 2]);
  });
  test('is nothing any more when a client has left, and its messages stay counted', async (t) => {
    const [one, two] = await clients(t, 2);
    const ledger = new Ledger(1e9);
    for (const { socket, inbox } of [one!, two!]) {
      serve(inbox, frame(TEXT, 'whole'), frame(TEXT, 'half').subarray(0, -1));
      ledger.settle(socket, inbox);
    }
    assert.equal(ledger.held, 6);
    ledger.close(one!.inbox);
    ledger.settle(one!.socket, undefined);
    assert.deepEqual([ledger.held, ledger.messages], [3, 2]);
    ledger.close(two!.inbox);
    assert.deepEqual([ledger.held, ledger.messages], [0, 2]);
  });
  test('is what waits to be sent as well', async (t) => {
    const [one] = await clients(t, 1);
    const ledger = new Ledger(1e9);
    one!.peer.pause();
    assert.equal(socket_write(one!.socket, Buffer.alloc(32 << 20)), 0);
    ledger.settle(one!.socket, one!.inbox);
    assert.equal(ledger.held, 32 << 20);
  });
});

test('what has been taken since its client was served is held no more when it is counted again', async (t) => {
  const [one] = await clients(t, 1);
  const ledger = new Ledger(1e9);
  one!.peer.pause();
  socket_write(one!.socket, Buffer.alloc(32 << 20));
  ledger.settle(one!.socket, one!.inbox);
  const taken = once(one!.socket.stream!, 'drain');
  one!.peer.resume();
  await taken;
  ledger.recount();
  assert.equal(ledger.held, 0);
  ledger.close(one!.inbox);
  ledger.recount();
  assert.equal(ledger.held, 0);
});

describe('the limit', () => {
  const half = (kib: number): Buffer => frame(BINARY, Buffer.alloc(kib * KIB), { fin: false });
  test('is that of all together, and meets the one that goes past it', async (t) => {
    const [one, two] = await clients(t, 2);
    const ledger = new Ledger(200 * KIB);
    serve(one!.inbox, half(150));
    ledger.settle(one!.socket, one!.inbox);
    serve(two!.inbox, half(100));
    assert.throws(() => ledger.settle(two!.socket, two!.inbox), { name: 'ProtocolError', code: 1013 });
    ledger.close(two!.inbox);
    serve(one!.inbox, frame(CONTINUATION, Buffer.alloc(50 * KIB), { fin: false }));
    ledger.settle(one!.socket, one!.inbox);
    assert.equal(ledger.held, 200 * KIB);
  });
  test('does not meet one who holds a read at most, however much the others hold', async (t) => {
    const [one, two] = await clients(t, 2);
    const ledger = new Ledger(KIB);
    serve(one!.inbox, half(64));
    ledger.settle(one!.socket, one!.inbox);
    serve(two!.inbox, half(1));
    ledger.settle(two!.socket, two!.inbox);
    serve(one!.inbox, frame(CONTINUATION, 'x', { fin: false }));
    assert.throws(() => ledger.settle(one!.socket, one!.inbox), ProtocolError);
  });
  test('cuts one who does not read', async (t) => {
    const [one] = await clients(t, 1);
    one!.peer.pause();
    socket_write(one!.socket, Buffer.alloc(32 << 20));
    assert.throws(() => new Ledger(16 << 20).settle(one!.socket, one!.inbox), Cut);
  });
});

test('the real server: whoever goes past --max-memory gets 1013, the others finish their messages', async (t) => {
  const program = await Program.start(t, '--quiet', '--max-memory', '1M');
  const payload = Buffer.alloc(800 * KIB, 'payload '), message = frame(BINARY, payload);
  const one = await Wire.open(program.where), two = await Wire.open(program.where);
  t.after(() => one.socket.destroy());
  one.send(message.subarray(0, -1));
  // A ping would wait for the end of the frame; so ask until it is all there
  while ((await program.stats())['held'] !== 800 * KIB - 1);
  two.send(message.subarray(0, -1));
  const { first, payload: close } = await two.frame();
  assert.equal(first, 0x88);
  assert.equal(close.readUInt16BE(), 1013);
  assert.equal((await two.rest()).length, 0);
  two.end();
  await program.printed('closed with 1013: ', 'stderr');
  one.send(message.subarray(-1));
  assert.ok((await one.frame()).payload.equals(payload));
  assert.equal((await program.stats())['held'], 0);
});

test('the real server: answers that have been taken are in nobody\'s way', async (t) => {
  const program = await Program.start(t, '--quiet', '--max-memory', '1M');
  const payload = Buffer.alloc(200 * KIB, 'payload ');
  for (let i = 0; i < 10; i++) {
    const wire = await Wire.open(program.where);
    t.after(() => wire.socket.destroy());
    wire.send(frame(BINARY, payload));
    const { first, payload: answer } = await wire.frame();
    assert.equal(first, 0x82, `client ${i + 1} gets its answer`);
    assert.ok(answer.equals(payload));
  }
  assert.equal((await program.stats())['held'], 0);
});
