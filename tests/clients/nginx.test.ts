/** README's nginx.conf in front of two servers. Which of them a client has got is what subprotocol it agreed on. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import net from 'node:net';
import { describe, test, type TestContext } from 'node:test';
import { type Options, parseOptions } from '../../lib/program/options.ts';
import { Program } from '../program.ts';
import { closing, frame, request, type Where, Wire } from '../wire.ts';
import { type Nginx, startNginx } from './nginx.ts';
import { players, stopServer } from './real_clients.ts';

const TEXT = 1, BINARY = 2, CONTINUATION = 0, CLOSE = 8, PING = 9, PONG = 10;
const FIN = 0b1000_0000;
const NAMES = ['one', 'two'] as const;

type Name = (typeof NAMES)[number];
type Client = { wire: Wire; server: Name };
type House = Nginx & { one: Program; two: Program };

/** Flags of both servers (none: they are not started), and lines of nginx.conf that are others. */
interface Setup {
  flags?: string[] | null;
  changes?: Record<string, string>;
}

const SHORT = { 'proxy_read_timeout 75s': 'proxy_read_timeout 1s' };

/** A test with two servers, and nginx in front of them; skipped where it is not there. */
function proxied(
  what: string, { flags = [], changes = {} }: Setup, play: (house: House, t: TestContext) => Promise<void>,
): void {
  test(what, async (t) => {
    const nginx = await startNginx(t, changes);
    if (nginx === null) return;
    const servers = flags === null ? [] : await Promise.all(NAMES.map((name) => startServer(t, nginx, name, ...flags)));
    await play({ ...nginx, one: servers[0]!, two: servers[1]! }, t);
  });
}

function startServer(t: TestContext, { sockets }: Nginx, name: Name, ...flags: string[]): Promise<Program> {
  return Program.start(t, '--quiet', '--address', sockets[NAMES.indexOf(name)]!, '--subprotocol', name, ...flags);
}

async function join(where: Where): Promise<Client> {
  const wire = await Wire.connect(where);
  wire.send(request({ 'Sec-WebSocket-Protocol': NAMES.join(', ') }));
  const head = await wire.head();
  assert.match(head, /^HTTP\/1\.1 101 /);
  const name = /\r\nSec-WebSocket-Protocol: (\w+)\r\n/.exec(head)?.[1];
  assert.ok(name === 'one' || name === 'two', head);
  return { wire, server: name };
}

function joinMany(count: number, where: Where): Promise<Client[]> {
  return Promise.all(Array.from({ length: count }, () => join(where)));
}

function of(server: Name, clients: Client[]): Wire[] {
  return clients.filter((client) => client.server === server).map(({ wire }) => wire);
}

async function echoes(wire: Wire, message = 'hello'): Promise<void> {
  wire.send(frame(TEXT, message));
  assert.deepEqual(await wire.frame(), { first: FIN | TEXT, payload: Buffer.from(message) });
}

/** Numbered messages, 16 of them on their way at any time. @returns how many came back: all of them, in order */
async function chat(wire: Wire, isOver: () => boolean): Promise<number> {
  let sent = 0, received = 0;
  const send = (): void => wire.send(frame(TEXT, String(sent++)));
  while (sent < 16) send();
  for (; received < sent; received++) {
    assert.equal((await wire.frame()).payload.toString(), String(received));
    if (!isOver()) send();
  }
  return received;
}

/** A server that gives everybody this answer. @returns the heads of their requests, as they come */
async function listen(t: TestContext, path: string, status: string): Promise<string[]> {
  const heads: string[] = [];
  const server = net.createServer((socket) => {
    socket.on('error', () => {}).once('data', (head) => {
      heads.push(head.toString().replaceAll('\r\n', '\n'));
      socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    });
  });
  server.listen(path);
  await once(server, 'listening');
  t.after(() => { server.close(); });
  return heads;
}

