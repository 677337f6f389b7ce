import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { constants } from 'node:os';
import { describe, test, type TestContext } from 'node:test';
import {
  AF_INET, AF_INET6, AF_UNIX, SO_KEEPALIVE, SO_LINGER, SO_REUSEADDR, SOCK_STREAM, SOL_SOCKET, SOL_TCP, TCP_NODELAY, type Socket,
  socket_accept, socket_bind, socket_close, socket_create, socket_getpeername, socket_getsockname, socket_last_error,
  socket_listen, socket_read, socket_select, socket_set_option, socket_shutdown, socket_write, SocketError, socket_strerror,
  limitConnections, stream_filter_append, strlen,
} from '../../lib/php/sockets.ts';
import { buildMsg, TEXT } from '../../lib/websocket/codec.ts';
import { Message } from '../../lib/websocket/message.ts';

/** A listening socket on a free port of 127.0.0.1. */
async function listening(t: TestContext): Promise<Socket> {
  const server = socket_create(AF_INET, SOCK_STREAM, SOL_TCP);
  t.after(() => socket_close(server));
  socket_bind(server, '127.0.0.1', 0);
  assert.equal(await socket_listen(server, 10), true);
  return server;
}

/** The socket of the next client to come. */
async function accepted(server: Socket): Promise<Socket> {
  await active(server);
  const client = socket_accept(server);
  assert.ok(client);
  return client;
}

/** Until this socket is active for reading. */
async function active(socket: Socket): Promise<void> {
  assert.deepEqual((await socket_select(keyed(socket), null, null, null)).read, [socket]);
}

function keyed(...sockets: Socket[]): Socket[] {
  const array: Socket[] = [];
  for (const socket of sockets) array[socket.id] = socket;
  return array;
}

/** Both ends of a connection: the peer, and the socket here. */
async function pair(t: TestContext): Promise<[net.Socket, Socket]> {
  const server = await listening(t);
  const name = socket_getsockname(server);
  assert.ok(name);
  const peer = net.connect({ port: name.port, host: name.address, allowHalfOpen: true });
  peer.on('error', () => {});
  t.after(() => peer.destroy());
  await once(peer, 'connect');
  return [peer, await accepted(server)];
}

describe('socket_create()', () => {
  test('refuses what WebSocket does not need', () => {
    assert.throws(() => socket_create(3, SOCK_STREAM, SOL_TCP), /domain 3/);
    assert.throws(() => socket_create(AF_INET, 2, SOL_TCP), /type 2/);
    assert.throws(() => socket_create(AF_INET6, SOCK_STREAM, 17), /protocol 17/);
  });
});

describe('socket_set_option()', () => {
  test('sets what Node can set, on the server before it listens and on a client', async (t) => {
    const server = socket_create(AF_INET, SOCK_STREAM, SOL_TCP);
    assert.equal(socket_set_option(server, SOL_SOCKET, SO_REUSEADDR, 1), true);
    assert.equal(socket_set_option(server, SOL_SOCKET, SO_KEEPALIVE, 1), true);
    assert.equal(socket_set_option(server, SOL_TCP, TCP_NODELAY, true), true);
    const [, client] = await pair(t);
    assert.equal(socket_set_option(client, SOL_SOCKET, SO_KEEPALIVE, 1), true);
    assert.equal(socket_set_option(client, SOL_TCP, TCP_NODELAY, 0), true);
  });
  test('says what it cannot', () => {
    const server = socket_create(AF_INET, SOCK_STREAM, SOL_TCP);
    assert.throws(() => socket_set_option(server, SOL_SOCKET, SO_REUSEADDR, 0), /SO_REUSEADDR off/);
    assert.throws(() => socket_set_option(server, SOL_SOCKET, 8, 1), /option 8 of level 1/);
    assert.throws(() => socket_set_option(server, SOL_SOCKET, SO_LINGER, 5), /option 13/);
  });
  test('lengths that are none are refused', async (t) => {
    const [, client] = await pair(t);
    for (const length of [-1, NaN]) assert.throws(() => socket_read(client, length), /Cannot read/);
    for (const length of [-1, NaN]) assert.throws(() => socket_write(client, 'hello', length), /Cannot write/);
  });
});

