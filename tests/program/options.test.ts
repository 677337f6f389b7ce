import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { giveUp, type Options, parseOptions, urlOf, UsageError } from '../../lib/program/options.ts';
import {
  AF_INET, AF_INET6, AF_UNIX, SOCK_STREAM, socket_bind, socket_close, socket_create, socket_listen,
} from '../../lib/php/sockets.ts';
import { folder, run } from '../helpers.ts';

const QUARTER = Math.floor(Math.min(totalmem(), process.constrainedMemory() || Infinity) / 4);

/** Reads these arguments: all is as without them but for these options. */
function reads(args: string[], changed: Partial<Options>): void {
  assert.deepEqual(parseOptions(args), { ...parseOptions([]) as Options, ...changed });
}

async function listen(t: TestContext, where: net.ListenOptions): Promise<net.Server> {
  const server = net.createServer().listen(where);
  t.after(() => server.close());
  await once(server, 'listening');
  return server;
}

describe('parseOptions(): each flag', () => {
  test('without any it is the article\'s address and port', () => {
    reads([], {
      domain: AF_INET, address: '0.0.0.0', port: 8081, quiet: false, trace: false,
      deflate: false, strict: false, subprotocols: [], origins: [], closeTimeout: 5, handshakeTimeout: 10, pingInterval: 30,
      writeTimeout: 30, maxPayload: 16 * 1024 * 1024, maxClients: 10_000, maxMemory: QUARTER,
    });
  });

  test('--port takes 0 to 65535', () => {
    for (const port of [0, 1, 80, 8081, 65535]) {
      reads(['--port', String(port)], { port });
      reads([`--port=${port}`], { port });
    }
  });

  test('--address takes IPv4, with a colon IPv6, with a slash the path of a Unix socket', () => {
    const addresses = {
      [AF_INET]: ['127.0.0.1', '0.0.0.0', '192.0.2.1'],
      [AF_INET6]: ['::', '::1', '2001:db8::1', '::ffff:127.0.0.1'],
      [AF_UNIX]: ['./my.sock', '/tmp/my.sock', '/tmp/a:b', './127.0.0.1'],
    };
    for (const [domain, those] of Object.entries(addresses)) {
      for (const address of those) reads(['--address', address], { domain: Number(domain), address });
    }
  });

  test('--quiet, --trace, --deflate and --strict take no value', () => {
    for (const flag of ['quiet', 'trace', 'deflate', 'strict']) reads([`--${flag}`], { [flag]: true });
  });

  test('--subprotocol takes a list of names', () => {
    reads(['--subprotocol', 'chat'], { subprotocols: ['chat'] });
    reads(['--subprotocol', ' chat , super.chat,,'], { subprotocols: ['chat', 'super.chat'] });
  });

  test('--origin may come more than once, and becomes what a browser writes', () => {
    reads(['--origin', 'https://example.com', '--origin', 'null'], { origins: ['https://example.com', 'null'] });
    for (const text of ['https://Example.COM', 'https://example.com:443', 'https://example.com/']) {
      reads(['--origin', text], { origins: ['https://example.com'] });
    }
    reads(['--origin', 'chrome-extension://abc'], { origins: ['chrome-extension://abc'] });
    reads(['--origin', 'http://127.0.0.1:8080'], { origins: ['http://127.0.0.1:8080'] });
  });

  test('--close-timeout takes seconds and parts of them', () => {
    for (const seconds of [0.001, 0.5, 5, 60]) reads(['--close-timeout', String(seconds)], { closeTimeout: seconds });
  });

  test('the other times too, and 0 means never where a Ping is due', () => {
    reads(['--handshake-timeout', '0.5'], { handshakeTimeout: 0.5 });
    reads(['--write-timeout', '60'], { writeTimeout: 60 });
    reads(['--ping-interval', '0.25'], { pingInterval: 0.25 });
    reads(['--ping-interval', '0'], { pingInterval: 0 });
  });

  test('sizes are bytes, or K, M and G of them', () => {
    for (const [text, maxPayload] of [['1', 1], ['65536', 65536], ['64K', 65536], ['16m', 16 << 20], ['1G', 1 << 30]] as const) {
      reads(['--max-payload', text], { maxPayload });
      reads(['--max-memory', text], { maxMemory: maxPayload });
    }
    reads(['--max-memory', '8G'], { maxMemory: 8 * 2 ** 30 });
    assert.throws(() => parseOptions(['--max-payload', '2G']), { message: /^--max-payload '2G' is too much: give 1024M / });
  });

  test('--max-clients is a number', () => reads(['--max-clients', '1'], { maxClients: 1 }));

  test('several at once', () => {
    reads(['--quiet', '--port=0', '--address', '::1'], { domain: AF_INET6, address: '::1', port: 0, quiet: true });
  });

  test('what would be taken for something else is refused', () => {
    const wrong = [
      ['--close-timeout', '0'], ['--close-timeout', 'x'], ['--subprotocol', ','], ['--subprotocol', 'a b'],
      ['--origin', 'example.com'], ['--origin', 'https://example.com/page'], ['--origin', 'https://me@example.com'],
    ];
    for (const args of wrong) assert.throws(() => parseOptions(args), UsageError, args.join(' '));
  });

  test('--help is a text that names each flag, whatever stands beside it', () => {
    for (const args of [['--help'], ['--help', '--version', '--port', 'x', '--address', 'y']]) {
      const help = parseOptions(args);
      assert.ok(typeof help === 'string' && help.endsWith('\n'));
      for (const flag of ['port', 'address', 'quiet', 'help', 'version']) assert.ok(help.includes(`\n  --${flag} `));
    }
  });

  test('--version is package.json\'s', async () => {
    const file = await readFile(new URL('../../package.json', import.meta.url), 'utf8');
    assert.equal(parseOptions(['--version', '--port', 'x']), `${(JSON.parse(file) as { version: string }).version}\n`);
  });
});

