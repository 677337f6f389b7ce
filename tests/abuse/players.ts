/** The clients of a soak: each comes, does what it is like, and leaves. Who plays by the rules checks what it gets. */
import assert from 'node:assert/strict';
import type net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import { BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT } from '../../lib/websocket/frame.ts';
import { bytesOf, hostileFrames, hostileRequest, once, textOf } from '../generate.ts';
import type { Random } from '../helpers.ts';
import { closing, frame, REQUEST, Wire } from '../wire.ts';

/** One visit; resolves to how many messages were answered as they should be, and rejects where one was not. */
export type Player = (where: net.NetConnectOpts, random: Random) => Promise<number>;

/** The next frame that is no Ping; a Ping is answered. */
async function next(wire: Wire): Promise<{ first: number; payload: Buffer }> {
  for (;;) {
    const one = await wire.frame();
    if (one.first !== 0x89) return one;
    wire.send(frame(PONG, one.payload));
  }
}

interface Said {
  first: number;
  payload: Buffer;
}

/** Sends a few messages at once, in fragments at times; what has to come back. */
function speak(wire: Wire, random: Random, most: number): Said[] {
  const said: Said[] = [];
  for (let count = 1 + random(20); count > 0; count--) {
    const opcode = once(random, 2) ? TEXT : BINARY, length = random(once(random, 10) ? most : 200);
    const payload = opcode === TEXT ? textOf(random, length) : bytesOf(random, length);
    const cut = once(random, 3) ? random(payload.length + 1) : payload.length;
    if (cut === payload.length) {
      wire.send(frame(opcode, payload));
    } else {
      wire.send(frame(opcode, payload.subarray(0, cut), { fin: false }), frame(PING, 'between'));
      said.push({ first: 0x8a, payload: Buffer.from('between') });
      wire.send(frame(CONTINUATION, payload.subarray(cut)));
    }
    said.push({ first: 0x80 | opcode, payload });
  }
  return said;
}

async function part(wire: Wire): Promise<void> {
  wire.send(frame(CLOSE, closing(1000, 'bye')));
  assert.deepEqual(await next(wire), { first: 0x88, payload: closing(1000, 'bye') });
  assert.equal((await wire.rest()).length, 0);
  wire.end();
}

async function converse(where: net.NetConnectOpts, random: Random, most: number, pause: number): Promise<number> {
  const wire = await Wire.open(where);
  let answered = 0;
  for (let rounds = 1 + random(20); rounds > 0; rounds--) {
    const said = speak(wire, random, most);
    if (pause > 0) {
      wire.socket.pause();
      await sleep(random(pause));
      wire.socket.resume();
    }
    for (const one of said) {
      const got = await next(wire);
      assert.equal(got.first, one.first);
      assert.ok(got.payload.equals(one.payload), `${one.payload.length} bytes came back changed`);
      answered++;
    }
    await sleep(random(20));
  }
  await part(wire);
  return answered;
}

async function deflating(where: net.NetConnectOpts, random: Random): Promise<number> {
  const wire = await Wire.open(where, 'Sec-WebSocket-Extensions: permessage-deflate\r\n');
  const finishFlush = constants.Z_SYNC_FLUSH;
  const count = 1 + random(20);
  for (let i = 0; i < count; i++) {
    const payload = textOf(random, random(once(random, 5) ? 300_000 : 300));
    wire.send(frame(TEXT, deflateRawSync(payload, { finishFlush }).subarray(0, -4), { rsv: 0x40 }));
    const { first, payload: answer } = await next(wire);
    const whole = Buffer.concat([answer, Buffer.of(0, 0, 0xff, 0xff)]);
    const got = first === 0xc1 ? inflateRawSync(whole, { finishFlush }) : answer;
    assert.ok(got.equals(payload), `${payload.length} bytes came back changed, compressed`);
  }
  // A bomb at the end, at times
  if (!once(random, 10)) {
    await part(wire);
    return count;
  }
  wire.send(frame(BINARY, deflateRawSync(Buffer.alloc(64 << 20), { finishFlush }).subarray(0, -4), { rsv: 0x40 }));
  assert.equal((await next(wire)).payload.readUInt16BE(), 1009);
  await wire.rest();
  wire.end();
  return count;
}

async function resetting(where: net.NetConnectOpts, random: Random): Promise<number> {
  const wire = await Wire.connect(where);
  const bytes = Buffer.concat([Buffer.from(REQUEST), frame(BINARY, bytesOf(random, random(70_000)))]);
  wire.send(bytes.subarray(0, random(bytes.length)));
  await sleep(random(10));
  wire.reset();
  return 0;
}

/** Nobody knows what it gets, but the server ends it, if not for its bytes then for its silence. */
async function fuzzing(where: net.NetConnectOpts, random: Random): Promise<number> {
  const wire = await Wire.connect(where);
  if (once(random, 2)) wire.send(hostileRequest(random));
  else wire.send(REQUEST, hostileFrames(random), hostileFrames(random));
  if (once(random, 2)) wire.end();
  await wire.gone();
  wire.end();
  return 0;
}

/** Floods without reading until it is cut. */
async function deaf(where: net.NetConnectOpts, random: Random): Promise<number> {
  const wire = await Wire.open(where);
  wire.socket.pause();
  const message = frame(BINARY, Buffer.alloc(256 << 10), { key: [0, 0, 0, 0] });
  for (let left = 20 + random(100); left > 0 && !wire.socket.writableNeedDrain; left--) wire.send(message);
  await sleep(random(3000));
  wire.reset();
  return 0;
}

async function silent(where: net.NetConnectOpts, random: Random): Promise<number> {
  const wire = once(random, 2) ? await Wire.connect(where) : await Wire.open(where);
  await wire.gone();
  wire.end();
  return 0;
}

/** How many there are of each at any time. */
export const players: Record<string, { count: number; play: Player }> = {
  good: { count: 6, play: (where, random) => converse(where, random, 100_000, 0) },
  slow: { count: 3, play: (where, random) => converse(where, random, 2_000_000, 300) },
  deflating: { count: 2, play: deflating },
  resetting: { count: 3, play: resetting },
  fuzzing: { count: 6, play: fuzzing },
  deaf: { count: 2, play: deaf },
  silent: { count: 10, play: silent },
};
