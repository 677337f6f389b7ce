import assert from 'node:assert/strict';
import { once } from 'node:events';
import type net from 'node:net';
import { test, type TestContext } from 'node:test';
import { hold, interrupt, release, rouse } from '../../lib/php/select.ts';
import { type Socket, socket_read, socket_select, socket_write } from '../../lib/php/sockets.ts';
import { accept, connect, keyed, listening } from '../accepted.ts';

const NOTHING = { read: [], write: [], except: [] };

interface House {
  server: Socket;
  peers: net.Socket[];
  clients: Socket[];
  /** The server and all clients, by id. */
  sockets: Socket[];
}

/** A server with so many clients, none of which has sent anything. */
async function house(t: TestContext, count: number): Promise<House> {
  const server = await listening(t), sockets = keyed(server), clients: Socket[] = [], peers: net.Socket[] = [];
  for (let i = 0; i < count; i++) {
    const { socket, peer } = await accept(t, server);
    peers.push(peer);
    clients.push(socket);
    sockets[socket.id] = socket;
  }
  return { server, peers, clients, sockets };
}

test('more seconds than a timer of Node\'s can count are waited for all the same', async (t) => {
  const { sockets, peers, clients } = await house(t, 1);
  const selecting = socket_select(sockets, [], null, 1e9);
  peers[0]!.write('x');
  assert.deepEqual((await selecting).read, clients);
});

test('seconds and microseconds are waited for, no less', async (t) => {
  const { sockets } = await house(t, 1);
  const start = process.hrtime.bigint();
  assert.deepEqual(await socket_select(sockets, [], null, 0.01, 20_000), NOTHING);
  assert.ok(process.hrtime.bigint() - start >= 28_000_000n);
});

test('a signal wakes it with nothing active, before its time is up, and loses nothing', async (t) => {
  const { sockets, peers, clients } = await house(t, 1);
  for (const seconds of [null, 3600]) {
    const selecting = socket_select(sockets, [], null, seconds);
    interrupt();
    assert.deepEqual(await selecting, NOTHING);
  }
  interrupt();
  const selecting = socket_select(sockets, [], null, null);
  peers[0]!.write('x');
  assert.deepEqual((await selecting).read, clients);
});

test('it is level-triggered: bytes that are left keep a socket active, none do not', async (t) => {
  const { sockets, peers, clients: [client] } = await house(t, 1);
  peers[0]!.write('abc');
  for (const expected of ['a', 'b', 'c']) {
    assert.deepEqual((await socket_select(sockets, [], null, null)).read, [client]);
    assert.deepEqual((await socket_select(sockets, [], null, 0)).read, [client]);
    assert.equal(String(socket_read(client!, 1)), expected);
  }
  assert.deepEqual(await socket_select(sockets, [], null, 0), NOTHING);
});

test('one pass serves all that one turn of the event loop brought', async (t) => {
  const { sockets, peers, clients } = await house(t, 20);
  for (let i = 0; i < 10; i++) {
    // All are there before anyone looks
    await Promise.all(peers.map((peer) => new Promise<void>((resolve) => { peer.write('x', () => resolve()); })));
    const served = new Set<Socket>();
    let passes = 0;
    for (; served.size < 20; passes++) {
      for (const socket of (await socket_select(sockets, [], null, null)).read) {
        socket_read(socket, 10);
        served.add(socket);
      }
    }
    assert.deepEqual([...served].map(({ id }) => id).sort((a, b) => a - b), clients.map(({ id }) => id));
    assert.ok(passes <= 3, `${passes} passes`);
  }
});

test('the active sockets come by their numbers, the server first, in whatever order they have become active', async (t) => {
  const { server, sockets, peers, clients } = await house(t, 9);
  const arrived = clients.map(({ stream }) => once(stream!, 'readable'));
  for (const i of [7, 2, 8, 0, 5, 1, 6, 3, 4]) {
    peers[i]!.write('x');
    await arrived[i];
  }
  const coming = once(server.listener!.server!, 'connection');
  await connect(t, server);
  await coming;
  const { read, write } = await socket_select(sockets, keyed(...clients.reverse()), null, null);
  clients.reverse();
  assert.deepEqual(read, [server, ...clients]);
  assert.deepEqual(write, clients);
});

