/** The load against servers that do wrong: each is found out. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { describe, test, type TestContext } from 'node:test';
import { ACCEPT } from '../wire.ts';
import { measure } from './measure.ts';
import { type Row, ROWS } from './rows.ts';

const SHORT = 0.1;
const HEAD = `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ${ACCEPT}\r\n\r\n`;
const row = (changes: Partial<Row> = {}): Row => ({ ...ROWS[0]!, clients: 2, ...changes });

/** A server that sends this for the handshake, and that for what comes later; its port. */
async function serve(t: TestContext, head: string, answer: (bytes: Buffer) => Buffer | null): Promise<number> {
  const server = net.createServer((socket) => {
    socket.once('data', () => {
      socket.write(head);
      socket.on('data', (bytes) => {
        const bytesBack = answer(bytes);
        if (bytesBack === null) socket.end();
        else socket.write(bytesBack);
      });
    });
    socket.on('error', () => {});
  }).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  return (server.address() as net.AddressInfo).port;
}

/** A right answer to one masked frame of less than 126 bytes. */
function echo(frame: Buffer): Buffer {
  return Buffer.from([0x81, frame[1]! & 0x7f, ...frame.subarray(6).map((byte, i) => byte ^ frame[2 + i % 4]!)]);
}

describe('measure()', () => {
  test('measures a server that does right', async (t) => {
    const port = await serve(t, HEAD, echo);
    const figures = await measure(row({ idle: 3 }), { port, pids: [process.pid], raw: false }, SHORT);
    assert.ok(figures.rate! > 0 && figures.p99! >= figures.p50! && figures.bytes! > 0);
    if (process.platform === 'linux') assert.ok(figures.rss! > 0 && figures.server! > 0);
  });
  test('has no CPU time and no memory where the system does not tell', async (t) => {
    const port = await serve(t, HEAD, echo);
    const figures = await measure(row(), { port, pids: [], raw: false }, SHORT);
    assert.deepEqual([figures.cpu, figures.rss, figures.server], [undefined, undefined, undefined]);
  });

  const wrong: [string, string, (bytes: Buffer) => Buffer | null, RegExp, Partial<Row>?][] = [
    ['a refused handshake', 'HTTP/1.1 503 Service Unavailable\r\n\r\n', echo, /answers the handshake with HTTP\/1\.1 503/],
    ['a wrong accept value', HEAD.replace(ACCEPT, 'AAAA'), echo, /wrong Sec-WebSocket-Accept/],
    ['no deflate', HEAD, echo, /does not agree on permessage-deflate/, { deflate: true, size: 100 }],
    ['another text', HEAD, (bytes) => echo(bytes).fill('x', 5), /An answer is wrong/],
    ['an answer too many', HEAD, (bytes) => Buffer.concat([echo(bytes), echo(bytes)]), /more than it was sent/],
    ['a close', HEAD, () => null, /has closed a connection/],
    ['no answer', HEAD, () => Buffer.alloc(0), /answers nothing within 0\.3 seconds/],
  ];
  for (const [name, head, answer, message, changes] of wrong) {
    test(`finds ${name}`, async (t) => {
      const port = await serve(t, head, answer);
      await assert.rejects(measure(row(changes), { port, pids: [], raw: false }, SHORT, 300), message);
    });
  }
  test('finds that one message is lost while all other clients are answered', async (t) => {
    let isLost = false;
    const port = await serve(t, HEAD, (bytes) => {
      if (isLost) return echo(bytes);
      isLost = true;
      return Buffer.alloc(0);
    });
    await assert.rejects(measure(row(), { port, pids: [], raw: false }, SHORT, 200), /does not answer all messages/);
  });
  test('finds it in new connections and in memory too', async (t) => {
    const port = await serve(t, HEAD, (bytes) => echo(bytes).fill('x', 5));
    for (const kind of ['connections', 'memory'] as const) {
      await assert.rejects(measure(row({ kind }), { port, pids: [], raw: false }, SHORT), /An answer is wrong/);
    }
  });
});
