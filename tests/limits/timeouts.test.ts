import assert from 'node:assert/strict';
import type net from 'node:net';
import { describe, test, type TestContext } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { Disconnect, type LastWords } from '../../lib/limits/last_words.ts';
import { type Arrays, Limits } from '../../lib/limits/limits.ts';
import { type TimeLimits, Timeouts } from '../../lib/limits/timeouts.ts';
import { type Socket, socket_read, socket_write } from '../../lib/php/sockets.ts';
import { bytesTaken } from '../../lib/php/stream.ts';
import type { FrameInbox } from '../../lib/websocket/codec.ts';
import { ProtocolError } from '../../lib/websocket/close.ts';
import { HttpError } from '../../lib/websocket/http.ts';
import { active, pair } from '../accepted.ts';
import { Program } from '../program.ts';
import { frame, Wire } from '../wire.ts';

const TIMES: TimeLimits = { handshakeTimeout: 10, pingInterval: 30, writeTimeout: 20 };

interface House extends Arrays {
  limits: Limits;
  client: Socket;
  peer: net.Socket;
  inbox: FrameInbox;
  /** What happens in so many seconds: a Ping, or what the client is told at the end. The server looks after each `step`. */
  after(seconds: number, step?: number): ('Ping' | LastWords)[];
  send(bytes: string): Promise<void>;
}

/** A client of a server in this process, and limits whose clock is set by hand. */
async function house(t: TestContext, times: Partial<TimeLimits> = {}): Promise<House> {
  const [peer, client] = await pair(t);
  const arrays: Arrays = { sockets: [], handShake: [], inboxes: [], selectWrite: [] };
  let now = 1000;
  const limits = new Limits({ ...TIMES, ...times, maxPayload: 1 << 24, maxClients: 9, maxMemory: 1e9 }, arrays, () => now);
  const inbox = limits.admit(client), pings: string[] = [];
  client.tap = (from, bytes) => {
    if (from !== 'server' || bytes === null) return;
    if (Buffer.from(bytes).toString('hex') === '8900') pings.push(`step ${client.step}`);
  };
  const after: House['after'] = (seconds, step = 1) => {
    const leavers: LastWords[] = [];
    for (let end = now + seconds; now < end && leavers.length === 0;) {
      now = Math.min(end, now + step);
      for (const [socket, words] of limits.sweep()) {
        assert.equal(socket, client);
        leavers.push(words);
      }
    }
    return [...pings.splice(0).map((step) => { assert.equal(step, 'step 10'); return 'Ping' as const; }), ...leavers];
  };
  const send = async (bytes: string): Promise<void> => {
    peer.write(bytes);
    await active(client);
    assert.equal(String(socket_read(client, 65536)), bytes);
  };
  return { ...arrays, limits, client, peer, inbox, after, send };
}

describe('time for a request', () => {
  test('runs from the connection on, and a byte a second does not extend it', async (t) => {
    const { after, send } = await house(t);
    for (let second = 1; second < 10; second++) {
      await send('G');
      assert.deepEqual(after(1), []);
    }
    const [error] = after(1);
    assert.ok(error instanceof HttpError);
    assert.equal(error.status, 408);
  });
  test("leaves no line in the log about a browser's spare connection, which has sent nothing", async (t) => {
    const { after } = await house(t);
    assert.deepEqual(after(1), []);
    const [words] = after(10);
    assert.ok(typeof words === 'object' && 'line' in words);
    assert.equal(words.line, '');
    assert.match(Buffer.concat(words.bytes).toString(), /^HTTP\/1\.1 408 /);
  });
  test('ends with the handshake', async (t) => {
    const { after, client, handShake } = await house(t);
    assert.deepEqual(after(9), []);
    handShake[client.id] = client;
    assert.deepEqual(after(5), []);
    assert.deepEqual(after(5), []);
  });
});

describe('time for a sign of life', () => {
  test('without a message there is a Ping, and after it nothing at all may not be', async (t) => {
    const { after, client, handShake } = await house(t);
    handShake[client.id] = client;
    assert.deepEqual(after(1), []);
    assert.deepEqual(after(29), []);
    assert.deepEqual(after(1), ['Ping']);
    assert.deepEqual(after(29), []);
    const [error] = after(1);
    assert.ok(error instanceof ProtocolError);
    assert.equal(error.code, 1008);
  });
  test('a message is one, and half a frame is not: it gets its Ping', async (t) => {
    const { after, client, handShake, inbox, send } = await house(t);
    handShake[client.id] = client;
    assert.deepEqual(after(1), []);
    await send('x');
    inbox.messages++;
    assert.deepEqual(after(30), []);
    await send('x');
    assert.deepEqual(after(1), ['Ping']);
  });
  test('after a Ping any byte is one: a long message takes as long as it takes', async (t) => {
    const { after, client, handShake, send } = await house(t);
    handShake[client.id] = client;
    assert.deepEqual(after(1), []);
    for (let i = 0; i < 5; i++) {
      assert.deepEqual(after(30), ['Ping']);
      await send('x');
      assert.deepEqual(after(29), []);
    }
  });
  test('0 is never', async (t) => {
    const { after, client, handShake } = await house(t, { pingInterval: 0 });
    handShake[client.id] = client;
    assert.deepEqual(after(1), []);
    assert.deepEqual(after(1e4), []);
  });
});

