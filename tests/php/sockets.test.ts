import assert from 'node:assert/strict';
import { once } from 'node:events';
import { constants } from 'node:os';
import { describe, test } from 'node:test';
import {
  AF_INET, AF_INET6, AF_UNIX, SO_KEEPALIVE, SO_LINGER, SO_REUSEADDR, SO_REUSEPORT, SOCK_STREAM, SOL_SOCKET, SOL_TCP, TCP_NODELAY, type Socket,
  socket_accept, socket_bind, socket_close, socket_create, socket_getpeername, socket_getsockname, socket_last_error,
  socket_listen, socket_read, socket_select, socket_set_option, socket_shutdown, socket_write, SocketError, socket_strerror,
  limitConnections, stream_filter_append, strlen,
} from '../../lib/php/sockets.ts';
import { buildMsg, TEXT } from '../../lib/websocket/codec.ts';
import { Message } from '../../lib/websocket/message.ts';
import { accept, active, connect, keyed, listening, pair } from '../accepted.ts';

test('what Node cannot do, or WebSocket does not need, numbers and addresses that are none are refused', async (t) => {
  const create = (domain = AF_INET): Socket => socket_create(domain, SOCK_STREAM, 0);
  const [, client] = await pair(t);
  const refused: [message: RegExp, ...calls: (() => unknown)[]][] = [
    [/domain 3/, () => create(3)], [/type 2/, () => socket_create(AF_INET, 2, SOL_TCP)],
    [/domain 10 has no protocol 17/, () => socket_create(AF_INET6, SOCK_STREAM, 17)],
    [/domain 1 has no protocol 6/, () => socket_create(AF_UNIX, SOCK_STREAM, SOL_TCP)],
    [/SO_REUSEADDR off/, () => socket_set_option(create(), SOL_SOCKET, SO_REUSEADDR, 0)],
    // Only a socket that is to listen shares a port
    [/option 15 of level 1/, () => socket_set_option(client, SOL_SOCKET, SO_REUSEPORT, 1)],
    [/option 8 of level 1/, () => socket_set_option(create(), SOL_SOCKET, 8, 1)],
    [/option 13/, () => socket_set_option(create(), SOL_SOCKET, SO_LINGER, 5)],
    [/'::1'/, () => socket_bind(create(), '::1', 80)], [/''/, () => socket_bind(create(AF_UNIX), '')],
    [/'127.0.0.1'/, () => socket_bind(create(AF_INET6), '127.0.0.1', 80)],
    [/a port is 0 to 65535/, ...[-1, 65536, 1.5, NaN].map((port) => () => socket_bind(create(), '127.0.0.1', port))],
    [/Cannot bind/, () => socket_bind(client, '127.0.0.1', 0)], [/Cannot accept/, () => socket_accept(client)],
    [/Cannot read/, ...[-1, NaN].map((length) => () => socket_read(client, length))],
    [/Cannot write/, ...[-1, NaN].map((length) => () => socket_write(client, 'hello', length))],
    [/Cannot shut down/, ...[0, 2].map((how) => () => socket_shutdown(client, how))],
  ];
  for (const [message, ...calls] of refused) {
    for (const call of calls) assert.throws(call, { name: 'RangeError', message });
  }
});

test('socket_set_option() sets what Node can set, on the server before it listens and on a client', async (t) => {
  const [, client] = await pair(t);
  for (const socket of [socket_create(AF_INET, SOCK_STREAM, SOL_TCP), client]) {
    assert.equal(socket_set_option(socket, SOL_SOCKET, SO_REUSEADDR, 1), true);
    assert.equal(socket_set_option(socket, SOL_SOCKET, SO_KEEPALIVE, 1), true);
    assert.equal(socket_set_option(socket, SOL_TCP, TCP_NODELAY, true), true);
  }
});

describe('socket_listen()', () => {
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
});

test('limitConnections(): those above the limit are cut, one that has gone makes place for another', async (t) => {
  const server = await listening(t);
  limitConnections(server, 2);
  const [one] = [await accept(t, server), await accept(t, server)];
  await once((await connect(t, server)).resume().end(), 'close');
  // That is no error of the system's, and nobody waits
  assert.equal(socket_last_error(server), 0);
  assert.equal(socket_accept(server), false);
  one!.peer.destroy();
  await active(one!.socket);
  assert.equal(socket_read(one!.socket, 1), '');
  socket_close(one!.socket);
  await once(one!.socket.stream!, 'close');
  await accept(t, server);
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
});

describe('socket_accept()', () => {
  test('gives the clients in their order, and false when none waits', async (t) => {
    const server = await listening(t);
    assert.equal(socket_accept(server), false);
    const peers = [await connect(t, server), await connect(t, server), await connect(t, server)];
    for (const { localPort } of peers) {
      await active(server);
      const client = socket_accept(server);
      assert.ok(client);
      t.after(() => socket_close(client));
      assert.deepEqual(socket_getpeername(client), { address: '127.0.0.1', port: localPort });
    }
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
    const server = await listening(t), peer = await connect(t, server);
    await new Promise<void>((resolve) => { peer.write('early', () => resolve()); });
    await active(server);
    assert.deepEqual((await socket_select(keyed(server), null, null, 0.01)).read, [server]);
    const client = socket_accept(server);
    assert.ok(client);
    assert.equal(client.stream?.bytesRead, 0);
    await active(client);
    assert.deepEqual(socket_read(client, 100), Buffer.from('early'));
    assert.equal(socket_getsockname(client), false, 'which is the server\'s own name');
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
  test('gives no bytes where none are there or none are asked for, and \'\' at the end, again and again', async (t) => {
    const [peer, client] = await pair(t);
    assert.deepEqual(socket_read(client, 100), Buffer.alloc(0));
    peer.end('bye');
    for (const [length, bytes] of [[0, ''], [2, 'by'], [2, 'e'], [0, '']] as const) {
      await active(client);
      assert.deepEqual(socket_read(client, length), Buffer.from(bytes));
    }
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

test('socket_strerror() has words for what the system says', () => {
  assert.equal(socket_strerror(constants.errno.ECONNRESET), 'connection reset by peer');
  assert.equal(socket_strerror(99999), 'unknown error 99999');
});

test('strlen(): a string has as many bytes as its UTF-8; bytes and frames have their own', () => {
  const texts = [['', 0], ['hello', 5], ['Hellö', 6], ['你好', 6], ['👋🏽', 8], ['a\0b', 3], ['\ud800', 3]] as const;
  for (const [text, bytes] of texts) assert.equal(strlen(text), bytes);
  assert.equal(strlen(Buffer.from('你好')), 6);
  assert.equal(strlen(buildMsg(Buffer.alloc(70_000))), 70_010);
});
