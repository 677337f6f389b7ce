import assert from 'node:assert/strict';
import { once } from 'node:events';
import type net from 'node:net';
import { constants } from 'node:os';
import { test } from 'node:test';
import {
  adopt, bytesRead, bytesTaken, bytesUnsent, cut, fail, inject, joinUnread, startReading, stopReading, unread,
} from '../../lib/php/stream.ts';
import { AF_INET, SOCK_STREAM, socket_create, socket_last_error, socket_read } from '../../lib/php/sockets.ts';
import { active, streams } from '../accepted.ts';

/** Whose options the clients get. */
const server = socket_create(AF_INET, SOCK_STREAM, 0);

test('startReading() makes bytes and the end rouse the socket, and the end is known only after the bytes', async (t) => {
  const [peer, stream] = await streams(t);
  const socket = adopt(server, stream);
  startReading(socket);
  peer.end('bye');
  await active(socket);
  assert.equal(socket.ended, false);
  assert.equal(String(stream.read()), 'bye');
  await active(socket);
  assert.equal(socket.ended, true);
});

test('fail() takes an error without a number for EIO', async (t) => {
  const [, stream] = await streams(t);
  const socket = adopt(server, stream);
  fail(socket, new Error('of unknown kind'));
  assert.equal(socket_last_error(socket), 5);
});

test('stopReading() throws away what comes, so that the end is reached', async (t) => {
  const [peer, stream] = await streams(t);
  const socket = adopt(server, stream);
  startReading(socket);
  stopReading(socket);
  const ended = once(stream, 'end');
  peer.end(Buffer.alloc(1 << 20));
  await ended;
  assert.equal(socket.ended, true);
});

test('bytesRead() counts what has come, read or not; bytesUnsent() and bytesTaken() what waits and what does not', async (t) => {
  const [peer, stream] = await streams(t);
  const socket = adopt(server, stream);
  assert.deepEqual([bytesRead(socket), bytesUnsent(socket), bytesTaken(socket)], [0, 0, 0]);
  startReading(socket);
  peer.write('abc');
  await active(socket);
  assert.equal(bytesRead(socket), 3);
  peer.pause();
  stream.write(Buffer.alloc(64 << 20));
  await new Promise(setImmediate);
  assert.equal(bytesUnsent(socket), 64 << 20);
  const taken = bytesTaken(socket);
  assert.ok(taken > 0 && taken < 64 << 20);
  peer.resume();
  await once(stream, 'drain');
  assert.deepEqual([bytesUnsent(socket), bytesTaken(socket)], [0, 64 << 20]);
  assert.deepEqual([bytesRead(server), bytesUnsent(server), bytesTaken(server)], [0, 0, 0]);
});

/** Sends bytes in packets of one, each of which Node has read before the next one comes. */
async function drip(peer: net.Socket, stream: net.Socket, bytes: Buffer): Promise<void> {
  for (const byte of bytes) {
    const wanted = stream.bytesRead + 1;
    peer.write(Buffer.of(byte));
    while (stream.bytesRead < wanted) await new Promise(setImmediate);
  }
}

test('joinUnread() makes one piece of what was read in many, in its order, before what comes later', async (t) => {
  const [peer, stream] = await streams(t);
  const socket = adopt(server, stream);
  startReading(socket);
  const bytes = Buffer.from(Array.from({ length: 300 }, (_, i) => i & 0xff));
  await drip(peer, stream, bytes);
  joinUnread(socket);
  joinUnread(socket);
  // Out of one piece a part is a view, out of many a copy
  const first = stream.read(2) as Buffer;
  assert.ok(first.equals(bytes.subarray(0, 2)));
  const second = stream.read(2) as Buffer;
  assert.equal(second.byteOffset, first.byteOffset + 2);
  assert.equal(second.buffer === first.buffer, true, 'it is one piece');
  await drip(peer, stream, Buffer.from('later'));
  const rest = stream.read(stream.readableLength) as Buffer;
  assert.ok(rest.equals(Buffer.concat([bytes.subarray(4), Buffer.from('later')])), 'in its order');
  peer.end('bye');
  await active(socket);
  joinUnread(socket);
  assert.equal(String(socket_read(socket, 65536)), 'bye');
  await active(socket);
  assert.equal(socket_read(socket, 65536), '', 'it loses no end that has come');
});

