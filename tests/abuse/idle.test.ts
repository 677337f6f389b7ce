/** Clients that do nothing, or as good as nothing. tests/limits/timeouts.test.ts shows that nobody is cut too early. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type net from 'node:net';
import { BINARY, PONG, TEXT } from '../../lib/websocket/frame.ts';
import { frame, REQUEST, Wire } from '../wire.ts';
import { against, assertClosed, FULL } from './attack.ts';
import { crowd } from './crowd.ts';

/** Who answers a Ping does so a thousand times faster. */
const SECONDS = FULL ? 10 : 2;
/** As long as two Pings take: all is over at the same time. */
const LONG = `${SECONDS * 2}`;
const attack = against(
  '--quiet', '--ping-interval', `${SECONDS}`, '--handshake-timeout', LONG, '--write-timeout', LONG,
);

/** Sends this a byte at a time, ten in the time between two Pings, until the server says something. */
function drip(wire: Wire, bytes: Buffer): void {
  let next = 0;
  const timer = setInterval(() => wire.socket.write(bytes.subarray(next, ++next)), SECONDS * 100);
  wire.socket.once('data', () => clearInterval(timer)).once('close', () => clearInterval(timer));
}

async function assertPinged(wire: Wire): Promise<void> {
  assert.deepEqual(await wire.frame(), { first: 0x89, payload: Buffer.alloc(0) });
}

/** The whole request would take many times as long as a client has. */
async function sayNoRequest(where: net.NetConnectOpts, said: string): Promise<void> {
  const wire = await Wire.connect(where);
  drip(wire, Buffer.from(said));
  assert.match(await wire.head(), /^HTTP\/1\.1 408 Request Timeout\r\n/);
  await wire.rest();
  wire.end();
}

async function saySilent(where: net.NetConnectOpts, said: Uint8Array): Promise<void> {
  const wire = await Wire.open(where);
  wire.send(said);
  await assertPinged(wire);
  await assertClosed(wire, 1008);
}

/** A second Ping comes: who had shown no sign of life would be closed instead. */
async function sayAlive(where: net.NetConnectOpts, answer: Buffer): Promise<void> {
  const wire = await Wire.open(where);
  await assertPinged(wire);
  wire.send(answer);
  if (answer[0] === 0x81) assert.equal((await wire.frame()).payload.toString(), 'hello');
  await assertPinged(wire);
  wire.end();
  await wire.rest();
}

async function dripMessage(where: net.NetConnectOpts): Promise<void> {
  const wire = await Wire.open(where);
  drip(wire, frame(BINARY, Buffer.alloc(125)));
  await assertPinged(wire);
  wire.reset();
}

/** Sends until it is cut, and reads nothing. */
async function stayDeaf(where: net.NetConnectOpts): Promise<void> {
  const wire = await Wire.open(where), message = frame(BINARY, Buffer.alloc(64 * 1024));
  wire.socket.pause();
  const cut = wire.gone();
  for (let isCut = false; !isCut;) {
    wire.send(message);
    if (!wire.socket.writableNeedDrain) continue;
    isCut = await Promise.race([cut.then(() => true), once(wire.socket, 'drain').then(() => false, () => true)]);
  }
}

const kinds: ((where: net.NetConnectOpts) => Promise<void>)[] = [
  (where) => sayNoRequest(where, ''),
  (where) => sayNoRequest(where, REQUEST),
  (where) => saySilent(where, Buffer.alloc(0)),
  // A frame that is begun and not finished is silence, too
  (where) => saySilent(where, frame(TEXT, 'hello').subarray(0, 7)),
  (where) => sayAlive(where, frame(PONG)),
  (where) => sayAlive(where, frame(TEXT, 'hello')),
  dripMessage,
];

attack('who makes no request, reads nothing, or is silent after a Ping is cut; whoever answers stays',
  { quick: 35, full: 490 }, async ({ where, size }) => {
    await Promise.all([
      // At once: no more than the server's backlog takes, or a connection may be lost before it is accepted
      crowd(size, (number) => kinds[number % kinds.length]!(where), size),
      // Each fills up to 16 MiB of the kernel's memory, which for 100 has not enough
      crowd(Math.ceil(size / 49), () => stayDeaf(where), size),
    ]);
  });
