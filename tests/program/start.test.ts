import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
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

describe('urlOf(): an address that can be opened', () => {
  for (const [domain, address, host] of [
    [AF_INET, '127.0.0.1', '127.0.0.1'], [AF_INET, '0.0.0.0', '127.0.0.1'], [AF_INET, '127.0.0.2', '127.0.0.2'],
    [AF_INET6, '::1', '[::1]'], [AF_INET6, '::', '[::1]'],
  ] as const) {
    test(`${address} is ws://${host}, with the real port`, async (t) => {
      const server = socket_create(domain, SOCK_STREAM, 0);
      t.after(() => socket_close(server));
      socket_bind(server, address);
      await socket_listen(server);
      const url = new URL(urlOf(server));
      assert.equal(urlOf(server), `ws://${host}:${url.port}`);
      const client = net.connect(Number(url.port), host.replace(/[[\]]/g, ''));
      await once(client, 'connect');
      client.destroy();
    });
  }

  test('a path is unix:path', async (t) => {
    const path = join(await folder(t), 'my.sock');
    const server = socket_create(AF_UNIX, SOCK_STREAM, 0);
    t.after(() => socket_close(server));
    socket_bind(server, path);
    await socket_listen(server);
    assert.equal(urlOf(server), `unix:${path}`);
  });

  test('a socket that does not listen has none', () => {
    assert.throws(() => urlOf(socket_create(AF_INET, SOCK_STREAM, 0)), RangeError);
  });
});

describe('giveUp()', () => {
  /** What it prints when a server cannot listen there, and the exit status. */
  async function givesUp(t: TestContext, domain: number, address: string): Promise<[lines: unknown[], status: unknown]> {
    const server = socket_create(domain, SOCK_STREAM, 0);
    t.after(() => socket_close(server));
    socket_bind(server, address);
    const print = t.mock.method(console, 'error', () => {}), exit = t.mock.method(process, 'exit', () => undefined as never);
    await assert.doesNotReject(socket_listen(server).catch(giveUp));
    return [print.mock.calls.flatMap((call) => call.arguments as unknown[]), exit.mock.calls[0]?.arguments[0]];
  }

  test('says of an address that is not ours what to do; the status is 1', async (t) => {
    const [lines, status] = await givesUp(t, AF_INET, '192.0.2.1');
    assert.match(lines.join('\n'), /^server\.ts: Cannot listen on 192\.0\.2\.1 .*EADDRNOTAVAIL.*does not have that address.*$/);
    assert.equal(status, 1);
  });
  test('says of a path in a folder that is not there that there is no such folder', async (t) => {
    const [lines, status] = await givesUp(t, AF_UNIX, join(await folder(t), 'no', 'my.sock'));
    assert.match(lines.join('\n'), /^server\.ts: .*no such folder.*$/);
    assert.equal(status, 1);
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

  test('a Unix socket that is in use ends it with status 1, and the one who uses it goes on', async (t) => {
    const path = join(await folder(t), 'my.sock');
    await listen(t, { path });
    await refuses(1, /my\.sock: .*EADDRINUSE.* Another program listens there, /, '--address', path);
    const client = net.connect(path);
    await once(client, 'connect');
    client.destroy();
  });

  test('a regular file at a Unix path ends it with status 1 and stays as it is', async (t) => {
    const path = join(await folder(t), 'file');
    await writeFile(path, 'precious');
    await refuses(1, /file: .*EADDRINUSE.* or a file has that name: /, '--address', path);
    assert.equal(await readFile(path, 'utf8'), 'precious');
  });
});
