import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, test, type TestContext } from 'node:test';
import { type Arrays, type Costs, Limits } from '../../lib/limits/limits.ts';
import { type Socket, socket_close } from '../../lib/php/sockets.ts';
import { accept, type Accepted, listening } from '../accepted.ts';
import { closing, frame } from '../wire.ts';

const COSTS: Costs = {
  handshakeTimeout: 10, pingInterval: 30, writeTimeout: 20, maxPayload: 1000, maxClients: 2, maxMemory: 1e9,
};

/** Limits with so many clients, as the loop has them: in `sockets`, and with their inboxes. */
async function house(t: TestContext, count: number): Promise<{ limits: Limits; arrays: Arrays; clients: Accepted[] }> {
  const arrays: Arrays = { sockets: [], handShake: [], inboxes: [], selectWrite: [] };
  const limits = new Limits(COSTS, arrays, () => 0), clients: Accepted[] = [], server = await listening(t);
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

describe('mustWait()', () => {
  test('is true for whoever does not keep up, and after a mebibyte of messages', async (t) => {
    const { limits } = await house(t, 1);
    assert.equal(limits.mustWait(1, true), true);
    assert.equal(limits.mustWait((1 << 20) - 1, false), false);
    assert.equal(limits.mustWait(1, false), true);
  });
  test('begins anew with the next client, whether the last one has stayed or left', async (t) => {
    const { limits, clients: [one, two] } = await house(t, 2);
    for (const end of [() => limits.settle(one!.socket), () => limits.forget(one!.socket, 9, undefined), () => limits.settle(two!.socket)]) {
      assert.equal(limits.mustWait((1 << 20) + 1, false), true);
      end();
      assert.equal(limits.mustWait(1 << 20, false), false);
      end();
    }
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
