import assert from 'node:assert/strict';
import { once } from 'node:events';
import type net from 'node:net';
import { describe, test, type TestContext } from 'node:test';
import { Client } from '../../lib/limits/client.ts';
import { Disconnect } from '../../lib/limits/last_words.ts';
import { Memory } from '../../lib/limits/memory.ts';
import { type Socket, socket_write } from '../../lib/php/sockets.ts';
import { BINARY, buildMsg, CONTINUATION, type FrameInbox, getMsg, TEXT } from '../../lib/websocket/codec.ts';
import type { ProtocolError } from '../../lib/websocket/close.ts';
import { accept, listening } from '../accepted.ts';
import { frame } from '../wire.ts';

const KIB = 1024;

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
  test('is that of all together, and meets the one that goes past it', async (t) => {
    const all = await clients(t, 2), [one, two] = all, memory = new Memory(200 * KIB);
    serve(one, half(150));
    assert.deepEqual(memory.settle(one, map(...all)), []);
    serve(two!, half(100));
    const [[socket, words], ...more] = memory.settle(two!, map(...all)) as [[unknown, unknown]];
    assert.deepEqual([socket, more], [two!.socket, []]);
    assert.equal((words as ProtocolError).code, 1013);
    memory.forget(two!);
    serve(one, frame(CONTINUATION, Buffer.alloc(50 * KIB), { fin: false }));
    assert.deepEqual(memory.settle(one, map(one)), []);
    assert.equal(memory.held, 200 * KIB);
  });
  test('does not meet one who holds a read at most, however much the others hold', async (t) => {
    const all = await clients(t, 2), [one, two] = all, memory = new Memory(KIB);
    serve(one, half(64));
    assert.deepEqual(memory.settle(one, map(...all)), []);
    serve(two!, half(1));
    assert.deepEqual(memory.settle(two!, map(...all)), []);
    serve(one, frame(CONTINUATION, 'x', { fin: false }));
    assert.deepEqual(memory.settle(one, map(...all)).map(([socket]) => socket), [one.socket]);
  });
  test('disconnects one who does not read', async (t) => {
    const all = await clients(t, 1), [client] = all;
    client.peer.pause();
    socket_write(client.socket, Buffer.alloc(32 << 20));
    const [[socket, words]] = new Memory(16 << 20).settle(client, map(...all)) as [[unknown, unknown]];
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
      gone = memory.settle(speaker, map(...all)).map(([socket, words]) => {
        assert.ok(words instanceof Disconnect);
        return socket;
      });
    }
    assert.deepEqual(gone, [deafer!.socket]);
    memory.forget(deafer!);
    assert.ok(memory.held <= 24 << 20);
    assert.deepEqual(memory.settle(speaker, map(speaker, deaf!, listener!)), []);
  });
});
