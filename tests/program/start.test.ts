import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import {
  AF_INET, AF_INET6, AF_UNIX, SOCK_STREAM, socket_bind, socket_close, socket_create, socket_listen,
} from '../../lib/php/sockets.ts';
import { parseOptions } from '../../lib/program/options.ts';
import { giveUp, urlOf } from '../../lib/program/start.ts';
import { folder, run } from '../helpers.ts';

async function listen(t: TestContext, where: net.ListenOptions): Promise<net.Server> {
  const server = net.createServer().listen(where);
  t.after(() => server.close());
  await once(server, 'listening');
  return server;
}

test('urlOf(): an address that can be opened, with the real port, or a path; none where nobody listens', async (t) => {
  const path = join(await folder(t), 'my.sock');
  for (const [domain, address, url] of [
    [AF_INET, '127.0.0.1', 'ws://127.0.0.1:'], [AF_INET, '0.0.0.0', 'ws://127.0.0.1:'],
    [AF_INET, '127.0.0.2', 'ws://127.0.0.2:'], [AF_INET6, '::1', 'ws://[::1]:'], [AF_INET6, '::', 'ws://[::1]:'],
    [AF_UNIX, path, `unix:${path}`],
  ] as const) {
    const server = socket_create(domain, SOCK_STREAM, 0);
    t.after(() => socket_close(server));
    socket_bind(server, address);
    assert.throws(() => urlOf(server), RangeError);
    await socket_listen(server);
    const port = domain === AF_UNIX ? '' : new URL(urlOf(server)).port;
    assert.equal(urlOf(server), url + port);
    const host = /\/\/\[?(.*?)\]?:$/.exec(url)?.[1];
    const client = net.connect(host === undefined ? { path } : { host, port: Number(port) });
    await once(client, 'connect');
    client.destroy();
  }
});

describe('giveUp()', () => {
  test('says what to do where an address is not ours, or no folder is there; the status is 1', async (t) => {
    for (const [domain, address, line] of [
      [AF_INET, '192.0.2.1', /^server\.ts: Cannot listen on 192\.0\.2\.1 .*EADDRNOTAVAIL.* not have that address.*$/],
      [AF_UNIX, join(await folder(t), 'no', 'my.sock'), /^server\.ts: .*no such folder.*$/],
    ] as const) {
      const server = socket_create(domain, SOCK_STREAM, 0), print = t.mock.method(console, 'error', () => {});
      const exit = t.mock.method(process, 'exit', () => undefined as never);
      socket_bind(server, address);
      await assert.doesNotReject(socket_listen(server).catch(giveUp));
      socket_close(server);
      assert.match(print.mock.calls.flatMap((call) => call.arguments as unknown[]).join('\n'), line);
      assert.equal(exit.mock.calls[0]?.arguments[0], 1);
      t.mock.restoreAll();
    }
  });
  test('is for what the system refuses: any other error is thrown on', () => {
    assert.throws(() => giveUp(new TypeError('ours')), { name: 'TypeError', message: 'ours' });
  });
});

describe('server.ts as a process', { concurrency: true }, () => {
  /** Ends with this status, and says so on one line of standard error and nowhere else. */
  async function refuses(status: number, line: RegExp, ...args: string[]): Promise<void> {
    const ended = await run('server.ts', ...args);
    assert.match(ended.stderr, /^server\.ts: .+\n$/, 'one line');
    assert.match(ended.stderr, line);
    assert.deepEqual([ended.status, ended.stdout], [status, '']);
  }

  test('--help and --version print on standard output and end with status 0', async () => {
    for (const flag of ['--help', '--version']) {
      assert.deepEqual(await run('server.ts', flag), { status: 0, stdout: parseOptions([flag]), stderr: '' });
    }
  });

  test('an unknown flag ends it with status 2', () => refuses(2, /'--bogus' \(--help lists all\)$/m, '--bogus'));

  test('a port in use ends it with status 1 and says what to do', async (t) => {
    const { port } = (await listen(t, { port: 0, host: '127.0.0.1' })).address() as net.AddressInfo;
    await refuses(1, new RegExp(`Cannot listen on 127\\.0\\.0\\.1 port ${port}: .*EADDRINUSE.* choose another --port`),
      '--address', '127.0.0.1', '--port', String(port));
  });

  test('a Unix socket that is in use, or a file at its path, ends it with status 1, and stays as it is', async (t) => {
    const path = join(await folder(t), 'my.sock');
    await listen(t, { path });
    await refuses(1, /my\.sock: .*EADDRINUSE.* Another program listens there, or a file has/, '--address', path);
    const client = net.connect(path);
    await once(client, 'connect');
    client.destroy();
  });
});