describe('socket_bind() and socket_listen()', () => {
  test('an address of another domain, or a port that is none, is refused', () => {
    const create = (domain: number): Socket => socket_create(domain, SOCK_STREAM, SOL_TCP);
    assert.throws(() => socket_bind(create(AF_INET), '::1', 80), /'::1'/);
    assert.throws(() => socket_bind(create(AF_INET6), '127.0.0.1', 80), /'127.0.0.1'/);
    assert.throws(() => socket_bind(create(AF_UNIX), ''), /''/);
    for (const port of [-1, 65536, 1.5, NaN]) {
      assert.throws(() => socket_bind(create(AF_INET), '127.0.0.1', port), /a port is 0 to 65535/);
    }
  });
  test('a port in use rejects with the errno', async (t) => {
    const name = socket_getsockname(await listening(t));
    assert.ok(name);
    const second = socket_create(AF_INET, SOCK_STREAM, SOL_TCP);
    socket_bind(second, name.address, name.port);
    await assert.rejects(socket_listen(second), (error) => {
      assert.ok(error instanceof SocketError);
      assert.equal(error.errno, constants.errno.EADDRINUSE);
      assert.match(error.message, new RegExp(`^Cannot listen on 127.0.0.1 port ${name.port}: .*EADDRINUSE`));
      return true;
    });
  });
  test('a socket that listens cannot do so again', async (t) => {
    const server = await listening(t);
    await assert.rejects(socket_listen(server), /already/);
  });
  test('a client\'s socket can do neither', async (t) => {
    const [, client] = await pair(t);
    assert.throws(() => socket_bind(client, '127.0.0.1', 0), /Cannot bind/);
    assert.throws(() => socket_accept(client), /Cannot accept/);
  });
});

describe('no place left', () => {
  test('connections above the limit are disconnected, one that has gone makes place for another', async (t) => {
    const server = socket_create(AF_INET, SOCK_STREAM, SOL_TCP);
    t.after(() => socket_close(server));
    socket_bind(server, '127.0.0.1', 0);
    await socket_listen(server, 10);
    limitConnections(server, 2);
    const name = socket_getsockname(server);
    assert.ok(name);
    const connect = async (): Promise<net.Socket> => {
      const peer = net.connect(name.port, name.address).on('error', () => {});
      t.after(() => peer.destroy());
      await once(peer, 'connect');
      return peer;
    };
    const peers = [await connect(), await connect()];
    const clients = [await accepted(server), await accepted(server)];
    const cut = await connect();
    await once(cut, 'close');
    // That is no error of the system's, and nobody waits
    assert.equal(socket_last_error(server), 0);
    assert.equal(socket_accept(server), false);
    peers[0]!.destroy();
    await active(clients[0]!);
    assert.equal(socket_read(clients[0]!, 1), '');
    socket_close(clients[0]!);
    await once(clients[0]!.stream!, 'close');
    await connect();
    await accepted(server);
  });
});

describe('socket_shutdown()', () => {
  test('delivers what was written and then the end, and the other side is read on', async (t) => {
    const [peer, socket] = await pair(t);
    socket_write(socket, 'last words');
    assert.equal(socket_shutdown(socket, 1), true);
    assert.equal(socket_write(socket, 'too late'), false);
    assert.equal(socket_shutdown(socket, 1), false);
    let text = '';
    peer.setEncoding('utf8').on('data', (data: string) => { text += data; });
    await once(peer, 'end');
    assert.equal(text, 'last words');
    peer.end('answer');
    await active(socket);
    assert.equal(String(socket_read(socket, 100)), 'answer');
    await active(socket);
    assert.equal(socket_read(socket, 100), '');
    socket_close(socket);
  });
  test('refuses what Node cannot do', async (t) => {
    const [, socket] = await pair(t);
    assert.throws(() => socket_shutdown(socket, 0), RangeError);
    assert.throws(() => socket_shutdown(socket, 2), RangeError);
    socket_close(socket);
    assert.equal(socket_shutdown(socket, 1), false);
  });
});

