/** What holds behind each proxy whose file stands here. Which of two servers a client has got is what subprotocol it agreed on. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import http from 'node:http';
import type net from 'node:net';
import { test, type TestContext } from 'node:test';
import { type Options, parseOptions } from '../../lib/program/options.ts';
import { Child } from '../child.ts';
import { folder, freePort } from '../helpers.ts';
import { Program } from '../program.ts';
import { closing, frame, request, type Where, Wire } from '../wire.ts';
import { find, missing } from './installed.ts';
import { players, stopServer } from './real_clients.ts';

const TEXT = 1, BINARY = 2, CONTINUATION = 0, CLOSE = 8, PING = 9, PONG = 10;
const FIN = 0b1000_0000;
export const NAMES = ['one', 'two'] as const;

type Name = (typeof NAMES)[number];
type Client = { wire: Wire; server: Name };
/** Lines of a configuration that are others in a test: old text -> new. */
type Changes = Record<string, string>;

/** A proxy, and what differs from one to the other. */
export interface Kind {
  name: string;
  config: string;
  /** Debian's package. */
  install: string;
  /** What a client is answered when there is no server. */
  status: number;
  /** Timeouts of a second; a worker of its own for each client. */
  short: Changes;
  workers: Changes;
  /** For a folder of the test's, and free ports. */
  changes(top: string, port: number, securePort: number): Changes;
  args(top: string): string[];
  /** Has it read its configuration again, and waits until its old worker takes no more clients. */
  reload(program: Child, top: string): Promise<unknown>;
}

interface House {
  program: Child;
  /** ws:// and wss:// */
  plain: Where;
  secure: Where;
  /** The folder of all its files. */
  top: string;
  one: Program;
  two: Program;
}

/** Flags of both servers, and what else is changed in the configuration. */
interface Setup {
  flags?: string[];
  changes?: Changes;
}

/** A test with two servers and the proxy in front of them, on free ports; skipped where it or openssl is not there. */
export function proxied(
  kind: Kind, what: string, { flags = [], changes }: Setup, play: (house: House, t: TestContext) => Promise<void>,
): void {
  test(what, async (t) => {
    const command = find([kind.name, `/usr/sbin/${kind.name}`], '-v'), openssl = find(['openssl'], 'version');
    if (command === null) return void missing(t, kind.name, `apt-get install ${kind.install}`);
    if (openssl === null) return void missing(t, 'openssl', 'apt-get install openssl');

    const top = await folder(t), config = `${top}/${kind.config}`, certificate = `${top}/echo.crt`, key = `${top}/echo.key`;
    // A throw-away certificate for 127.0.0.1, which signs itself
    const { status } = spawnSync(openssl, ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256',
      '-nodes', '-days', '1', '-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1',
      '-keyout', key, '-out', certificate]);
    assert.equal(status, 0);
    const ca = await readFile(certificate, 'utf8'), host = '127.0.0.1';
    await writeFile(`${top}/echo.pem`, ca + await readFile(key, 'utf8'));
    // A proxy cannot be asked to take some. These were free a moment ago, both at once
    const [port, securePort] = await Promise.all([freePort(), freePort()]);
    let text = await readFile(new URL(kind.config, import.meta.url), 'utf8');
    for (const [from, to] of Object.entries({ ...kind.changes(top, port, securePort), ...changes })) {
      assert.ok(text.includes(from), `${kind.config} has: ${from}`);
      text = text.replaceAll(from, to);
    }
    await writeFile(config, text);

    const [one, two] = await Promise.all(NAMES.map((name) => startServer(t, top, name, ...flags)));
    // haproxy has workers that only a signal for the whole group ends
    const program = new Child(t, command, kind.args(top), { group: true });
    // The listening sockets are there before nginx starts its first worker
    await program.says('stderr', /start worker process \d|Loading success/);
    const secure = { host, port: securePort, ca };
    const house = { program, plain: { host, port }, secure, top, one: one!, two: two! };
    // It ends before its folder is removed: haproxy's master may still put its socket there
    await play(house, t).finally(() => program.end());
  });
}

function startServer(t: TestContext, top: string, name: Name, ...flags: string[]): Promise<Program> {
  return Program.start(t, '--quiet', '--address', `${top}/${name}.sock`, '--subprotocol', name, ...flags);
}

