import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { ProtocolError } from '../../lib/websocket/close.ts';
import { Cut, farewell, obituary } from '../../lib/limits/last_words.ts';
import { HttpError } from '../../lib/websocket/http.ts';
import {
  AF_INET, AF_UNIX, SOCK_STREAM, type Socket, socket_accept, socket_bind, socket_close, socket_create,
  socket_getsockname, socket_listen, socket_select,
} from '../../lib/php/sockets.ts';
import { folder, hex } from '../helpers.ts';
import { Program } from '../program.ts';
import { closing, frame, Wire } from '../wire.ts';

/** An accepted client, and its own end of the connection. */
async function client(t: TestContext, domain: number, address: string): Promise<{ socket: Socket; peer: net.Socket }> {
  const server = socket_create(domain, SOCK_STREAM, 0);
  socket_bind(server, address);
  await socket_listen(server);
  const name = socket_getsockname(server);
  assert.ok(name);
  const peer = net.connect(domain === AF_UNIX ? { path: address } : { host: name.address, port: name.port });
  peer.on('error', () => {});
  const sockets: Socket[] = [];
  sockets[server.id] = server;
  await socket_select(sockets, null, null, null);
  const socket = socket_accept(server);
  assert.ok(socket);
  t.after(() => {
    peer.destroy();
    socket_close(socket);
    socket_close(server);
  });
  return { socket, peer };
}

describe('farewell(): what the client is told', () => {
  test('RFC 6455 7.1.7: a broken rule is a Close frame with its code and reason', () => {
    assert.deepEqual(farewell(new ProtocolError(1002, 'bad'), true), hex('88 05 03ea 626164'));
    assert.deepEqual(farewell(new ProtocolError(1007, ''), true), hex('88 02 03ef'));
    assert.deepEqual(farewell(new ProtocolError(1009, 'ö'), true), hex('88 04 03f1 c3b6'));
  });

  test('RFC 6455 5.5: that frame is a control frame: 125 bytes at most, whatever the reason', () => {
    const frame = farewell(new ProtocolError(1002, `${'x'.repeat(122)}ö`), true);
    assert.deepEqual(frame, Buffer.concat([hex('88 7c 03ea'), Buffer.alloc(122, 'x')]));
  });

  test('a request that is refused is an HTTP response with its status, fields and sentence', () => {
    const error = new HttpError(426, 'Cannot, ö.', { Upgrade: 'websocket' });
    const response = farewell(error, false).toString();
    assert.match(response, /^HTTP\/1\.1 426 Upgrade Required\r\n/);
    assert.match(response, /\r\nUpgrade: websocket\r\n/);
    assert.match(response, /\r\nContent-Length: 12\r\n/);
    assert.match(response, /\r\n\r\nCannot, ö\.\n$/);
  });

  test('one that is cut hears nothing', () => {
    assert.equal(farewell(new Cut('why'), true).length, 0);
    assert.equal(farewell(new Cut('why'), false).length, 0);
  });

  test('a fault of ours is 1011 after the handshake, and tells nothing of it', () => {
    for (const error of [new TypeError('secret'), 'secret', null, undefined]) {
      assert.deepEqual(farewell(error, true), Buffer.concat([hex('88 10 03f3'), Buffer.from('Internal error')]));
    }
  });

  test('a fault of ours is 500 before it, and tells nothing of it', () => {
    for (const error of [new TypeError('secret'), 'secret', null, undefined]) {
      const response = farewell(error, false).toString();
      assert.match(response, /^HTTP\/1\.1 500 Internal Server Error\r\n/);
      assert.match(response, /\r\n\r\nInternal error\.\n$/);
      assert.doesNotMatch(response, /secret/);
    }
  });
});

describe('obituary(): what we are told', () => {
  test('who over TCP, with the address; what status or close code; why', async (t) => {
    const { socket, peer } = await client(t, AF_INET, '127.0.0.1');
    const who = `client ${socket.id} (127.0.0.1 port ${peer.localPort})`;
    assert.equal(obituary(new ProtocolError(1002, 'Cannot read'), socket), `${who} closed with 1002: Cannot read`);
    assert.equal(obituary(new HttpError(400, 'Cannot read.'), socket), `${who} refused with 400: Cannot read.`);
    assert.equal(obituary(new Cut('it does not read'), socket), `${who} cut: it does not read`);
  });

  test('a fault of ours is one line too', async (t) => {
    const { socket } = await client(t, AF_INET, '127.0.0.1');
    assert.match(obituary(new TypeError('ours\n'), socket), / dropped: TypeError: ours\\n$/);
    assert.match(obituary('text', socket), / dropped: text$/);
    assert.match(obituary(undefined, socket), / dropped: undefined$/);
  });

  test('no client writes a line of its own there, or moves the cursor', async (t) => {
    const { socket } = await client(t, AF_INET, '127.0.0.1');
    assert.match(obituary(new HttpError(400, 'a\nb\x1b[2J'), socket), /: a\\nb\\x1b\[2J$/);
    assert.match(obituary(new ProtocolError(1002, 'a\r\nb\u202e'), socket), /: a\\r\\nb\\u\{202e\}$/);
  });

  test('a client on a Unix socket has no address', async (t) => {
    const { socket } = await client(t, AF_UNIX, join(await folder(t), 'my.sock'));
    assert.equal(obituary(new ProtocolError(1002, 'why'), socket), `client ${socket.id} closed with 1002: why`);
  });

  test('nor has one that has been cut', async (t) => {
    const { socket } = await client(t, AF_INET, '127.0.0.1');
    socket.stream!.destroy();
    await once(socket.stream!, 'close');
    assert.equal(obituary(new HttpError(400, 'why'), socket), `client ${socket.id} refused with 400: why`);
  });
});

/** A fault that lies in this server: what deflate() calls throws for one message. */
const FAULT = `import zlib from 'node:zlib'; import { syncBuiltinESMExports } from 'node:module';
  const { deflateRawSync } = zlib;
  zlib.deflateRawSync = (bytes, options) => {
    if (bytes.includes('fault')) throw new TypeError('ours');
    return deflateRawSync(bytes, options);
  };
  syncBuiltinESMExports();`;
/** Node's own flags, for a shell; encodeURIComponent leaves no space and no double quote. */
const WITH_FAULT = `NODE_OPTIONS="$NODE_OPTIONS --import data:text/javascript,${encodeURIComponent(FAULT)}" exec "$@"`;

describe('lastWords(): with the real server', () => {
  test('a fault of ours closes the one who meets it with 1011, its stack is printed once, the others go on', async (t) => {
    const program = await Program.startIn(WITH_FAULT, t, '--deflate');
    const innocent = await Wire.open(program.where);
    const message = frame(1, 'fault'.repeat(20));
    for (let i = 0; i < 3; i++) {
      const wire = await Wire.open(program.where, 'Sec-WebSocket-Extensions: permessage-deflate\r\n');
      wire.send(message);
      assert.deepEqual(await wire.frame(), { first: 0x88, payload: closing(1011, 'Internal error') });
      await wire.rest();
      wire.end();
      innocent.send(frame(1, 'hello'));
      assert.deepEqual(await innocent.frame(), { first: 0x81, payload: Buffer.from('hello') });
    }
    await program.reported(3);
    assert.equal(program.stderr.match(/dropped: TypeError: ours$/gm)?.length, 3);
    assert.equal(program.stderr.match(/^fault of this server: TypeError: ours\n {4}at /gm)?.length, 1);
    innocent.socket.destroy();
  });
});