describe('socket_accept()', () => {
  test('gives the clients in their order, and false when none waits', async (t) => {
    const server = await listening(t);
    assert.equal(socket_accept(server), false);
    const name = socket_getsockname(server);
    assert.ok(name);
    const peers = [0, 1, 2].map(() => net.connect(name.port, name.address));
    t.after(() => peers.forEach((peer) => peer.destroy()));
    const ids: number[] = [];
    for (const _ of peers) ids.push((await accepted(server)).id);
    assert.deepEqual(ids, ids.toSorted((a, b) => a - b));
    assert.equal(socket_accept(server), false);
  });
  test('an error of the system is told once, and keeps nobody busy', async (t) => {
    const server = await listening(t);
    for (const errno of [constants.errno.EMFILE, constants.errno.ENFILE]) {
      server.listener!.server!.emit('error', Object.assign(new Error('no descriptor left'), { errno: -errno }));
      await active(server);
      assert.equal(socket_last_error(server), errno);
      assert.equal(socket_accept(server), false);
      assert.equal(socket_last_error(server), 0);
      assert.deepEqual((await socket_select(keyed(server), null, null, 0)).read, []);
    }
  });
  test('reads nothing before it is called', async (t) => {
    const server = await listening(t);
    const name = socket_getsockname(server);
    assert.ok(name);
    const peer = net.connect(name.port, name.address);
    t.after(() => peer.destroy());
    await new Promise<void>((resolve) => { peer.write('early', () => resolve()); });
    await active(server);
    assert.deepEqual((await socket_select(keyed(server), null, null, 0.01)).read, [server]);
    const client = socket_accept(server);
    assert.ok(client);
    assert.equal(client.stream?.bytesRead, 0);
    await active(client);
    assert.deepEqual(socket_read(client, 100), Buffer.from('early'));
  });
  test('the peer\'s address is known, and the server\'s own is not a client\'s', async (t) => {
    const [peer, client] = await pair(t);
    assert.deepEqual(socket_getpeername(client), { address: '127.0.0.1', port: peer.localPort });
    assert.equal(socket_getsockname(client), false);
  });
});

describe('socket_read()', () => {
  test('gives what came before a reset, then false', async (t) => {
    const [peer, client] = await pair(t);
    peer.write('last words');
    await active(client);
    const failed = once(client.stream!, 'error');
    peer.resetAndDestroy();
    socket_write(client, 'answer');
    client.stream!.destroy(Object.assign(new Error('reset'), { errno: -constants.errno.ECONNRESET }));
    await failed;
    assert.deepEqual(socket_read(client, 100), Buffer.from('last words'));
    assert.equal(socket_read(client, 100), false);
  });
  test('gives no bytes where none are there, and where none are asked for', async (t) => {
    const [peer, client] = await pair(t);
    assert.deepEqual(socket_read(client, 100), Buffer.alloc(0));
    peer.end('hello');
    await active(client);
    assert.deepEqual(socket_read(client, 0), Buffer.alloc(0));
    assert.deepEqual(socket_read(client, 5), Buffer.from('hello'));
    await active(client);
    assert.deepEqual(socket_read(client, 0), Buffer.alloc(0));
    assert.equal(socket_read(client, 1), '');
  });
  test('gives \'\' at the end, again and again, after all that was sent', async (t) => {
    const [peer, client] = await pair(t);
    peer.end('bye');
    await active(client);
    assert.deepEqual(socket_read(client, 2), Buffer.from('by'));
    await active(client);
    assert.deepEqual(socket_read(client, 2), Buffer.from('e'));
    for (let i = 0; i < 3; i++) {
      await active(client);
      assert.equal(socket_read(client, 2), '');
    }
  });
  test('gives false when the peer has reset the connection, and the error\'s number', async (t) => {
    const [peer, client] = await pair(t);
    assert.equal(socket_last_error(client), 0);
    peer.resetAndDestroy();
    await active(client);
    // For length 0 it tells nothing: the inbox may hold messages that came before
    assert.deepEqual(socket_read(client, 0), Buffer.alloc(0));
    assert.equal(socket_read(client, 100), false);
    assert.equal(socket_last_error(client), constants.errno.ECONNRESET);
    assert.equal(socket_write(client, 'x'), false);
    socket_close(client);
  });
  test('reads 16 MiB in reads of 64 KiB, whatever chunks Node gives', async (t) => {
    const [peer, client] = await pair(t);
    const payload = Buffer.alloc(16 << 20, 'payload ');
    peer.end(payload);
    const reads: Buffer[] = [];
    for (;;) {
      await active(client);
      const buff = socket_read(client, 65536);
      if (buff === '' || buff === false) break;
      assert.ok(buff.length <= 65536);
      reads.push(buff);
    }
    assert.ok(Buffer.concat(reads).equals(payload));
  });
});

