/** What the clients send, built beforehand, and how the answers are counted and checked. */
import { TEXT } from '../../lib/websocket/frame.ts';
import { reply, RSV1 } from '../conformance/row.ts';
import { deflated, inflated } from '../raw_deflate.ts';
import { frame, framesIn } from '../wire.ts';
import type { Row } from './rows.ts';

/** Bytes of one read at the most. */
export const READ_SIZE = 256 * 1024;

/** Takes the next bytes of one connection; returns how many answers they complete. Throws where one is wrong. */
export type Reader = (bytes: Buffer, length: number) => number;

export interface Messages {
  /** The frames of `count` messages in one Buffer; `sent` were sent on this connection before. */
  frames(sent: number, count: number): Buffer;
  /** A Reader for one new connection. */
  reader(): Reader;
}

/** For a row; a raw server echoes the frames as they are. */
export function messagesFor({ size, inflight, deflate }: Row, raw: boolean): Messages {
  return deflate ? compressed(size) : plain(size, inflight, raw);
}

/** All messages are the same, so all answers are: each byte that comes has one right value, found by its position. */
function plain(size: number, inflight: number, raw: boolean): Messages {
  const payload = Buffer.alloc(size, 'All that is gold does not glitter, not all those who wander are lost. ');
  const one = frame(TEXT, payload), answer = raw ? one : reply(TEXT, payload);
  const window = Buffer.alloc(one.length * inflight, one);
  const views = Array.from({ length: inflight + 1 }, (_, count) => window.subarray(0, count * one.length));
  const expected = Buffer.alloc(answer.length + READ_SIZE, answer);
  return {
    frames: (_sent, count) => views[count]!,
    reader: () => {
      let at = 0;
      return (bytes, length) => {
        if (expected.compare(bytes, 0, length, at, at + length) !== 0) throw new Error('An answer is wrong');
        const count = Math.floor((at + length) / answer.length);
        at = (at + length) % answer.length;
        return count;
      };
    },
  };
}

/** Kinds of messages, each compressed by itself, that a client sends one after another. */
const KINDS = 16;

/** Answers may be of any length, since a server may refer back to earlier ones: their headers are read. */
function compressed(size: number): Messages {
  const texts = Array.from({ length: KINDS }, (_, i) => recordOf(size, i));
  const frames = texts.map((text) => frame(TEXT, deflated(text), { rsv: RSV1 }));
  return {
    frames: (sent, count) => count === 1 ? frames[sent % KINDS]!
      : Buffer.concat(Array.from({ length: count }, (_, i) => frames[(sent + i) % KINDS]!)),
    reader: () => {
      let rest: Buffer = Buffer.alloc(0), seen = 0;
      return (bytes, length) => {
        rest = Buffer.concat([rest, bytes.subarray(0, length)]);
        const answers = framesIn(rest);
        for (const { first, payload, whole } of answers) {
          rest = rest.subarray(whole.length);
          // The first of a connection can be read alone; a server may let those behind it refer back
          const isRight = (first & ~RSV1) === (0x80 | TEXT) && (seen++ > 0 || textOf(first, payload).equals(texts[0]!));
          if (!isRight) throw new Error('An answer is wrong');
        }
        return answers.length;
      };
    },
  };
}

function textOf(first: number, payload: Buffer): Buffer {
  try {
    return (first & RSV1) === 0 ? payload : inflated(payload);
  } catch {
    return Buffer.alloc(0);
  }
}

/** Text as an application sends it: a list of records in JSON, cut at the length that is asked for. */
function recordOf(size: number, seed: number): Buffer {
  let text = '', state = seed + 1;
  const number = (limit: number): number => (state = (state * 48_271) % 0x7fff_ffff) % limit;
  while (text.length < size) {
    text += JSON.stringify({ id: number(100_000), user: `user${number(1000)}`, price: number(100_000) / 100,
      side: number(2) ? 'buy' : 'sell', time: `2024-0${1 + number(9)}-1${number(10)}T1${number(10)}:00:00Z` });
  }
  return Buffer.from(text.slice(0, size));
}
