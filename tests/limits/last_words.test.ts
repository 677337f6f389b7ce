import assert from 'node:assert/strict';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { Disconnect, tellLastWords } from '../../lib/limits/last_words.ts';
import type { Socket } from '../../lib/php/sockets.ts';
import { ProtocolError } from '../../lib/websocket/close.ts';
import { HttpError } from '../../lib/websocket/http.ts';
import { accept, listening, pair } from '../accepted.ts';
import { folder } from '../helpers.ts';
import { Program } from '../program.ts';
import { closing, frame, Wire } from '../wire.ts';

/** What the client gets, and what standard error gets of it: its lines. (No more than 20 in this file: see report().) */
function told(t: TestContext, socket: Socket, error: unknown, isOpen: boolean): { bytes: Buffer; lines: string[] } {
  const sent: Buffer[] = [], lines: string[] = [];
  socket.tap = (_from, bytes) => bytes && sent.push(Buffer.from(bytes));
  const mock = t.mock.method(process.stderr, 'write', (text: string) => lines.push(text));
  tellLastWords(socket, error, isOpen);
  mock.mock.restore();
  return { bytes: Buffer.concat(sent), lines };
}

describe('what the client is told', () => {
  test('RFC 6455 7.1.7: a broken rule is a Close frame, a refusal a response, who is cut gets nothing', async (t) => {
    const [, socket] = await pair(t), words = { bytes: [Buffer.from('the '), Buffer.from('page')], line: 'has got it' };
    const rows: [error: unknown, isOpen: boolean, words: RegExp][] = [
      [new ProtocolError(1002, 'bad'), true, /^\x88\x05\x03\xeabad$/],
      [new HttpError(426, 'Cannot, o.', { Upgrade: 'websocket' }), false,
        /^HTTP\/1\.1 426 Upgrade Required\r\n[^]*\r\nUpgrade: websocket\r\n\r\nCannot, o\.\n$/],
      // A fault of ours: nothing of it is told
      [new TypeError('secret'), true, /^\x88\x10\x03\xf3Internal error$/],
      [null, false, /^HTTP\/1\.1 500 Internal Server Error\r\n[^]*\r\n\r\nInternal error\.\n$/],
      // Anything that knows its bytes and its line
      [words, false, /^the page$/],
      [new Disconnect('why'), true, /^$/], [new Disconnect('why'), false, /^$/],
    ];
    for (const [error, isOpen, answer] of rows) {
      assert.match(told(t, socket, error, isOpen).bytes.toString('latin1'), answer);
      if (error instanceof Disconnect) assert.deepEqual(socket.linger, { l_onoff: 1, l_linger: 0 });
      else assert.notEqual(socket.linger.l_linger, 0, 'only who is cut is reset');
    }
  });
});

describe('what the operator is told', () => {
  test('who over TCP, with the address; what status or close code; why', async (t) => {
    const { socket, peer } = await accept(t, await listening(t));
    const who = `client ${socket.id} (127.0.0.1 port ${peer.localPort})`;
    for (const [error, line] of [
      [new ProtocolError(1002, 'Cannot read'), 'closed with 1002: Cannot read'],
      [new HttpError(400, 'Cannot read.'), 'refused with 400: Cannot read.'],
      [new Disconnect('it does not read'), 'disconnected: it does not read'],
      [{ bytes: [], line: 'has got the page' }, 'has got the page'],
    ] as const) assert.deepEqual(told(t, socket, error, true).lines, [`${who} ${line}\n`]);
  });
  test('a fault of ours is one line, and its stack once in a minute', async (t) => {
    const [, socket] = await pair(t);
    const error = new TypeError('ours\n');
    const [line, stack, ...more] = told(t, socket, error, true).lines;
    assert.match(line!, / dropped: TypeError: ours\\n\n$/);
    assert.match(stack!, /^fault of this server: TypeError: ours\n\n {4}at [^]*last_words\.test\.ts/);
    assert.deepEqual(more, []);
    assert.equal(told(t, socket, error, true).lines.length, 1);
    assert.match(told(t, socket, 'text', true).lines.join(''), / dropped: text\nfault of this server: text\n$/);
  });
  test('no client writes a line of its own there, or moves the cursor', async (t) => {
    const [, socket] = await pair(t);
    assert.match(told(t, socket, new HttpError(400, 'a\nb\x1b[2J'), false).lines.join(), /: a\\nb\\x1b\[2J\n$/);
    assert.match(told(t, socket, new ProtocolError(1002, 'a\r\nb\u202e'), true).lines.join(), /: a\\r\\nb\\u\{202e\}\n$/);
  });
  test('a client on a Unix socket has no address, nor has one that is gone', async (t) => {
    const { socket } = await accept(t, await listening(t, join(await folder(t), 'my.sock')));
    assert.deepEqual(told(t, socket, new ProtocolError(1002, 'why'), true).lines, [`client ${socket.id} closed with 1002: why\n`]);
    const { socket: gone } = await accept(t, await listening(t));
    gone.stream!.destroy();
    await once(gone.stream!, 'close');
    assert.deepEqual(told(t, gone, new HttpError(400, 'why'), false).lines, [`client ${gone.id} refused with 400: why\n`]);
  });
});

/** Faults that lie in this server: of one message, where what deflate() calls throws, and of no client's turn. */
const FAULT = `import zlib from 'node:zlib'; import { syncBuiltinESMExports } from 'node:module';
  const { deflateRawSync } = zlib;
  zlib.deflateRawSync = (bytes, options) => {
    if (bytes.includes('fault')) throw new TypeError('ours');
    return deflateRawSync(bytes, options);
  };
  syncBuiltinESMExports();
  process.on('SIGHUP', () => { throw new Error('on purpose'); });`;
/** Node's own flags, for a shell; encodeURIComponent leaves no space and no double quote. */
const WITH_FAULT = `NODE_OPTIONS="$NODE_OPTIONS --import data:text/javascript,${encodeURIComponent(FAULT)}" exec "$@"`;

test('the real server: a fault closes who meets it with 1011, its stack is printed once, the others go on', async (t) => {
  const program = await Program.startIn(WITH_FAULT, t, '--deflate');
  const innocent = await Wire.open(program.where);
  const message = frame(1, 'fault'.repeat(20));
  for (let i = 0; i < 3; i++) {
    const wire = await Wire.open(program.where, 'Sec-WebSocket-Extensions: permessage-deflate\r\n');
    wire.send(message);
    assert.deepEqual(await wire.frame(), { first: 0x88, payload: closing(1011, 'Internal error') });
    await wire.rest();
    wire.end();
    innocent.send(frame(1, 'hello'));
    assert.deepEqual(await innocent.frame(), { first: 0x81, payload: Buffer.from('hello') });
  }
  await program.reported(3);
  assert.equal(program.stderr.match(/dropped: TypeError: ours$/gm)?.length, 3);
  assert.equal(program.stderr.match(/^fault of this server: TypeError: ours\n {4}at /gm)?.length, 1);
  assert.equal(await program.stop('SIGHUP'), 1, 'an exception outside of any turn ends the process');
  assert.match(program.stderr, /Error: on purpose\n +at /);
  innocent.socket.destroy();
});