describe('socket_write() and socket_close()', () => {
  test('bytes and strings arrive in order, as many as told, small and large', async (t) => {
    const [peer, client] = await pair(t);
    const large = Buffer.alloc(100_000, 'l');
    assert.equal(socket_write(client, '你好', 3), 3);
    assert.equal(socket_write(client, Buffer.from('abc'), 100), 3);
    socket_write(client, large);
    socket_write(client, 'end');
    socket_close(client);
    const chunks = await peer.toArray() as Buffer[];
    assert.ok(Buffer.concat(chunks).equals(Buffer.concat([Buffer.from('你abc'), large, Buffer.from('end')])));
  });
  test('less than all is reported when the peer does not read, nothing is lost, and select tells when it has', async (t) => {
    const [peer, client] = await pair(t);
    const payload = Buffer.alloc(1 << 20, 'x');
    let total = 0;
    // Again where the kernel has taken the rest meanwhile
    for (let isFull = false; !isFull;) {
      for (let sent: number | false = payload.length; sent === payload.length; total += payload.length) {
        sent = socket_write(client, payload);
        assert.notEqual(sent, false);
      }
      isFull = (await socket_select(null, keyed(client), null, 0)).write.length === 0;
    }
    let received = 0;
    peer.on('data', (chunk: Buffer) => { received += chunk.length; });
    assert.deepEqual((await socket_select(null, keyed(client), null, null)).write, [client]);
    const ended = once(peer, 'end');
    socket_close(client);
    await ended;
    assert.equal(received, total);
  });
  test('a closed socket reads false, writes false, is never active, and can be closed again', async (t) => {
    const [peer, client] = await pair(t);
    peer.write('unread');
    await active(client);
    const ended = once(peer, 'end');
    socket_close(client);
    assert.equal(socket_read(client, 100), false);
    assert.equal(socket_write(client, 'x'), false);
    assert.deepEqual((await socket_select(keyed(client), keyed(client), null, 0)).read, []);
    socket_close(client);
    await ended;
  });
  test('what still comes is thrown away, so that the end is seen', { timeout: 60_000 }, async (t) => {
    const [peer, client] = await pair(t);
    socket_set_option(client, SOL_SOCKET, SO_LINGER, { l_onoff: 0, l_linger: 0 });
    peer.write(Buffer.alloc(1 << 20));
    await active(client);
    const closed = once(client.stream!, 'close');
    socket_close(client);
    peer.end();
    await closed;
  });
  test('SO_LINGER cuts a peer that does not end, after its seconds or at once', { timeout: 60_000 }, async (t) => {
    for (const l_linger of [0.01, 0]) {
      const [, client] = await pair(t);
      socket_set_option(client, SOL_SOCKET, SO_LINGER, { l_onoff: 1, l_linger });
      const closed = once(client.stream!, 'close');
      socket_close(client);
      await closed;
    }
  });
  test('who has ended and reads nothing is cut after them while bytes wait, and is gone at once where none do', { timeout: 60_000 }, async (t) => {
    for (const [length, l_linger] of [[64 << 20, 0.01], [1000, 3600], [0, 3600]] as const) {
      const [peer, client] = await pair(t);
      peer.pause();
      peer.end();
      await active(client);
      assert.equal(socket_read(client, 100), '');
      socket_set_option(client, SOL_SOCKET, SO_LINGER, { l_onoff: 1, l_linger });
      if (length > 0) socket_write(client, Buffer.alloc(length));
      await new Promise(setImmediate);
      assert.equal(client.stream!.writableLength > 0, length > 1000);
      const closed = once(client.stream!, 'close');
      socket_close(client);
      await closed;
    }
  });
  test('who has ended gets all that was written, and a clean end', async (t) => {
    for (const sizes of [[], [1000], [10, 20_000, 10], [64 << 20]]) {
      const [peer, client] = await pair(t);
      peer.end();
      await active(client);
      assert.equal(socket_read(client, 100), '');
      const bytes = sizes.map((size, i) => Buffer.alloc(size, i + 1));
      for (const one of bytes) socket_write(client, one);
      socket_close(client);
      // A connection that was cut would be an error here
      assert.ok(Buffer.concat(await peer.toArray() as Buffer[]).equals(Buffer.concat(bytes)), `${sizes}`);
    }
  });
});