describe('nginx in front of two servers', () => {
  for (const { name, expected, play } of players) {
    proxied(`${name} gets every message back and closes cleanly, over wss`, { flags: ['--deflate'] }, async (house, t) => {
      // Node's name for it, and OpenSSL's own, which is Python's
      const names = ['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE'];
      for (const name of names) process.env[name] = house.certificate;
      t.after(() => names.forEach((name) => delete process.env[name]));
      const { host, port } = house.secure as net.TcpNetConnectOpts;
      const report = await play(t, `wss://${host}:${port}`);
      if (report === null) return;
      assert.deepEqual(report, expected);
      for (const server of [house.one, house.two]) await stopServer(server);
    });
  }

  for (const scheme of ['plain', 'secure'] as const) {
    proxied(`long and fragmented messages, pings and Close codes pass, ${scheme}`, {}, async (house) => {
      const [{ wire }, wrong] = [await join(house[scheme]), await join(house[scheme])];
      const bytes = Buffer.from(Uint8Array.from({ length: 8 * 1024 * 1024 }, (_, i) => i % 251));
      wire.send(frame(BINARY, bytes));
      const { first, payload } = await wire.frame();
      assert.equal(first, FIN | BINARY);
      assert.ok(payload.equals(bytes));

      wire.send(frame(TEXT, '你', { fin: false }), frame(PING, 'in between'), frame(CONTINUATION, '好'));
      assert.deepEqual(await wire.frame(), { first: FIN | PONG, payload: Buffer.from('in between') });
      assert.deepEqual(await wire.frame(), { first: FIN | TEXT, payload: Buffer.from('你好') });

      wire.send(frame(CLOSE, closing(3001, 'bye')));
      assert.deepEqual(await wire.frame(), { first: FIN | CLOSE, payload: closing(3001, 'bye') });
      wire.end();
      assert.equal((await wire.rest()).length, 0);
      wrong.wire.send(frame(TEXT, 'hello', { masked: false }));
      assert.equal((await wrong.wire.frame()).payload.readUInt16BE(), 1002);
    });
  }

  proxied('the request comes to the server as the client wrote it, and its answer to the client', {
    flags: ['--origin', 'https://example.com'],
  }, async (house) => {
    for (const [bytes, status] of [
      [request({ Origin: 'https://example.com' }), 101], [request({ Origin: 'https://example.org' }), 403],
      [request(), 403],
      [request({ 'Upgrade': null, 'Connection': null, 'Sec-WebSocket-Key': null }, 'GET /chat HTTP/1.1'), 426],
    ] as const) {
      const wire = await Wire.connect(house.secure);
      wire.send(bytes);
      assert.match(await wire.head(), new RegExp(`^HTTP/1\\.1 ${status} `));
    }
  });

  proxied('the server is told the name that the client called, and its address', { flags: null }, async (house, t) => {
    const heads = await listen(t, house.sockets[0], '400 Bad Request');
    const wire = await Wire.connect(house.secure);
    wire.send(request({ 'Host': 'echo.example:8443', 'X-Forwarded-For': '192.0.2.1' }));
    assert.match(await wire.head(), /^HTTP\/1\.1 400 /);
    const [head = ''] = heads;
    assert.match(head, /^Host: echo\.example:8443$/m);
    // Not what the client says itself
    assert.deepEqual(head.match(/^X-Forwarded-For: .*$/gm), ['X-Forwarded-For: 127.0.0.1']);
  });

  proxied('each new client goes to the server that has the fewest, whichever worker takes it', {
    // Each worker gets its own: else the first that is idle takes them all
    changes: { 'worker_processes auto': 'worker_processes 4', ' backlog=4096': ' reuseport backlog=4096' },
  }, async (house) => {
    const clients: Client[] = [];
    while (clients.length < 12) {
      clients.push(await join(house.plain), await join(house.plain));
      assert.equal(of('one', clients).length, of('two', clients).length);
    }

    for (const wire of of('one', clients)) {
      wire.send(frame(CLOSE, closing(1000)));
      await wire.frame();
      wire.end();
      await wire.rest();
    }
    const later: Client[] = [];
    for (let i = 0; i < 6; i++) later.push(await join(house.plain));
    assert.equal(of('one', later).length, 6);
  });

  for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
    for (const scheme of ['plain', 'secure'] as const) {
      proxied(`${signal} for one: its clients get the other, whose own lose nothing, ${scheme}`, {}, async (house, t) => {
        const clients = await joinMany(20, house[scheme]);
        const orphans = of('one', clients), others = of('two', clients);
        assert.ok(orphans.length > 0 && others.length > 0);
        await Promise.all(orphans.map((wire) => echoes(wire)));

        let isOver = false;
        const chats = Promise.all(others.map((wire) => chat(wire, () => isOver)));
        house.one.process.kill(signal);
        const again = await Promise.all(orphans.map(async (wire) => {
          if (signal === 'SIGTERM') {
            assert.deepEqual(await wire.frame(), { first: FIN | CLOSE, payload: closing(1001) });
            wire.send(frame(CLOSE, closing(1001)));
            wire.end();
          } else {
            // 1006, in the words of the API: an end without a Close
            assert.equal((await wire.rest()).length, 0);
          }
          return join(house[scheme]);
        }));
        assert.equal(of('two', again).length, orphans.length);
        await Promise.all(again.map(({ wire }) => echoes(wire)));
        assert.equal(await house.one.ended, signal === 'SIGTERM' ? 0 : null);

        isOver = true;
        const counts = await chats;
        t.diagnostic(`${orphans.length} moved; ${others.length} others had ${counts.reduce((a, b) => a + b)} answers`);

        // Back at the same path: found again, by itself
        await startServer(t, house, 'one');
        for (let name: Name = 'two'; name === 'two'; ) {
          const { wire, server } = await join(house[scheme]);
          await echoes(wire);
          wire.end();
          name = server;
        }
        await Promise.all(others.map((wire) => echoes(wire, 'still here')));
      });
    }
  }

  proxied('no server: 502, and as soon as there is one again 101', {}, async (house, t) => {
    await Promise.all([house.one.stop('SIGKILL'), house.two.stop('SIGKILL')]);
    const statusOf = async (): Promise<number> => {
      const wire = await Wire.connect(house.plain);
      wire.send(request());
      const head = await wire.head();
      wire.end();
      return Number(head.split(' ')[1]);
    };
    assert.equal(await statusOf(), 502);
    await startServer(t, house, 'two');
    let status;
    while ((status = await statusOf()) === 502);
    assert.equal(status, 101);
  });

  proxied('a server that is full (503): the next one is asked', { flags: null }, async (house, t) => {
    const heads = await listen(t, house.sockets[0], '503 Service Unavailable');
    await startServer(t, house, 'two');
    const clients = await joinMany(8, house.plain);
    assert.equal(of('two', clients).length, 8);
    assert.ok(heads.length > 0);
  });

  proxied('a server that hangs: the next one is asked after proxy_read_timeout', { changes: SHORT }, async (house) => {
    // The system still takes connections for it
    house.one.process.kill('SIGSTOP');
    try {
      const clients = await joinMany(4, house.plain);
      assert.equal(of('two', clients).length, 4);
    } finally {
      house.one.process.kill('SIGCONT');
    }
  });

  proxied('who says nothing for proxy_read_timeout is cut; who talks is not', { changes: SHORT }, async (house) => {
    const [silent, talking] = await joinMany(2, house.plain);
    let isOver = false;
    const talk = chat(talking!.wire, () => isOver);
    assert.equal((await silent!.wire.rest()).length, 0);
    isOver = true;
    await talk;
    await echoes(talking!.wire);
  });

  proxied('who only answers the pings of the server is not cut either', {
    flags: ['--ping-interval', '0.3'], changes: SHORT,
  }, async (house) => {
    const { wire } = await join(house.plain);
    // Past proxy_read_timeout twice
    for (let pings = 0; pings < 8; pings++) {
      const { first, payload } = await wire.frame();
      assert.equal(first, FIN | PING);
      wire.send(frame(PONG, payload));
    }
    await echoes(wire);
  });

  test('proxy_read_timeout is longer than two of the pings that the server sends by default', async () => {
    const config = await readFile(new URL('nginx.conf', import.meta.url), 'utf8');
    const { pingInterval } = parseOptions([]) as Options;
    assert.ok(Number(/proxy_read_timeout (\d+)s;/.exec(config)?.[1]) > 2 * pingInterval);
  });

  proxied('a reload does not disturb who is there', {}, async (house) => {
    const { wire } = await join(house.secure);
    house.program.process.kill('SIGHUP');
    await house.program.says('stderr', /gracefully shutting down/);
    await echoes(wire);
    await echoes((await join(house.secure)).wire);
    await echoes(wire, 'still here');
  });
});