describe('time to take answers', () => {
  test('whoever takes nothing is disconnected, whoever takes a little is not', async (t) => {
    const { after, client, handShake, selectWrite, peer, limits } = await house(t);
    handShake[client.id] = client;
    peer.pause();
    assert.equal(socket_write(client, Buffer.alloc(32 << 20)), 0);
    selectWrite[client.id] = client;
    /** Until the kernel moves nothing any more. */
    const still = async (): Promise<number> => {
      for (let taken = -1; taken !== bytesTaken(client); await setTimeout(20)) taken = bytesTaken(client);
      return bytesTaken(client);
    };
    await still();
    assert.deepEqual(after(1), []);
    for (let i = 0; i < 3; i++) {
      assert.deepEqual(after(18), []);
      const taken = await still();
      peer.resume();
      while (bytesTaken(client) === taken) await setTimeout(0);
      peer.pause();
      await still();
      assert.ok(bytesTaken(client) < 32 << 20, 'some are left');
      assert.deepEqual(after(1), []);
    }
    const [error] = after(20);
    assert.ok(error instanceof Disconnect);
    assert.equal(error.line, 'disconnected: it has read nothing for 20 s');
    limits.forget(client, 10, undefined);
    assert.deepEqual(after(100), []);
  });
  test('runs for the last answer too, behind which nothing was to be read', async (t) => {
    const { client, peer, handShake, after } = await house(t);
    handShake[client.id] = client;
    peer.pause();
    socket_write(client, Buffer.alloc(32 << 20));
    await new Promise(setImmediate);
    after(0);
    // What the kernels still take
    for (let before = -1; before !== bytesTaken(client); await new Promise(setImmediate)) before = bytesTaken(client);
    assert.deepEqual(after(1), []);
    assert.ok(after(20)[0] instanceof Disconnect);
  });
  test('its silence is not counted meanwhile, and begins anew when it has taken them', async (t) => {
    const { after, client, handShake, selectWrite } = await house(t, { writeTimeout: 1000 });
    handShake[client.id] = client;
    assert.deepEqual(after(1), []);
    selectWrite[client.id] = client;
    assert.deepEqual(after(29), []);
    assert.deepEqual(after(100), []);
    delete selectWrite[client.id];
    assert.deepEqual(after(29), []);
    assert.deepEqual(after(1), ['Ping']);
  });
});

test('what waits of a client that is not read is one piece, in however many packets it has come', async (t) => {
  const { client, peer, handShake, selectWrite, after } = await house(t);
  handShake[client.id] = selectWrite[client.id] = client;
  peer.setNoDelay();
  const stream = client.stream!;
  for (let count = 1; count <= 300; count++) {
    peer.write('x');
    while (stream.bytesRead < count) await new Promise(setImmediate);
  }
  assert.deepEqual(after(1), []);
  // Out of one piece a part is a view, out of many a copy
  const first = stream.read(2) as Buffer, second = stream.read(2) as Buffer;
  assert.equal(first.buffer === second.buffer && first.byteOffset + 2 === second.byteOffset, true, 'it is one piece');
});

describe('when it is looked at', () => {
  test('once a second, or four times in the shortest limit', () => {
    for (const name of ['handshakeTimeout', 'pingInterval', 'writeTimeout'] as const) {
      assert.equal(new Timeouts({ ...TIMES, [name]: 0.2 }).period, 0.05);
    }
    for (const pingInterval of [0, 30]) assert.equal(new Timeouts({ ...TIMES, pingInterval }).period, 1);
  });
  test('more often costs nothing', async (t) => {
    const { after } = await house(t);
    assert.deepEqual(after(0), []);
    assert.deepEqual(after(0.9), []);
    assert.equal(after(20).length, 1);
    assert.equal(after(0.9).length, 0);
    assert.equal(after(0.2).length, 1);
  });
});

describe('a stop of the server is counted against nobody', () => {
  test('not as time for a request', async (t) => {
    const { after } = await house(t);
    assert.deepEqual(after(8), []);
    assert.deepEqual(after(100, 100), []);
    assert.deepEqual(after(1), []);
    assert.equal(after(2).length, 1);
  });
  test('not as silence, before a Ping and after it', async (t) => {
    const { after, client, handShake, send } = await house(t);
    handShake[client.id] = client;
    assert.deepEqual(after(30), []);
    assert.deepEqual(after(100, 100), []);
    assert.deepEqual(after(1), ['Ping']);
    assert.deepEqual(after(28), []);
    assert.deepEqual(after(100, 100), []);
    await send('x');
    assert.deepEqual(after(29), []);
  });
});

// Who is cut by the real server, and who is not: tests/abuse/idle.test.ts
test('without clients the real server does not wake up', {
  skip: process.platform !== 'linux' && 'reads /proc',
}, async (t) => {
  // It looks at its clients every 10 ms, and this limit is for those who do not read only
  const program = await Program.start(t, '--write-timeout', '0.04');
  const wire = await Wire.open(program.where);
  wire.send(frame(8));
  await wire.rest();
  wire.end();
  await program.printed('主动关闭');
  const before = await program.wakeUps();
  // Waiting is what is tested
  await setTimeout(500);
  assert.ok(await program.wakeUps() - before < 20);
});
