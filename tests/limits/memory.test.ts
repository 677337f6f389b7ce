import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type net from 'node:net';
import { describe, test, type TestContext } from 'node:test';
import { Client } from '../../lib/limits/client.ts';
import { Disconnect } from '../../lib/limits/last_words.ts';
import { Memory } from '../../lib/limits/memory.ts';
import { type Socket, socket_write } from '../../lib/php/sockets.ts';
import { BINARY, buildMsg, CONTINUATION, type FrameInbox, getMsg, TEXT } from '../../lib/websocket/codec.ts';
import { negotiateDeflate } from '../../lib/websocket/deflate.ts';
import type { ProtocolError } from '../../lib/websocket/close.ts';
import type { HttpError } from '../../lib/websocket/http.ts';
import { accept, keyed, listening } from '../accepted.ts';
import { Program } from '../program.ts';
import { deflated } from '../raw_deflate.ts';
import { frame, Wire } from '../wire.ts';

const KIB = 1024;
/** Nobody has shaken hands. */
const NOBODY: Socket[] = [];

type Peer = Client & { peer: net.Socket };

/** Clients of a server in this process, each with its record and its own end. */
async function clients(t: TestContext, count: number): Promise<[Peer, ...Peer[]]> {
  const server = await listening(t), all: Peer[] = [];
  for (let i = 0; i < count; i++) {
    const { socket, peer } = await accept(t, server);
    all.push(Object.assign(new Client(socket, 1 << 26, 0), { peer }));
  }
  return all as [Peer, ...Peer[]];
}

/** These as Limits has them. */
function map(...clients: Client[]): Map<Socket, Client> {
  return new Map(clients.map((client) => [client.socket, client]));
}

/** Takes all messages out, as the loop does. */
function serve({ inbox }: { inbox: FrameInbox }, ...bytes: Buffer[]): void {
  for (const piece of bytes) {
    inbox.push(piece);
    while (getMsg(inbox) !== null);
  }
}

describe('what is held', () => {
  test('is what waits in the inbox and of the message that has begun; messages are counted', async (t) => {
    const [client] = await clients(t, 1), memory = new Memory(1e9);
    const end = frame(CONTINUATION, 'y');
    serve(client, frame(TEXT, 'whole'), frame(BINARY, 'x'.repeat(100), { fin: false }), end.subarray(0, 3));
    memory.count(client);
    assert.deepEqual([memory.held, memory.messages], [103, 1]);
    serve(client, end.subarray(3));
    memory.count(client);
    memory.count(client);
    assert.deepEqual([memory.held, memory.messages], [0, 2]);
  });
  test('is nothing any more when a client has left, and its messages stay counted', async (t) => {
    const [one, two] = await clients(t, 2), memory = new Memory(1e9);
    for (const client of [one, two!]) {
      serve(client, frame(TEXT, 'whole'), frame(TEXT, 'half').subarray(0, -1));
      memory.count(client);
    }
    assert.equal(memory.held, 6);
    memory.forget(one);
    assert.deepEqual([memory.held, memory.messages], [3, 2]);
    memory.forget(two!);
    assert.deepEqual([memory.held, memory.messages], [0, 2]);
  });
  test('is what waits to be sent as well, until it has been taken and is counted again', async (t) => {
    const all = await clients(t, 1), [client] = all, memory = new Memory(1e9);
    client.peer.pause();
    assert.equal(socket_write(client.socket, Buffer.alloc(32 << 20)), 0);
    memory.count(client);
    assert.equal(memory.held, 32 << 20);
    const taken = once(client.socket.stream!, 'drain');
    client.peer.resume();
    await taken;
    assert.equal(memory.held, 32 << 20);
    memory.recount(map(...all));
    assert.equal(memory.held, 0);
  });
});