/** A client that lies about its address. */
async function join(where: Where): Promise<Client> {
  const wire = await Wire.connect(where);
  wire.send(request({
    'Host': 'echo.example:8443', 'X-Forwarded-For': '192.0.2.1', 'Sec-WebSocket-Protocol': NAMES.join(', '),
  }));
  const head = await wire.head();
  assert.match(head, /^HTTP\/1\.1 101 /);
  const name = /\r\nSec-WebSocket-Protocol: (\w+)\r\n/i.exec(head)?.[1];
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

export function behindProxy(kind: Kind): void {
  for (const { name, expected, play } of players) {
    proxied(kind, `${name} gets every message back and closes cleanly, over wss`, { flags: ['--deflate'] }, async (house, t) => {
      // Node's name for it, and OpenSSL's own, which is Python's
      const names = ['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE'];
      for (const name of names) process.env[name] = `${house.top}/echo.crt`;
      t.after(() => names.forEach((name) => delete process.env[name]));
      const { host, port } = house.secure as net.TcpNetConnectOpts;
      const report = await play(t, `wss://${host}:${port}`);
      if (report === null) return;
      assert.deepEqual(report, expected);
      for (const server of [house.one, house.two]) await stopServer(server);
    });
  }

  for (const scheme of ['plain', 'secure'] as const) {
    proxied(kind, `long and fragmented messages, pings and Close codes pass, ${scheme}`, {}, async (house) => {
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

  proxied(kind, 'the request comes to the server as the client wrote it, and its answer to the client', {
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

  proxied(kind, 'each new client goes to the server that has the fewest, whichever worker takes it', {
    changes: kind.workers,
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
      proxied(kind, `${signal} for one: its clients get the other, whose own lose nothing, ${scheme}`, {}, async (house, t) => {
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
        await startServer(t, house.top, 'one');
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

  proxied(kind, `no server: ${kind.status}, and as soon as there is one again 101`, {}, async (house, t) => {
    await Promise.all([house.one.stop('SIGKILL'), house.two.stop('SIGKILL')]);
    const statusOf = async (): Promise<number> => {
      const wire = await Wire.connect(house.plain);
      wire.send(request());
      const head = await wire.head();
      wire.end();
      return Number(head.split(' ')[1]);
    };
    assert.equal(await statusOf(), kind.status);
    await startServer(t, house.top, 'two');
    let status;
    while ((status = await statusOf()) === kind.status);
    assert.equal(status, 101);
  });

  proxied(kind, 'a full server (503) is told the Host and address of the client; the next one is asked', {}, async (house, t) => {
    await house.one.stop();
    const heads: http.IncomingHttpHeaders[] = [];
    // It is well: that is what a health check asks
    const full = http.createServer((_, response) => response.end()).on('upgrade', ({ headers }, socket) => {
      heads.push(headers);
      socket.on('error', () => {}).end('HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n');
    }).listen(`${house.top}/one.sock`);
    t.after(() => full.close());
    await once(full, 'listening');

    while (heads.length === 0) assert.equal((await join(house.secure)).server, 'two');
    // Not what the client says itself
    assert.deepEqual([heads[0]!.host, heads[0]!['x-forwarded-for']], ['echo.example:8443', '127.0.0.1']);
  });

  proxied(kind, 'a server that hangs: the next one is asked after its timeout', { changes: kind.short }, async (house) => {
    // The system still takes connections for it
    house.one.process.kill('SIGSTOP');
    try {
      const clients = await joinMany(4, house.plain);
      assert.equal(of('two', clients).length, 4);
    } finally {
      house.one.process.kill('SIGCONT');
    }
  });

  proxied(kind, 'who says nothing for the timeout is cut; who talks is not', { changes: kind.short }, async (house) => {
    const [silent, talking] = await joinMany(2, house.plain);
    let isOver = false;
    const talk = chat(talking!.wire, () => isOver);
    assert.equal((await silent!.wire.rest()).length, 0);
    isOver = true;
    await talk;
    await echoes(talking!.wire);
  });

  proxied(kind, 'who only answers the pings of the server is not cut either', {
    flags: ['--ping-interval', '0.3'], changes: kind.short,
  }, async (house) => {
    const { wire } = await join(house.plain);
    // Past the timeout twice
    for (let pings = 0; pings < 8; pings++) {
      const { first, payload } = await wire.frame();
      assert.equal(first, FIN | PING);
      wire.send(frame(PONG, payload));
    }
    await echoes(wire);
  });

  test('the timeout is longer than two of the pings that the server sends by default', async () => {
    const config = await readFile(new URL(kind.config, import.meta.url), 'utf8');
    const { pingInterval } = parseOptions([]) as Options;
    assert.ok(Number(/(?:proxy_read_timeout|timeout tunnel) (\d+)s/.exec(config)?.[1]) > 2 * pingInterval);
  });

  proxied(kind, 'a reload does not disturb who is there', {}, async (house) => {
    const { wire } = await join(house.secure);
    await kind.reload(house.program, house.top);
    await echoes(wire);
    await echoes((await join(house.secure)).wire);
    await echoes(wire, 'still here');
  });
}
