/** What is done to servers of any kind, whatever they answer: attacks without the expectations. */
import type net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { constants, deflateRawSync } from 'node:zlib';
import { BINARY, CLOSE, CONTINUATION, PING, TEXT } from '../../lib/websocket/frame.ts';
import { closing, frame, REQUEST, request, Wire } from '../wire.ts';
import { crowd } from './crowd.ts';

export interface Deed {
  name: string;
  /** With permessage-deflate, which is no server's default. */
  deflate?: boolean;
  /** Before it the process is given so many descriptors only. */
  descriptors?: number;
  run(where: net.NetConnectOpts): Promise<void>;
}

const MIB = 1024 * 1024;

/** Connected, and the answer to the handshake has begun. */
async function open(where: net.NetConnectOpts, text = REQUEST): Promise<Wire> {
  const wire = await Wire.connect(where);
  wire.send(text);
  await wire.take(12);
  return wire;
}

/** Each may fail: that is the server's affair. */
async function each(count: number, one: (number: number) => Promise<void>): Promise<void> {
  await crowd(count, (number) => one(number).catch(() => {}));
}

/** Sends without reading for 6 s, as much as is taken. */
async function flood(where: net.NetConnectOpts, bytes: Buffer): Promise<void> {
  const wire = await open(where);
  wire.socket.pause();
  for (const end = Date.now() + 6000; Date.now() < end; await new Promise(setImmediate)) {
    if (!wire.socket.writableNeedDrain) wire.send(bytes);
  }
  wire.reset();
}

/** A message of 512 MiB, compressed. */
export function bomb(): Buffer {
  const block = deflateRawSync(Buffer.alloc(16 * MIB), { finishFlush: constants.Z_FULL_FLUSH });
  return frame(BINARY, Buffer.concat(Array.from({ length: 32 }, () => block)).subarray(0, -4), { rsv: 0x40 });
}

export const deeds: Deed[] = [
  { name: 'a request without a key', run: async (where) => {
    await open(where, request({ 'Sec-WebSocket-Key': null }));
  } },
  { name: '100 requests of random bytes', run: (where) => each(100, async (number) => {
    const wire = await Wire.connect(where);
    wire.send(Buffer.from(Array.from({ length: 300 }, (_, i) => (i * 7919 + number * 104729) >> 3 & 0xff)));
    wire.end();
  }) },
  { name: '3,000 header fields', run: async (where) => {
    await open(where, REQUEST.replace(/\r\n$/, `${'a:b\r\n'.repeat(3000)}\r\n`));
  } },
  { name: 'connect and reset, 2,000 times', run: (where) => each(2000, async (number) => {
    const wire = await Wire.connect(where);
    if (number % 2 === 1) wire.send(REQUEST.slice(0, 50));
    wire.reset();
  }) },
  { name: '1,100 clients', run: (where) => each(1100, async () => { await open(where); }) },
  { name: '100 clients, 64 descriptors', descriptors: 64, run: (where) => each(100, async () => {
    await open(where);
  }) },
  { name: 'frames in packets of one byte, 100 clients', run: async (where) => {
    const wires: Wire[] = [];
    await each(100, async () => { wires.push(await open(where)); });
    for (const byte of frame(TEXT, 'hello')) {
      for (const wire of wires) wire.send(Buffer.of(byte));
      await sleep(5);
    }
  } },
  { name: 'a declared length of 2^63', run: async (where) => {
    (await open(where)).send(Buffer.from('82ff800000000000000001020304', 'hex'));
  } },
  { name: 'echoes for 6 s, none read', run: (where) =>
    flood(where, frame(BINARY, Buffer.alloc(65536), { key: [0, 0, 0, 0] })) },
  { name: 'pings for 6 s, no Pong read', run: (where) =>
    flood(where, Buffer.concat(Array.from({ length: 500 }, () => frame(PING, 'x'.repeat(125))))) },
  { name: 'a message of 2,000,000 fragments of one byte', run: async (where) => {
    const wire = await open(where);
    wire.send(frame(BINARY, '', { fin: false }));
    await wire.repeat(frame(CONTINUATION, 'x', { fin: false }), 2_000_000);
  } },
  { name: '8 messages of 64 MiB, none finished', run: (where) => each(8, async () => {
    const wire = await open(where);
    const piece = frame(CONTINUATION, Buffer.alloc(MIB), { fin: false, key: [0, 0, 0, 0] });
    wire.send(frame(BINARY, '', { fin: false }));
    await wire.repeat(piece, 64);
  }) },
  { name: 'a deflate bomb, 512 MiB in 509 KiB', deflate: true, run: async (where) => {
    const wire = await open(where, request({ 'Sec-WebSocket-Extensions': 'permessage-deflate' }));
    wire.send(bomb());
    await wire.gone();
  } },
  { name: '1,000 clients close at once', run: async (where) => {
    const wires: Wire[] = [];
    await each(1000, async () => { wires.push(await open(where)); });
    for (const wire of wires) wire.send(frame(CLOSE, closing(1000)));
    for (const wire of wires) wire.end();
  } },
];
