/** What clients may send, and what they may not: made from a Random, so that the same seed makes the same bytes. */
import { constants, deflateRawSync } from 'node:zlib';
import { BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT } from '../lib/websocket/frame.ts';
import type { Random } from './helpers.ts';
import { deflated } from './raw_deflate.ts';
import { closing, frame, KEY, request } from './wire.ts';

export function pick<T>(random: Random, list: readonly T[]): T {
  return list[random(list.length)]!;
}

/** True once in `times`. */
export function once(random: Random, times: number): boolean {
  return random(times) === 0;
}

export function bytesOf(random: Random, length: number): Buffer {
  // A long one repeats: drawing each byte would take longer than all that is tested. 251: a prime, in step with no mask
  if (length > 1000) return Buffer.alloc(length, bytesOf(random, 251));
  return Buffer.from(Array.from({ length }, () => random(256)));
}

/** The first and the last code point of each length in UTF-8, around the surrogates too, and a BOM. */
const EDGES = [0, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xfeff, 0xffff, 0x10000, 0x10ffff];

/** All that are characters, by their length in UTF-8: the first of each, and how many follow. */
const PLANES = [[0x20, 0x5f], [0x80, 0x780], [0x800, 0xd000], [0xe000, 0x2000], [0x10000, 0x100000]] as const;

function codePoint(random: Random): number {
  const [first, count] = pick(random, PLANES);
  return once(random, 6) ? pick(random, EDGES) : first + random(count);
}

/** A text of this many code points, of all planes. */
export function textOf(random: Random, length: number): Buffer {
  if (length > 1000) return Buffer.concat(Array(Math.ceil(length / 251)).fill(textOf(random, 251)));
  return Buffer.from(String.fromCodePoint(...Array.from({ length }, () => codePoint(random))));
}

/** Mostly short, and now and then around those lengths where something changes. */
function lengthOf(random: Random): number {
  if (once(random, 400)) return pick(random, [65534, 65535, 65536, 65537, 100_000, 300_000]);
  if (once(random, 20)) return pick(random, [124, 125, 126, 127, 128, 129, 255, 256, 1000, 4095, 4096, 5000]);
  return random(pick(random, [1, 2, 10, 40]));
}

/** The same bytes as TCP may bring them: in reads of any size, each a Buffer of its own. */
export function readsOf(random: Random, bytes: Uint8Array): Buffer[] {
  const most = pick(random, bytes.length > 10_000 ? [1000, 1461, 65536] : [1, 2, 5, 20, 200, 5000]);
  const reads: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const count = 1 + random(most);
    reads.push(Buffer.from(bytes.subarray(at, at += count)));
  }
  return reads;
}

/** A message's payload as any client's zlib may send it (RFC 7692 7.2.1 and 7.2.3). */
function compress(random: Random, payload: Buffer): Buffer {
  const options = {
    level: pick(random, [0, 1, 6, 9]), strategy: random(5), windowBits: 9 + random(7), memLevel: 1 + random(8),
    finishFlush: constants.Z_SYNC_FLUSH,
  };
  // A block marked as the last one, and an empty one behind it
  if (once(random, 4)) {
    return Buffer.concat([deflateRawSync(payload, { ...options, finishFlush: constants.Z_FINISH }), Buffer.of(0)]);
  }
  const half = once(random, 4) ? random(payload.length + 1) : 0;
  const blocks = half > 0 ? [deflateRawSync(payload.subarray(0, half), options)] : [];
  return Buffer.concat([...blocks, deflated(payload.subarray(half), options)]);
}

function keyOf(random: Random): number[] {
  return once(random, 8) ? [0, 0, 0, 0] : [random(256), random(256), random(256), random(256)];
}

function control(random: Random): [number, Buffer] {
  return [pick(random, [PING, PONG]), bytesOf(random, once(random, 10) ? 125 : random(6))];
}

/** What a client says, all of it right. */
export interface Conversation {
  bytes: Buffer;
  deflate: boolean;
  /** What it means, as [opcode, payload], in the order in which each is whole. */
  messages: [number, Buffer][];
}

/** Messages in any fragments, with pings and pongs between them, at times a Close at the end. */
export function conversation(random: Random, deflate = once(random, 4)): Conversation {
  const frames: Buffer[] = [], messages: [number, Buffer][] = [];
  const say = (opcode: number, payload: Buffer): void => {
    frames.push(frame(opcode, payload, { key: keyOf(random) }));
    messages.push([opcode, payload]);
  };
  for (let count = 1 + random(6); count > 0; count--) {
    while (once(random, 4)) say(...control(random));
    const opcode = pick(random, [TEXT, BINARY]), length = lengthOf(random);
    const payload = opcode === TEXT ? textOf(random, length) : bytesOf(random, length);
    const compressed = deflate && once(random, 2);
    const sent = compressed ? compress(random, payload) : payload;
    const cuts = Array.from({ length: once(random, 2) ? random(5) : 0 }, () => random(sent.length + 1));
    const ends = [...cuts.sort((a, b) => a - b), sent.length];
    ends.forEach((end, i) => {
      while (i > 0 && once(random, 6)) say(...control(random));
      frames.push(frame(i === 0 ? opcode : CONTINUATION, sent.subarray(ends[i - 1] ?? 0, end),
        { fin: i === cuts.length, rsv: compressed && i === 0 ? 0x40 : 0, key: keyOf(random) }));
    });
    messages.push([opcode, payload]);
  }
  if (once(random, 4)) {
    say(CLOSE, once(random, 3) ? Buffer.alloc(0)
      : closing(pick(random, [1000, 1001, 1003, 1011, 1014, 3000, 4999]), textOf(random, random(30))));
  }
  return { bytes: Buffer.concat(frames), deflate, messages };
}

