/** The clients of a soak, by the process that plays them. A client that keeps the rules checks each answer. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT } from '../../lib/websocket/frame.ts';
import { bytesOf, conversation, hostileFrames, hostileRequest, once, readsOf, textOf } from '../generate.ts';
import type { Random } from '../helpers.ts';
import { bomb, deflated, inflated } from '../raw_deflate.ts';
import { closing, frame, REQUEST, type Wire } from '../wire.ts';

/** One visit of a client that has just connected. Resolves to its answered messages; rejects at a wrong answer. */
export type Player = (wire: Wire, random: Random) => Promise<number>;

/** One kind of client. */
export interface Kind {
  /** Visits in a round, and how many of them at a time. */
  visits: number;
  together: number;
  play: Player;
}

interface Got {
  first: number;
  payload: Buffer;
}

/** The server's flags. An honest client that gets no processor for seconds must not be cut. */
export const FLAGS = [
  '--quiet', '--deflate', '--max-payload', '4M', '--handshake-timeout', '10', '--ping-interval', '6',
  '--write-timeout', '10',
];
/** Milliseconds until a missing Ping is a failure. */
const PING_IS_LATE = 20_000;
/** What a client gets when the server has failed, at the beginning of the answer or behind other frames. */
const FAULT = /^HTTP\/1\.1 500 |\x88[\x02-\x7d]\x03\xf3Internal/;
const DEFLATE = 'Sec-WebSocket-Extensions: permessage-deflate\r\n';
const BYE: [number, Buffer] = [CLOSE, closing(1000, 'bye')];

async function shakeHands(wire: Wire, more = ''): Promise<void> {
  wire.send(REQUEST.replace(/\r\n$/, `${more}\r\n`));
  const head = await wire.head();
  assert.ok(head.startsWith('HTTP/1.1 101 '), `its request got ${head.slice(0, head.indexOf('\r'))}`);
}

/** The next frame that is no Ping; a Ping is answered. */
async function next(wire: Wire): Promise<Got> {
  for (;;) {
    const got = await wire.frame();
    if (got.first !== 0x89) return got;
    wire.send(frame(PONG, got.payload));
  }
}

/** A Close with its code and reason, another frame with its first byte and length. */
function show({ first, payload }: Got): string {
  if (first !== 0x88 || payload.length < 2) return `frame 0x${first.toString(16)} with ${payload.length} bytes`;
  return `Close ${payload.readUInt16BE()} '${payload.toString('utf8', 2)}'`;
}

/** Waits for the answers to these messages, in their order. A Ping gets a Pong, a Pong gets nothing. */
async function expectAnswers(wire: Wire, messages: [number, Buffer][], deflate = false): Promise<number> {
  const due = messages.filter(([opcode]) => opcode !== PONG);
  for (const [opcode, payload] of due) {
    const got = await next(wire), isDeflated = deflate && (got.first & 0x40) !== 0;
    const first = 0x80 | (isDeflated ? 0x40 : 0) | (opcode === PING ? PONG : opcode);
    assert.equal(got.first, first, `${show(got)} came, not frame 0x${first.toString(16)} with ${payload.length} bytes`);
    const whole = isDeflated ? inflated(got.payload) : got.payload;
    assert.ok(whole.equals(payload), `${payload.length} bytes came back changed`);
  }
  if (messages.at(-1)?.[0] === CLOSE) {
    assert.equal((await wire.rest()).length, 0, 'more came after the Close frame');
    wire.end();
  }
  return due.length;
}

/** Sends conversations in pieces, until one ends with a Close. */
async function talk(wire: Wire, random: Random, deflate: boolean): Promise<number> {
  await shakeHands(wire, deflate ? DEFLATE : '');
  for (let answered = 0; ;) {
    const { bytes, messages } = conversation(random, deflate), pieces = readsOf(random, bytes);
    for (const piece of [...pieces.splice(0, 8), Buffer.concat(pieces)]) {
      wire.send(piece);
      await sleep();
    }
    answered += await expectAnswers(wire, messages, deflate);
    if (messages.at(-1)?.[0] === CLOSE) return answered;
    await sleep(random(20));
  }
}

/** Sends large messages in fragments, and reads the answers late. */
async function readLate(wire: Wire, random: Random, deflate: boolean): Promise<number> {
  await shakeHands(wire, deflate ? DEFLATE : '');
  const said: [number, Buffer][] = [];
  for (let count = 1 + random(4); count > 0; count--) {
    const opcode = once(random, 2) ? TEXT : BINARY, length = random(700_000);
    const payload = opcode === TEXT ? textOf(random, length) : bytesOf(random, length);
    const sent = deflate ? deflated(payload) : payload;
    const cut = random(sent.length + 1), rsv = deflate ? 0x40 : 0;
    wire.send(frame(opcode, sent.subarray(0, cut), { fin: false, rsv }), frame(PING, 'between'));
    wire.send(frame(CONTINUATION, sent.subarray(cut)));
    said.push([PING, Buffer.from('between')], [opcode, payload]);
  }
  wire.socket.pause();
  await sleep(random(300));
  wire.socket.resume();
  const answered = await expectAnswers(wire, said, deflate);
  wire.send(frame(...BYE));
  return answered + await expectAnswers(wire, [BYE]);
}

