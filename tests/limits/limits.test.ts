import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, test, type TestContext } from 'node:test';
import { type Arrays, type Costs, Limits } from '../../lib/limits/limits.ts';
import { type Socket, socket_close, socket_read, socket_shutdown, socket_write } from '../../lib/php/sockets.ts';
import { bytesUnread } from '../../lib/php/stream.ts';
import { CONTINUATION, getMsg, TEXT } from '../../lib/websocket/codec.ts';
import { accept, type Accepted, listening } from '../accepted.ts';
import { closing, frame } from '../wire.ts';

const COSTS: Costs = {
  handshakeTimeout: 10, pingInterval: 30, writeTimeout: 20, maxPayload: 1000, maxClients: 2, maxMemory: 1e9,
};

/** Limits with so many clients, as the loop has them: in `sockets`, and with their inboxes. */
async function house(
  t: TestContext, count: number, clock = () => 0,
): Promise<{ limits: Limits; arrays: Arrays; clients: Accepted[] }> {
  const arrays: Arrays = { sockets: [], handShake: [], inboxes: [], selectWrite: [] };
  const limits = new Limits(COSTS, arrays, clock), clients: Accepted[] = [], server = await listening(t);
  for (let i = 0; i < count; i++) {
    const client = await accept(t, server), { socket } = client;
    arrays.sockets[socket.id] = socket;
    arrays.inboxes[socket.id] = limits.admit(socket);
    clients.push(client);
  }
  return { limits, arrays, clients };
}

/** What one of them has been sent when its socket is closed. */
async function heardBy({ socket, peer }: Accepted): Promise<Buffer> {
  socket_close(socket);
  return Buffer.concat(await peer.toArray() as Buffer[]);
}

test('admit() and forget(): the limit of messages, one client more than there may be, how long to wait', async (t) => {
  const { limits, arrays, clients } = await house(t, 3), full: boolean[] = [];
  assert.deepEqual(Object.values(arrays.inboxes).map(({ maxPayload }) => maxPayload), [1000, 1000, 1000]);
  for (const { socket } of clients) {
    assert.equal(limits.wait, 1, 'a while where there are clients');
    full.push(limits.isFull);
    limits.forget(socket, 5, undefined);
    assert.deepEqual(limits.settle(socket), [], 'nothing is known of a client that has left');
  }
  assert.deepEqual([full, limits.wait], [[true, false, false], null]);
});

describe('a turn', () => {
  /** How many of a thousand messages of one read are taken in one turn, while each takes so many seconds. */
  async function taken(t: TestContext, seconds: number): Promise<[number, boolean]> {
    let now = 1;
    const { limits, arrays: { inboxes }, clients: [one] } = await house(t, 1, () => now);
    const { socket } = one!, inbox = inboxes[socket.id]!;
    inbox.push(Buffer.concat(Array(1000).fill(frame(TEXT))));
    let count = 0;
    for (; limits.hasTurn(socket, inbox) && getMsg(inbox); count++) now += seconds;
    const mustWait = limits.mustWait(socket, inbox);
    // Who has waited begins a turn of its own, in which one message at least is taken
    limits.settle(socket);
    assert.ok(limits.hasTurn(socket, inbox));
    return [count, mustWait];
  }
  test('is over after a quarter of a millisecond; the clock is looked at after every 32 short messages', async (t) => {
    assert.deepEqual(await taken(t, 0.01e-3), [64, true]);
    assert.deepEqual(await taken(t, 0.002e-3), [160, true]);
    assert.deepEqual(await taken(t, 1), [64, true]);
  });
  test('takes all where there is time', async (t) => {
    assert.deepEqual(await taken(t, 0), [1000, false]);
  });
  test('is over with a thousand fragments of one message, too', async (t) => {
    const { limits, arrays: { inboxes }, clients: [one] } = await house(t, 1), { socket } = one!;
    const inbox = inboxes[socket.id]!;
    inbox.push(Buffer.concat([frame(TEXT, '', { fin: false }), ...Array<Buffer>(1000).fill(frame(CONTINUATION, '', { fin: false }))]));
    let turns = 1;
    for (; limits.hasTurn(socket, inbox) && getMsg(inbox) === null && limits.mustWait(socket, inbox); turns++) limits.settle(socket);
    assert.equal(turns, Math.ceil(1001 / 64));
  });
  test('is none for whoever does not read its answers', async (t) => {
    const { limits, arrays: { inboxes }, clients: [one] } = await house(t, 1), { socket, peer } = one!;
    peer.pause();
    while (socket_write(socket, Buffer.alloc(1 << 20)) !== 0);
    assert.deepEqual([limits.hasTurn(socket, inboxes[socket.id]!), limits.mustWait(socket, inboxes[socket.id]!)], [false, true]);
    // What is shut down takes no more: nothing is to be waited for
    socket_shutdown(socket, 1);
    assert.deepEqual([limits.hasTurn(socket, inboxes[socket.id]!), limits.mustWait(socket, inboxes[socket.id]!)], [true, false]);
  });
  test('is nobody\'s who has left', async (t) => {
    const { limits, arrays: { inboxes }, clients: [one] } = await house(t, 1), { socket } = one!, inbox = inboxes[socket.id]!;
    inbox.push(Buffer.concat(Array(1000).fill(frame(TEXT))));
    assert.ok(getMsg(inbox) && inbox.mayHoldMessage);
    assert.equal(limits.mustWait(socket, inbox), true);
    limits.forget(socket, 7, undefined);
    assert.equal(limits.mustWait(socket, inbox), false);
  });
});