test('startReading() has Node hold 256 KiB and one read, and of answers what it held before', async (t) => {
  const [peer, stream] = await streams(t), mark = stream.writableHighWaterMark;
  startReading(adopt(server, stream));
  peer.on('error', () => {}).write(Buffer.alloc(4 << 20));
  while (stream.readableLength < 256 * 1024) await once(stream, 'readable');
  await new Promise(setImmediate);
  assert.ok(stream.readableLength <= (256 + 64) * 1024, `${stream.readableLength} bytes wait`);
  assert.equal(stream.writableHighWaterMark, mark);
});

test('joinUnread() lets no more in than a few reads', async (t) => {
  const [peer, stream] = await streams(t);
  const socket = adopt(server, stream);
  startReading(socket);
  const mark = stream.readableHighWaterMark;
  await drip(peer, stream, Buffer.from('x'));
  peer.write(Buffer.alloc(4 << 20));
  peer.on('error', () => {});
  let before = -1;
  // Until nothing more comes in
  for (let still = 0; still < 50; still++) {
    joinUnread(socket);
    if (stream.bytesRead !== before) still = 0;
    before = stream.bytesRead;
    await new Promise(setImmediate);
  }
  assert.ok(stream.readableLength <= 2 * mark + 64 * 1024, `${stream.readableLength} bytes wait`);
  assert.equal(stream.readableHighWaterMark, mark);
});

test('unread() gives bytes to the next read, before the end of the side that they are the last of', async (t) => {
  const [peer, stream] = await streams(t);
  const socket = adopt(server, stream);
  startReading(socket);
  peer.end('request');
  await once(peer, 'finish');
  await active(socket);
  unread(socket, stream.read() as Buffer);
  for (const read of ['request', '']) {
    await active(socket);
    assert.equal(String(socket_read(socket, 100)), read);
  }
});

test('inject() gives bytes to the next read, before what has come, and only one after the other', async (t) => {
  const [peer, stream] = await streams(t);
  const socket = adopt(server, stream);
  startReading(socket);
  peer.write('theirs');
  await active(socket);
  assert.equal(inject(socket, Buffer.from('ours ')), true);
  assert.equal(inject(socket, Buffer.from('more')), false);
  const told: unknown[] = [];
  socket.tap = (from, bytes, injected) => told.push([from, bytes && String(bytes), injected]);
  // Node 26 reads one chunk at a time
  let read = '';
  while (stream.readableLength > 0) read += String(socket_read(socket, 100));
  assert.equal(read, 'ours theirs');
  assert.deepEqual(told, [['client', 'ours ', true], ['client', 'theirs', false]]);
  assert.equal(inject(socket, Buffer.from('again')), true);
  await active(socket);
  assert.equal(String(socket_read(socket, 2)), 'ag');
  assert.equal(String(socket_read(socket, 100)), 'ain');
  assert.deepEqual(told.slice(2), [['client', 'ag', true], ['client', 'ain', true]]);
});

test('inject() does nothing where the peer has ended, and cut() makes the socket active with an error', async (t) => {
  const [peer, stream] = await streams(t), [, other] = await streams(t);
  const ended = adopt(server, stream), socket = adopt(server, other);
  startReading(ended);
  startReading(socket);
  peer.end();
  await active(ended);
  stream.read();
  await active(ended);
  assert.equal(inject(ended, Buffer.from('x')), false);
  cut(socket);
  await active(socket);
  assert.equal(socket_last_error(socket), constants.errno.ECONNRESET);
  assert.equal(socket_read(socket, 1), false);
});