describe('stream_filter_append()', () => {
  test('what is written goes through the filter, and counts as it was given; null takes it away', async (t) => {
    const [peer, client] = await pair(t);
    const seen: string[] = [];
    client.tap = (_from, bytes) => bytes && seen.push(Buffer.from(bytes).toString());
    stream_filter_append(client, (data) => Buffer.from(`<${data.length}>`));
    assert.equal(socket_write(client, 'hello'), 5);
    assert.equal(socket_write(client, '你好', 3), 3);
    assert.equal(socket_write(client, buildMsg('x')), 3);
    stream_filter_append(client, null);
    socket_write(client, 'as it is');
    socket_close(client);
    assert.equal(Buffer.concat(await peer.toArray() as Buffer[]).toString(), '<5><3><3>as it is');
    assert.deepEqual(seen, ['<5>', '<3>', '<3>', 'as it is']);
  });
});

describe('a tap', () => {
  test('sees what is read and what is written, as it is, in that order, and both ends', async (t) => {
    const [peer, socket] = await pair(t);
    const seen: unknown[] = [];
    socket.tap = (from, bytes) => seen.push([from, bytes && Buffer.from(bytes).toString()]);
    peer.write('in');
    await active(socket);
    socket_read(socket, 1);
    socket_write(socket, 'out');
    socket_write(socket, 'part of this', 4);
    socket_read(socket, 100);
    const message = new Message(TEXT, Buffer.from('a'), 0, 1, [Buffer.alloc(20_000, 'b')]);
    const frame = buildMsg(message);
    socket_write(socket, frame, 5);
    socket_write(socket, frame);
    peer.end();
    await active(socket);
    assert.equal(socket_read(socket, 1), '');
    socket_close(socket);
    socket_close(socket);
    socket_write(socket, 'nobody hears this');
    assert.deepEqual(seen, [
      ['client', 'i'], ['server', 'out'], ['server', 'part'], ['client', 'n'], ['server', '\x81~N!a'],
      ['server', `\x81~N!a${'b'.repeat(20_000)}`], ['client', null], ['server', null],
    ].map(([from, text]) => [from, text && Buffer.from(text, 'latin1').toString()]));
  });
});

describe('errors', () => {
  test('socket_strerror() has words for what the system says', () => {
    assert.equal(socket_strerror(constants.errno.ECONNRESET), 'connection reset by peer');
    assert.equal(socket_strerror(99999), 'unknown error 99999');
  });
});

describe('strlen()', () => {
  test('a string has as many bytes as its UTF-8, whatever its own length is', () => {
    for (const [text, bytes] of [['', 0], ['hello', 5], ['Hellö', 6], ['你好', 6], ['👋🏽', 8], ['a\0b', 3], ['\ud800', 3]] as const) {
      assert.equal(strlen(text), bytes);
      assert.equal(Buffer.from(text).length, bytes);
    }
  });

  test('bytes have their own', () => {
    assert.equal(strlen(Buffer.from('你好')), 6);
    assert.equal(strlen(buildMsg('你好')), 8);
    assert.equal(strlen(buildMsg(Buffer.alloc(70_000))), 70_010);
  });
});
