import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inflateRawSync } from 'node:zlib';
import { ProtocolError } from '../lib/websocket/close.ts';
import { buildMsg, CLOSE, FrameInbox, MAX_PAYLOAD } from '../lib/websocket/codec.ts';
import { inflate, negotiateDeflate } from '../lib/websocket/deflate.ts';
import type { Extension } from '../lib/websocket/extensions.ts';
import { getRequest, type Rules } from '../lib/websocket/handshake.ts';
import { HttpError } from '../lib/websocket/http.ts';
import { encoding, type Frame } from '../lib/websocket/message.ts';
import { forAll } from './forall.ts';
import { conversation, hostileFrames, hostileRequest, once, pick, readsOf } from './generate.ts';
import { nextMsg } from './helpers.ts';
import { readFrames } from './reference.ts';

const AGREED = negotiateDeflate([['client_no_context_takeover', null]]);
const inflateAll = (payload: Buffer): Buffer => inflate(payload, MAX_PAYLOAD);
const LENIENT: Rules = { strict: false, deflate: false, origins: [], subprotocols: [] };
const STATUSES = new Set([200, 400, 403, 405, 426, 431, 505]), CODES = new Set([1002, 1007, 1009]);

/** What became of one client's bytes. */
interface Outcome {
  /** What the handshake has agreed on; null where there was none. */
  agreed: string | null;
  messages: [number, Buffer][];
  /** The error that ended it, with its code; null where more could come. */
  error: string | null;
}

/** Feeds the reads to the handshake (where there are rules) and to getMsg, as the loop does. */
async function play(reads: Buffer[], extension: Extension | null, rules?: Rules): Promise<Outcome> {
  const inbox = new FrameInbox(), outcome: Outcome = { agreed: null, messages: [], error: null };
  inbox.extension = extension;
  try {
    for (const read of reads) {
      inbox.push(read);
      if (rules !== undefined && outcome.agreed === null) {
        const request = getRequest(inbox, rules);
        if (request === null) continue;
        outcome.agreed = request.agreed;
      }
      for (let message; (message = await nextMsg(inbox)) !== null;) {
        // A copy: the caller may change the payload, and a later read must not
        outcome.messages.push([message.opcode, Buffer.from(message.payload)]);
        if (message.opcode === CLOSE) return outcome;
      }
    }
  } catch (error) {
    const code = error instanceof HttpError ? error.status : error instanceof ProtocolError ? error.code : null;
    if (code === null) throw error;
    assert.ok((error instanceof HttpError ? STATUSES : CODES).has(code), `${code} is none of ours`);
    outcome.error = `${code} ${(error as Error).message}`;
  }
  return outcome;
}

function assertSame(actual: [number, Buffer][], expected: [number, Buffer][]): void {
  // deepEqual walks over every byte; of a hundred thousand cases nearly all are equal
  const same = actual.length === expected.length && actual.every(([opcode, payload], i) => {
    const [other, bytes] = expected[i]!;
    return opcode === other && payload.equals(bytes);
  });
  if (!same) assert.deepEqual(actual, expected);
}

describe('any client that keeps to RFC 6455 and RFC 7692', () => {
  test('its messages come out equal and in order, whatever the fragments, reads, masks and controls between', (t) =>
    forAll(t, 0.35, (random) => conversation(random), async ({ bytes, deflate, messages }, random) => {
      const { messages: got, error } = await play(readsOf(random, bytes), deflate ? AGREED : null);
      assert.equal(error, null);
      assertSame(got, messages);
    }));

  test('what buildMsg answers says the same to a client with a window of the size that was agreed on', (t) =>
    forAll(t, 0.15, (random) => conversation(random), ({ messages, deflate }, random) => {
      const windowBits = 8 + random(8);
      const agreed = deflate ? negotiateDeflate([['server_max_window_bits', `${windowBits}`]]) : null;
      const filter = agreed === null ? (frame: Frame) => frame : encoding(agreed);
      const answer = Buffer.concat(messages.map(([opcode, payload]) => filter(buildMsg(payload, opcode)).bytes));
      const read = readFrames(answer, 'server', agreed && ((payload) =>
        inflateRawSync(Buffer.concat([payload, Buffer.of(0, 0, 0xff, 0xff, 3, 0)]), { windowBits })));
      assert.deepEqual([read.code, read.used], [null, answer.length]);
      assertSame(read.messages, messages);
    }));
});

describe('any client that does not', () => {
  test('frames end in a message, a wait or a close code of the RFC\'s, the same one in one read and in many', (t) =>
    forAll(t, 0.32, (random) => ({ bytes: hostileFrames(random) }), async ({ bytes }, random) => {
      const deflate = once(random, 2) ? AGREED : null;
      const glued = await play([Buffer.from(bytes)], deflate);
      for (let times = 0; times < 2; times++) {
        const cut = await play(readsOf(random, bytes), deflate);
        assert.equal(cut.error, glued.error);
        assertSame(cut.messages, glued.messages);
      }

      const { messages, code } = readFrames(bytes, 'client', deflate && inflateAll, MAX_PAYLOAD);
      assert.equal(glued.error?.slice(0, 4), code?.toString(), 'the close code is the one that a second reader finds');
      assertSame(glued.messages, messages);
    }));

  test('requests end in a handshake, a wait or an HTTP status, the same one in one read and in many', (t) =>
    forAll(t, 0.14, (random) => ({ bytes: hostileRequest(random) }), async ({ bytes }, random) => {
      const rules = {
        strict: once(random, 4), deflate: once(random, 2), origins: once(random, 4) ? ['http://example.com'] : [],
        subprotocols: pick(random, [[], ['chat'], ['b']]),
      };
      const cut = await play(readsOf(random, bytes), null, rules), glued = await play([Buffer.from(bytes)], null, rules);
      assert.deepEqual([cut.agreed, cut.error], [glued.agreed, glued.error]);
      assertSame(cut.messages, glued.messages);
    }));
});

test('found by them: a line without CR behind the longest head is not noticed, however much comes in one read', async () => {
  const bytes = Buffer.from(`GET / HTTP/1.1\r\n${'x'.repeat(16_384)}\n`);
  const cut = await play([bytes.subarray(0, 16_384), bytes.subarray(16_384)], null, LENIENT);
  assert.equal(cut.error, '431 Cannot read request: its head has more than 16384 bytes.');
  assert.equal((await play([bytes], null, LENIENT)).error, cut.error);
});
