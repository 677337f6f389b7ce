/**
 * The same attacks against other servers with their defaults, as a table in Markdown: what became of each.
 * Usage: npx tsx tests/abuse/survivors.ts
 */
import type net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { BINARY, CLOSE, CONTINUATION, PING, TEXT } from '../../lib/websocket/frame.ts';
import { OtherServer } from '../others/other_server.ts';
import { ourselves, php, ws } from '../others/others.ts';
import { bomb } from '../raw_deflate.ts';
import { closing, frame, REQUEST, request, Wire } from '../wire.ts';
import { crowd } from './crowd.ts';
import { Innocent } from './innocent.ts';
import { memoryOf, MIB, peakOf } from './vitals.ts';

/** Milliseconds that one attack may take. */
const LIMIT = 20_000;
/** With permessage-deflate, which is no server's default. */
const BOMB = 'a deflate bomb, 512 MiB in 509 KiB';

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

/** So many clients, connected and the answer to each begun, as far as the server lets them. */
async function openAll(where: net.NetConnectOpts, count: number): Promise<Wire[]> {
  const wires: Wire[] = [];
  await each(count, async () => { wires.push(await open(where)); });
  return wires;
}

/** What is done to servers of any kind, whatever they answer. */
const DEEDS: Record<string, (where: net.NetConnectOpts) => Promise<unknown>> = {
  'a request without a key': (where) => open(where, request({ 'Sec-WebSocket-Key': null })),
  '100 requests of random bytes': (where) => each(100, async (number) => {
    const wire = await Wire.connect(where);
    wire.send(Buffer.from(Array.from({ length: 300 }, (_, i) => (i * 7919 + number * 104729) >> 3 & 0xff)));
    wire.end();
  }),
  '3,000 header fields': (where) => open(where, REQUEST.replace(/\r\n$/, `${'a:b\r\n'.repeat(3000)}\r\n`)),
  'connect and reset, 2,000 times': (where) => each(2000, async (number) => {
    const wire = await Wire.connect(where);
    if (number % 2 === 1) wire.send(REQUEST.slice(0, 50));
    wire.reset();
  }),
  '1,100 clients': (where) => openAll(where, 1100),
  'frames in packets of one byte, 100 clients': async (where) => {
    const wires = await openAll(where, 100);
    for (const byte of frame(TEXT, 'hello')) {
      for (const wire of wires) wire.send(Buffer.of(byte));
      await sleep(5);
    }
  },
  'a declared length of 2^63': async (where) => {
    (await open(where)).send(Buffer.from('82ff800000000000000001020304', 'hex'));
  },
  'echoes for 6 s, none read': (where) => flood(where, frame(BINARY, Buffer.alloc(65536), { key: [0, 0, 0, 0] })),
  'pings for 6 s, no Pong read': (where) =>
    flood(where, Buffer.concat(Array<Buffer>(500).fill(frame(PING, 'x'.repeat(125))))),
  'a message of 2,000,000 fragments of one byte': async (where) => {
    const wire = await open(where);
    wire.send(frame(BINARY, '', { fin: false }));
    await wire.repeat(frame(CONTINUATION, 'x', { fin: false }), 2_000_000);
  },
  '8 messages of 64 MiB, none finished': (where) => each(8, async () => {
    const wire = await open(where);
    wire.send(frame(BINARY, '', { fin: false }));
    await wire.repeat(frame(CONTINUATION, Buffer.alloc(MIB), { fin: false, key: [0, 0, 0, 0] }), 64);
  }),
  [BOMB]: async (where) => {
    const wire = await open(where, request({ 'Sec-WebSocket-Extensions': 'permessage-deflate' }));
    wire.send(frame(BINARY, bomb(512), { rsv: 0x40 }));
    await wire.gone();
  },
  '1,000 clients close at once': async (where) => {
    const wires = await openAll(where, 1000);
    for (const wire of wires) wire.send(frame(CLOSE, closing(1000)));
    for (const wire of wires) wire.end();
  },
};

/** What became of one server: 'yes' or '**no**', and how. */
async function suffer(command: string, run: (where: net.NetConnectOpts) => Promise<unknown>): Promise<string> {
  const server = await OtherServer.start(command), { pid } = server;
  const where = { host: '127.0.0.1', port: server.port };
  const innocent = await Innocent.start(where, true);
  await sleep(300);
  const from = await memoryOf(pid);
  let peak = from;
  const watch = setInterval(() => { void peakOf(pid).then((now) => { peak = now; }, () => {}); }, 50);
  await Promise.race([run(where).catch(() => {}), sleep(LIMIT, null, { ref: false })]);
  // What it has taken in it may still be busy with
  await sleep(500);
  const isRunning = server.status === null;
  const { wrong, slowest, lag } = await innocent.leave();
  clearInterval(watch);
  Wire.cutAll();
  await server.stop('SIGKILL');
  const memory = `${Math.round(from / MIB)} → ${Math.round(peak / MIB)} MiB`;
  if (!isRunning) return '**no**: its process ended';
  if (wrong !== '') return `**no**: the other client lost its connection or its messages; ${memory}`;
  if (slowest - lag > 1000) return `**no**: the other client waited ${(slowest / 1000).toFixed(1)} s; ${memory}`;
  return `yes; ${memory}`;
}

const peers = [ourselves(), ws(), php()].filter((peer) => peer !== null);
console.log(`| survived? | ${peers.map(({ name }) => name).join(' | ')} |\n|${' --- |'.repeat(peers.length + 1)}`);
for (const [name, run] of Object.entries(DEEDS)) {
  const cells: string[] = [];
  for (const { plain, deflate } of peers) {
    const command = name === BOMB ? deflate : plain;
    cells.push(command === null ? 'has none' : await suffer(command, run));
  }
  console.log(`| ${name} | ${cells.join(' | ')} |`);
  if (!cells[0]!.startsWith('yes')) process.exitCode = 1;
}
process.exit();