describe('turns()', () => {
  const sockets = (count: number): Socket[] => Array.from({ length: count }, (_, i) => ({ id: 3 * i + 1, listener: null }) as Socket);
  let now = 1;
  const limits = new Limits(COSTS, { sockets: [], handShake: [], inboxes: [], selectWrite: [] }, () => now);
  test('serves 16 of the clients that wait, all of them in turn', () => {
    const waiting = sockets(40), places: number[] = [];
    for (let pass = 0; pass < 5; pass++) places.push(...[...limits.turns([], waiting)].map((socket) => waiting.indexOf(socket)));
    assert.deepEqual(places, Array.from({ length: 80 }, (_, i) => i % 40));
    assert.deepEqual([...limits.turns([], waiting.slice(0, 16))], waiting.slice(0, 16));
  });
  test('ends after 20 ms; who is left over comes first in the next pass, behind the server, before those who wait', () => {
    const all = sockets(8), server = { id: 0, listener: {} } as Socket, served: number[] = [];
    for (let pass = 0; pass < 3; pass++) {
      for (const { id } of limits.turns([server, ...all], [{ id: 99 } as Socket])) {
        served.push(id);
        now += 0.006;
      }
    }
    assert.deepEqual(served, [0, 1, 4, 7, 99, 0, 10, 13, 16, 99, 0, 19, 22, 1, 99]);
  });

  /** How often a client comes in one pass that has sent 4 KiB, when it is read 1 KiB at a time. */
  async function comings(t: TestContext, seconds: number, read: (one: Accepted, arrays: Arrays) => void): Promise<number> {
    let now = 1, count = 0;
    const { limits, arrays, clients: [one] } = await house(t, 1, () => now), { socket, peer } = one!;
    peer.write(Buffer.alloc(4096));
    while (bytesUnread(socket) < 4096) await once(socket.stream!, 'readable');
    for (const _ of limits.turns([socket], [])) {
      count++;
      now += seconds;
      read(one!, arrays);
    }
    return count;
  }
  const readSome = ({ socket }: Accepted): void => void socket_read(socket, 1024);
  test('a client that has sent more than one read comes again at once, until its turn is over', async (t) => {
    assert.equal(await comings(t, 0, readSome), 4);
    assert.equal(await comings(t, 0.1e-3, readSome), 3);
    assert.equal(await comings(t, 1e-3, readSome), 1);
  });
  test('but not when it has left, or waits', async (t) => {
    assert.equal(await comings(t, 0, ({ socket }, { sockets }) => delete sockets[socket.id]), 1);
  });
});

test('forget() tells the last words, of which step they are, and only once', async (t) => {
  const { limits, arrays, clients: [one] } = await house(t, 1), steps: number[] = [], { socket } = one!;
  t.mock.method(process.stderr, 'write', () => true);
  socket.tap = () => steps.push(socket.step);
  arrays.handShake[socket.id] = socket;
  for (let times = 0; times < 2; times++) limits.forget(socket, 9, { bytes: [Buffer.from('last words')], line: 'why' });
  assert.equal((await heardBy(one!)).toString(), 'last words');
  assert.deepEqual(steps, [9, 9]);
});

describe('when the server is to end', () => {
  test('each client is told once: 1001 after its handshake, 503 before it; it is over when all have left', async (t) => {
    const { limits, arrays, clients } = await house(t, 2), [open, early] = clients as [Accepted, Accepted];
    arrays.handShake[open.socket.id] = open.socket;
    const steps: [Socket, number][] = [];
    for (const { socket } of clients) socket.tap = (_from, bytes) => bytes && steps.push([socket, socket.step]);
    limits.sweep();
    assert.deepEqual([steps, limits.isOver], [[], false]);
    limits.end();
    for (let passes = 0; passes < 3; passes++) limits.sweep();
    assert.deepEqual(steps.slice(0, 1), [[open.socket, 11]]);
    assert.ok(steps.every(([, step]) => step === 11));
    for (const { socket } of clients) {
      assert.equal(limits.isOver, false);
      limits.forget(socket, 5, undefined);
    }
    assert.equal(limits.isOver, true);
    assert.deepEqual(await heardBy(open), frame(0x8, closing(1001), { masked: false }));
    assert.match((await heardBy(early)).toString(), /^HTTP\/1\.1 503 [^]*\r\n\r\nCannot serve: this server is shutting down\.\n$/);
  });
  test('one that has answers to come first is told when it has them', async (t) => {
    const { limits, arrays, clients: [one] } = await house(t, 1), { socket, peer } = one!;
    arrays.handShake[socket.id] = arrays.selectWrite[socket.id] = socket;
    delete arrays.sockets[socket.id];
    limits.end();
    limits.sweep();
    assert.equal(socket.stream!.writable, true);
    delete arrays.selectWrite[socket.id];
    arrays.sockets[socket.id] = socket;
    limits.sweep();
    const [bytes] = await once(peer, 'data') as [Buffer];
    assert.deepEqual(bytes, frame(0x8, closing(1001), { masked: false }));
  });
});