test('those who are not read are not looked at whenever one more byte of theirs comes', async (t) => {
  const { sockets, peers, clients } = await house(t, 6);
  const [first, ...stalled] = clients as [Socket, ...Socket[]];
  let looks = 0;
  for (const socket of stalled) {
    delete sockets[socket.id];
    Object.defineProperty(socket.stream!, 'readableLength', { get: () => ++looks });
  }
  const serve = async (): Promise<void> => {
    const selecting = socket_select(sockets, [], null, null);
    peers[0]!.write('x');
    assert.deepEqual((await selecting).read, [first]);
    socket_read(first, 10);
  };
  for (let i = 0; i < 8; i++) await serve();
  const selecting = socket_select(sockets, [], null, null);
  looks = 0;
  for (let i = 0; i < 1000; i++) rouse(stalled[i % 5]!);
  peers[0]!.write('x');
  await selecting;
  assert.ok(looks < 50, `a thousand packets, ${looks} looks`);
});

test('what a pass has written leaves before the next one is waited for', async (t) => {
  const { sockets, peers, clients: [client] } = await house(t, 1);
  socket_write(client!, 'answer');
  assert.equal(client!.stream!.bytesWritten, 0);
  const selecting = socket_select(sockets, [], null, null);
  assert.equal(client!.stream!.bytesWritten, 6);
  peers[0]!.write('x');
  await selecting;
});

test('a socket outside of the arrays, which stay as they are, is left alone, and active when put in', async (t) => {
  const { sockets, peers, clients } = await house(t, 2), all = sockets.slice();
  delete sockets[clients[0]!.id];
  peers[0]!.write('x');
  peers[1]!.write('x');
  assert.deepEqual((await socket_select(sockets, [], null, null)).read, [clients[1]]);
  socket_read(clients[1]!, 10);
  assert.deepEqual(await socket_select(sockets, [], null, 0), NOTHING);
  sockets[clients[0]!.id] = clients[0]!;
  assert.deepEqual((await socket_select(sockets, [], null, null)).read, [clients[0]]);
  assert.deepEqual(sockets, all);
});

test('a socket that takes bytes is active for writing, at once and as long as it does', async (t) => {
  const { clients } = await house(t, 1);
  for (let i = 0; i < 2; i++) {
    const selected = await socket_select(null, keyed(...clients), null, null);
    assert.deepEqual(selected, { read: [], write: clients, except: [] });
  }
});

test('a socket that is held is not active for writing before it is released', async (t) => {
  const { clients } = await house(t, 1), write = keyed(...clients);
  hold(clients[0]!);
  assert.deepEqual(await socket_select(null, write, null, 0), NOTHING);
  const selecting = socket_select(null, write, null, null);
  release(clients[0]!);
  assert.deepEqual((await selecting).write, clients);
});

test('two loops in one process do not take each other\'s sockets', async (t) => {
  const [one, two] = [await house(t, 1), await house(t, 1)];
  const first = socket_select(one.sockets, [], null, null), second = socket_select(two.sockets, [], null, null);
  two.peers[0]!.write('x');
  assert.deepEqual((await second).read, two.clients);
  one.peers[0]!.write('x');
  assert.deepEqual((await first).read, one.clients);
});

test('the time of a call that has ended early ends no later one, of the same seconds, of others or of none', async (t) => {
  const { sockets, peers, clients: [client] } = await house(t, 1);
  for (const seconds of [0.05, 0.2, null, 0.05]) {
    peers[0]!.write('x');
    // Active already: on a busy machine the byte may take longer than the time of the call
    while (client!.stream!.readableLength === 0) await new Promise(setImmediate);
    assert.deepEqual((await socket_select(sockets, [], null, 0.05)).read, [client]);
    socket_read(client!, 10);
    const start = process.hrtime.bigint();
    const later = socket_select(sockets, [], null, seconds);
    const other = socket_select(sockets, [], null, 0.1);
    assert.deepEqual(await other, NOTHING);
    if (seconds === null) peers[0]!.write('y');
    assert.deepEqual((await later).read, seconds === null ? [client] : []);
    assert.ok(Number(process.hrtime.bigint() - start) >= ((seconds ?? 0.1) * 1000 - 2) * 1e6, `${seconds}`);
    if (seconds === null) socket_read(client!, 10);
  }
});