// With the real server: tests/abuse/too_much.test.ts
describe('the limit', () => {
  const half = (kib: number): Buffer => frame(BINARY, Buffer.alloc(kib * KIB), { fin: false });
  test('meets those whose message has begun longest ago, until an eighth of it is free again', async (t) => {
    const all = await clients(t, 4), [one, two, three, four] = all, memory = new Memory(200 * KIB);
    for (const client of [two!, one, three!]) {
      serve(client, half(50));
      assert.deepEqual(memory.settle(client, map(...all), NOBODY), []);
    }
    // Its message is a new one
    serve(two!, frame(CONTINUATION), half(49));
    assert.deepEqual(memory.settle(two!, map(...all), NOBODY), []);
    serve(four!, half(52));
    const gone = memory.settle(four!, map(...all), keyed(...all.map(({ socket }) => socket)));
    assert.deepEqual(gone.map(([socket, words]) => [socket, (words as ProtocolError).code]), [[one.socket, 1013]]);
  });
  test('meets one whose message is inflated by another thread before one who only has a context', async (t) => {
    const all = await clients(t, 2), [idle, waiting] = all, memory = new Memory(30 * KIB);
    for (const client of all) client.inbox.extension = negotiateDeflate([]);
    serve(idle, frame(BINARY, deflated(Buffer.alloc(32 * KIB)), { rsv: 0x40 }));
    memory.count(idle);
    // Noise: it does not get shorter
    serve(waiting!, frame(BINARY, deflated(randomBytes(100 * KIB)), { rsv: 0x40 }));
    assert.ok(waiting!.inbox.isDecoding);
    assert.equal(memory.settle(waiting!, map(...all), NOBODY)[0]![0], waiting!.socket);
  });
  test('does not meet one who holds less than an eighth of an equal share', async (t) => {
    const all = await clients(t, 2), [one, two] = all, memory = new Memory(160 * KIB);
    serve(one, half(10));
    assert.deepEqual(memory.settle(one, map(...all), NOBODY), []);
    serve(two!, half(151));
    assert.deepEqual(memory.settle(two!, map(...all), NOBODY).map(([socket]) => socket), [two!.socket]);
  });
  test('answers 503 to one that has not shaken hands, and counts what Node holds unread', async (t) => {
    const all = await clients(t, 1), [client] = all, memory = new Memory(10 * KIB);
    client.peer.write(Buffer.alloc(20 * KIB));
    while (client.socket.stream!.readableLength < 20 * KIB) await new Promise(setImmediate);
    const [[socket, words]] = memory.relieve(map(...all), NOBODY) as [[unknown, unknown]];
    assert.deepEqual([socket, memory.held, (words as HttpError).status], [client.socket, 20 * KIB, 503]);
  });
  test('disconnects one who does not read', async (t) => {
    const all = await clients(t, 1), [client] = all;
    client.peer.pause();
    socket_write(client.socket, Buffer.alloc(32 << 20));
    const [[socket, words]] = new Memory(16 << 20).settle(client, map(...all), NOBODY) as [[unknown, unknown]];
    assert.equal(socket, client.socket);
    assert.ok(words instanceof Disconnect);
  });
  test('disconnects those who do not read what another client says to all, the fullest first, and nobody else', async (t) => {
    const all = await clients(t, 4), [speaker, deaf, deafer, listener] = all, memory = new Memory(24 << 20);
    for (const { peer } of [speaker, listener!]) peer.resume();
    const frame = buildMsg('x'.repeat(1 << 20));
    let gone: unknown[] = [];
    socket_write(deafer!.socket, Buffer.alloc(8 << 20));
    for (let times = 0; gone.length === 0; times++) {
      assert.ok(times < 100, 'it grows without bound');
      for (const { socket } of all) socket_write(socket, frame);
      // The kernel takes what it takes; those who read, all
      while (listener!.socket.stream!.writableLength + speaker.socket.stream!.writableLength > 0) await new Promise(setImmediate);
      gone = memory.settle(speaker, map(...all), NOBODY).map(([socket, words]) => {
        assert.ok(words instanceof Disconnect);
        return socket;
      });
    }
    assert.deepEqual(gone, [deafer!.socket]);
    memory.forget(deafer!);
    assert.ok(memory.held <= 24 << 20);
    assert.deepEqual(memory.settle(speaker, map(speaker, deaf!, listener!), NOBODY), []);
  });
});

test('the real server: many who hold little cannot keep an honest message out', async (t) => {
  const program = await Program.start(t, '--quiet', '--max-memory', '1M'), holders: Wire[] = [];
  const begun = frame(BINARY, Buffer.alloc(60 * KIB)).subarray(0, -1);
  for (let i = 0; i < 40; i++) {
    const wire = await Wire.open(program.where);
    t.after(() => wire.socket.destroy());
    wire.send(begun);
    holders.push(wire);
  }
  await program.printed('closed with 1013: ', 'stderr');
  const honest = await Wire.open(program.where), payload = Buffer.alloc(200 * KIB, 'payload ');
  t.after(() => honest.socket.destroy());
  honest.send(frame(BINARY, payload));
  assert.ok((await honest.frame()).payload.equals(payload));
  assert.ok((await program.stats())['held']! <= 1024 * KIB);
  // The first one has held longest
  const { first, payload: close } = await holders[0]!.frame();
  assert.deepEqual([first, close.readUInt16BE()], [0x88, 1013]);
});
