import assert from 'node:assert/strict';
import type net from 'node:net';
import { test } from 'node:test';
import { inflate } from '../lib/websocket/deflate.ts';
import { CLOSE, FrameInbox, MAX_PAYLOAD, PING, PONG, TEXT } from '../lib/websocket/codec.ts';
import { getRequest } from '../lib/websocket/handshake.ts';
import { HttpError } from '../lib/websocket/http.ts';
import { forAll } from './forall.ts';
import { goodRequest, hostileFrames, hostileRequest, once, readsOf } from './generate.ts';
import { Program } from './program.ts';
import { readFrames } from './reference.ts';
import { frame, Wire } from './wire.ts';

const inflateAll = (payload: Buffer): Buffer => inflate(payload, MAX_PAYLOAD);
/** Writes. Of a thousand of them, a byte each, the kernel would be tested and not the server. */
const MANY = 8;
/** A client that is gone already has no address any more. */
const LAST_WORDS =
  /^client \d+(?: \(127\.0\.0\.1 port \d+\))? (?:refused with (?:400|405|426|431|505): |closed with 100[279]: |has got the page$)/;

/** Says all of it in these pieces and ends; resolves to what has come back when the server has ended too. */
async function talk(where: net.NetConnectOpts, pieces: Buffer[]): Promise<Buffer> {
  const wire = await Wire.connect(where);
  // Each when the kernel has the one before
  for (const piece of pieces) await new Promise((resolve) => { wire.socket.write(piece, resolve); });
  wire.end();
  return wire.rest();
}

/** The status that these bytes get, and the frames behind their request where that is 101; null while it is cut. */
function readRequest(said: Buffer): { status: number; frames: Buffer } | null {
  const inbox = new FrameInbox();
  inbox.push(said);
  try {
    const request = getRequest(inbox);
    // A request for the page gets 200
    return request && { status: request.isForPage ? 200 : 101, frames: said.subarray(said.length - inbox.length) };
  } catch (error) {
    if (error instanceof HttpError) return { status: error.status, frames: Buffer.alloc(0) };
    throw error;
  }
}

/** Whether that is what the server had to say, all of it and nothing more. */
function checkAnswer(said: Buffer, answer: Buffer): void {
  const request = readRequest(said);
  if (request === null) return assert.equal(answer.length, 0, 'nothing to answer yet');
  const head = answer.toString('latin1', 0, answer.indexOf('\r\n\r\n') + 4), body = answer.subarray(head.length);
  assert.equal(head.slice(0, 13), `HTTP/1.1 ${request.status} `);
  // What HEAD gets has the length of what GET would get
  if (request.status === 200 && body.length === 0 && said.includes('HEAD ')) return;
  if (request.status !== 101) return assert.match(head, new RegExp(`^Content-Length: ${body.length}\r$`, 'm'));
  const inflating = /^Sec-WebSocket-Extensions: /m.test(head) ? inflateAll : null;
  const asked = readFrames(request.frames, 'client', inflating, MAX_PAYLOAD);
  const answered = readFrames(body, 'server', inflating);
  assert.deepEqual([answered.code, answered.used], [null, body.length], 'whole frames, and all of them right');
  const expected = asked.messages.filter(([opcode]) => opcode !== PONG)
    .map(([opcode, payload]) => [opcode === PING ? PONG : opcode, payload]);
  if (asked.code !== null) {
    const [opcode, payload] = answered.messages.pop() ?? [];
    assert.deepEqual([opcode, payload?.readUInt16BE()], [CLOSE, asked.code]);
  }
  assert.deepEqual(answered.messages, expected);
}

test('a server among hostile clients answers each by the rules, and an innocent one loses nothing', async (t) => {
  const program = await Program.start(t, '--quiet', '--deflate', '--close-timeout', '600', '--handshake-timeout', '600',
    '--ping-interval', '0');
  const innocent = await Wire.open(program.where);
  let isOver = false, echoes = 0;
  const echo = async (): Promise<void> => {
    for (; !isOver; echoes++) {
      innocent.send(frame(TEXT, `echo ${echoes}`));
      assert.equal((await innocent.frame()).payload.toString(), `echo ${echoes}`);
    }
  };
  const siege = forAll(t, 0.02, (random) => ({
    bytes: once(random, 3) ? hostileRequest(random) : Buffer.concat([goodRequest(random), hostileFrames(random)]),
  }), async ({ bytes }, random) => {
    const pieces = bytes.length < 60 || !once(random, 4) ? readsOf(random, bytes) : [bytes];
    checkAnswer(bytes, await talk(program.where, [...pieces.slice(0, MANY), Buffer.concat(pieces.slice(MANY))]));
  }, 50).finally(() => { isOver = true; });
  await Promise.all([siege, echo()]);
  assert.ok(echoes > 0);
  t.diagnostic(`${echoes} echoes to the innocent client`);

  innocent.end();
  await innocent.rest();
  assert.equal(await program.stop(), 0, program.stderr);
  const [first, ...others] = program.stderr.trimEnd().split('\n').filter((line) => !/^and [\d,]+ more in/.test(line));
  assert.match(first!, /^listening on /);
  const odd = others.find((line) => !LAST_WORDS.test(line));
  assert.equal(odd, undefined, 'a line a client that broke the rules, and no stack trace');
});