describe('parseOptions(): a wrong command line says what would be right', () => {
  const name = 'UsageError';

  test('a port that is none', () => {
    for (const port of ['', 'x', '65536', '99999', '123456', '8081x', '80.5', '1e3', '0x50', ' 80', '٨٠', '-1']) {
      const message = `--port '${port}' is no port: give a number from 0 to 65535`;
      assert.throws(() => parseOptions([`--port=${port}`]), { name, message });
    }
  });

  test('an address that is none', () => {
    for (const address of ['', 'nonsense', 'localhost', '1.2.3', '256.0.0.1', '01.2.3.4']) {
      const message = `--address '${address}' is no address: give an IPv4 address (127.0.0.1), an IPv6 address (::1) ` +
        'or the path of a Unix socket (./my.sock)';
      assert.throws(() => parseOptions([`--address=${address}`]), { name, message });
    }
  });

  test('an address with a colon that is not IPv6', () => {
    for (const address of [':', '127.0.0.1:8081', '[::1]', '[::1]:8081', 'localhost:8081', '1::2::3']) {
      const message = `--address '${address}' is no IPv6 address: give one without brackets and port, such as ::1`;
      assert.throws(() => parseOptions([`--address=${address}`]), { name, message });
    }
  });

  test('a subprotocol that is no name, an origin that is none, a time that is none', () => {
    const wrong: Record<string, string[]> = {
      'subprotocol': ['a b', 'a,b/c', 'ö'], 'origin': ['', 'nonsense', 'example.com', 'example.com:80', 'file:///tmp'],
      'close-timeout': ['', 'x', '-1', '0', '1e3', '.5', '5s', 'Infinity'],
      'handshake-timeout': ['0', 'x'], 'write-timeout': ['0', 'x'], 'ping-interval': ['', '-1', 'x'],
      'max-payload': ['', '0', '0M', '-1', '16T', '1.5M', 'M', '16 M'], 'max-memory': ['0', '25%', 'x'],
      'max-clients': ['', '0', '-1', '1.5', '1K', 'x'],
    };
    for (const [flag, values] of Object.entries(wrong)) {
      for (const value of values) {
        const message = new RegExp(`^--${flag} '.*' is no `);
        assert.throws(() => parseOptions([`--${flag}=${value}`]), { name, message });
      }
    }
  });

  test('a flag that there is not, one without its value, one with a value too many, a word', () => {
    const wrong: [string[], RegExp][] = [
      [['--bogus'], /'--bogus'/], [['-p', '1'], /'-p'/], [['--port'], /'--port/], [['--address'], /'--address/],
      [['--quiet=yes'], /'--quiet'/], [['my.sock'], /'my\.sock'/],
    ];
    for (const [args, message] of wrong) assert.throws(() => parseOptions(args), { name, message });
  });
});

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

test('giveUp() is for what the system refuses: any other error is thrown on', () => {
  assert.throws(() => giveUp(new TypeError('ours')), { name: 'TypeError', message: 'ours' });
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

  test('a bad port ends it with status 2', () => refuses(2, /'65536' is no port: .*\(--help/, '--port', '65536'));

  test('so does a negative one, on one line too', () => refuses(2, /--port/, '--port', '-1'));

  test('a bad address ends it with status 2', () => refuses(2, /'nonsense' is no address/, '--address', 'nonsense'));

  test('a port in use ends it with status 1 and says what to do', async (t) => {
    const { port } = (await listen(t, { port: 0, host: '127.0.0.1' })).address() as net.AddressInfo;
    await refuses(1, new RegExp(`Cannot listen on 127\\.0\\.0\\.1 port ${port}: .*EADDRINUSE.* choose another --port`),
      '--address', '127.0.0.1', '--port', String(port));
  });

  test('an address that is not ours ends it with status 1 and says what to do', () =>
    refuses(1, /192\.0\.2\.1 .*EADDRNOTAVAIL.*does not have that address/, '--address', '192.0.2.1', '--port', '0'));

  test('a Unix socket that is in use ends it with status 1, and the one who uses it goes on', async (t) => {
    const path = join(await folder(t), 'my.sock');
    await listen(t, { path });
    await refuses(1, /my\.sock: .*EADDRINUSE.* end that program, /, '--address', path);
    const client = net.connect(path);
    await once(client, 'connect');
    client.destroy();
  });

  test('a regular file at a Unix path ends it with status 1 and stays as it is', async (t) => {
    const path = join(await folder(t), 'file');
    await writeFile(path, 'precious');
    await refuses(1, /file: .*EADDRINUSE.* remove that file, /, '--address', path);
    assert.equal(await readFile(path, 'utf8'), 'precious');
  });

  test('a Unix path in a folder that is not there ends it with status 1 and says so', async (t) =>
    refuses(1, /no such folder/, '--address', join(await folder(t), 'no', 'my.sock')));

  test('a path longer than a Unix socket\'s can be is refused, not cut', async (t) => {
    const { status, stderr } = await run('server.ts', '--address', join(await folder(t), 'x'.repeat(150)));
    assert.match(stderr, /^server\.ts: .+\n$/, 'one line');
    assert.notEqual(status, 0);
  });
});