/** Sends 512 MiB in one small message. */
async function sendBomb(wire: Wire): Promise<number> {
  await shakeHands(wire, DEFLATE);
  wire.send(frame(BINARY, bomb(512), { rsv: 0x40 }));
  const got = await next(wire);
  assert.match(show(got), /^Close 1009 /, `a deflate bomb got ${show(got)}, not Close 1009`);
  await wire.gone();
  wire.end();
  return 0;
}

async function leaveHalfway(wire: Wire, random: Random): Promise<number> {
  const bytes = Buffer.concat([Buffer.from(REQUEST), frame(BINARY, bytesOf(random, random(70_000)))]);
  wire.send(bytes.subarray(0, random(bytes.length)));
  await sleep(random(10));
  wire.reset();
  return 0;
}

/** Nobody knows what such bytes get, but the server survives them. */
async function fuzz(wire: Wire, random: Random): Promise<number> {
  if (once(random, 2)) wire.send(hostileRequest(random));
  else wire.send(REQUEST, hostileFrames(random), hostileFrames(random));
  await sleep(random(20));
  wire.end();
  const answer = await wire.rest().catch(() => '');
  assert.doesNotMatch(answer.toString('latin1'), FAULT, 'hostile bytes made the server fail');
  return 0;
}

/** Sends as much as is taken and reads nothing: for some time, or until the server cuts it. */
async function flood(wire: Wire, time = Infinity): Promise<number> {
  await shakeHands(wire);
  wire.socket.pause();
  const message = frame(BINARY, Buffer.alloc(256 << 10), { key: [0, 0, 0, 0] });
  // A paused socket hears of a reset only when it writes
  for (const end = performance.now() + time; !wire.socket.destroyed && performance.now() < end; await sleep(5)) {
    if (!wire.socket.writableNeedDrain) wire.send(message);
  }
  wire.reset();
  return 0;
}

async function sendNoRequest(wire: Wire): Promise<number> {
  wire.send('G');
  assert.match(await wire.head(), /^HTTP\/1\.1 408 /, 'a client without a request got no 408');
  await wire.rest();
  wire.end();
  return 0;
}

/** Takes one Ping, in time. */
async function takePing(wire: Wire): Promise<void> {
  const got = await Promise.race([wire.frame(), sleep(PING_IS_LATE, null)]);
  assert.ok(got !== null, 'a silent client got no Ping');
  assert.equal(got.first, 0x89, `a silent client got no Ping, but ${show(got)}`);
}

async function answerNoPing(wire: Wire): Promise<number> {
  await shakeHands(wire);
  await takePing(wire);
  const got = await wire.frame();
  assert.match(show(got), /^Close 1008 /, `a client that answers no Ping got ${show(got)}, not Close 1008`);
  await wire.rest();
  wire.end();
  return 0;
}

/** Says nothing but Pongs: a sign of life. */
async function answerPings(wire: Wire): Promise<number> {
  await shakeHands(wire);
  for (let pings = 0; pings < 2; pings++) {
    await takePing(wire);
    wire.send(frame(PONG));
  }
  wire.send(frame(...BYE));
  return await expectAnswers(wire, [BYE]);
}

/** The processes of a soak, and the kinds that each plays. */
export const GROUPS: Record<string, Record<string, Kind>> = {
  honest: {
    plain: { visits: 24, together: 6, play: (wire, random) => talk(wire, random, false) },
    deflating: { visits: 12, together: 3, play: (wire, random) => talk(wire, random, true) },
  },
  large: {
    slow: { visits: 3, together: 3, play: (wire, random) => readLate(wire, random, false) },
    'slow and deflating': { visits: 2, together: 2, play: (wire, random) => readLate(wire, random, true) },
  },
  rude: {
    bomb: { visits: 1, together: 1, play: sendBomb },
    resetting: { visits: 80, together: 3, play: leaveHalfway },
    fuzzing: { visits: 80, together: 6, play: fuzz },
    flooding: { visits: 2, together: 2, play: (wire, random) => flood(wire, random(200)) },
  },
  silent: {
    'without a request': { visits: 3, together: 3, play: sendNoRequest },
    'without a Pong': { visits: 3, together: 3, play: answerNoPing },
    'only Pongs': { visits: 3, together: 3, play: answerPings },
    deaf: { visits: 2, together: 2, play: (wire) => flood(wire) },
  },
};

/** The kinds that the server must cut, and what its log must say about each client: the cause. */
export const LINE_ABOUT: Record<string, RegExp> = {
  'without a request': /refused with 408: /,
  'without a Pong': /closed with 1008: Cannot hear client/,
  deaf: /disconnected: it has read nothing/,
};