/** A frame that looks like one and is right by chance only. */
function wildFrame(random: Random): Buffer {
  const length = lengthOf(random);
  return frame(once(random, 10) ? random(16) : pick(random, [CONTINUATION, TEXT, TEXT, BINARY, CLOSE, PING, PONG]),
    bytesOf(random, length), {
      fin: !once(random, 3), rsv: once(random, 6) ? random(8) << 4 : 0, masked: !once(random, 20),
      ...(once(random, 20) ? { bits: length > 65535 ? 64 : pick(random, [16, 64]) } : {}),
    });
}

/** What comes from who does not know the protocol, or knows it too well. */
export function hostileFrames(random: Random): Buffer {
  switch (random(8)) {
    case 0: return bytesOf(random, random(200));
    case 1: return Buffer.concat(Array.from({ length: 1 + random(4) }, () => wildFrame(random)));
    case 2: return Buffer.concat([conversation(random).bytes, wildFrame(random)]);
    case 3: return conversation(random).bytes;
    default: return mutate(random, conversation(random).bytes);
  }
}

/** A request that is right, in one of the ways in which browsers and programs write it. */
export function goodRequest(random: Random): Buffer {
  const text = request({
    ...(once(random, 2) ? { 'Sec-WebSocket-Extensions': pick(random, EXTENSIONS) } : {}),
    ...(once(random, 3) ? { 'Sec-WebSocket-Protocol': pick(random, ['chat', 'chat, superchat', 'a,b , c']) } : {}),
    ...(once(random, 3) ? { 'Connection': 'keep-alive, Upgrade', 'Origin': 'http://example.com' } : {}),
    ...(once(random, 10) ? { 'Cookie': bytesOf(random, random(7500)).toString('hex') } : {}),
    ...(once(random, 4) ? { 'Sec-WebSocket-Key': pick(random, [KEY, 'websocket', 'x']) } : {}),
  }, `GET ${pick(random, ['/', '/chat?a=b', 'http://example.com/'])} HTTP/1.1`);
  const cased = once(random, 4) ? text.replace(/^[A-Z][\w-]+(?=:)/gm, (name) => name.toLowerCase()) : text;
  return Buffer.from(once(random, 10) ? `\r\n${cased}` : cased);
}

const EXTENSIONS = [
  'permessage-deflate', 'permessage-deflate; client_max_window_bits', 'x-webkit-deflate-frame',
  'permessage-deflate; server_max_window_bits="9", permessage-deflate', 'permessage-deflate; client_max_window_bits=16',
  'foo; bar="b\\az", permessage-deflate; server_no_context_takeover; client_no_context_takeover',
];

/** A request that somebody has been at, and frames behind it. */
export function hostileRequest(random: Random): Buffer {
  if (once(random, 10)) return bytesOf(random, random(300));
  const head = goodRequest(random), frames = once(random, 2) ? conversation(random).bytes : hostileFrames(random);
  return Buffer.concat([once(random, 6) ? head : mutate(random, head), frames]);
}

/** Bytes that mean something to somebody: lengths, opcodes, ends of lines and of lists, edges of UTF-8. */
const SIGNS = [0, 1, 9, 10, 13, 32, 0x22, 0x2c, 0x3a, 0x3b, 0x5c, 0x7e, 0x7f, 0x80, 0x88, 0x89, 0xc1, 0xed, 0xfe, 0xff];

/** These bytes after one to four accidents: bits flipped, bytes changed, lost, doubled, put in, the end cut off. */
export function mutate(random: Random, bytes: Buffer): Buffer {
  let now = Buffer.from(bytes);
  for (let count = 1 + random(4); count > 0 && now.length > 0; count--) {
    const at = random(now.length), end = Math.min(now.length, at + 1 + random(pick(random, [1, 8, 100])));
    const [before, hit, after] = [now.subarray(0, at), now.subarray(at, end), now.subarray(end)];
    switch (random(8)) {
      case 0:
      case 1: now[at]! ^= 1 << random(8); break;
      case 2: now[at] = pick(random, SIGNS); break;
      case 3: now = Buffer.concat([before, after]); break;
      case 4: now = Buffer.concat([before, hit, hit, after]); break;
      case 5: now = Buffer.concat([before, bytesOf(random, hit.length), hit, after]); break;
      case 6: now = Buffer.concat([before, Buffer.of(pick(random, SIGNS)), hit, after]); break;
      default: now = Buffer.from(before);
    }
  }
  return now;
}
