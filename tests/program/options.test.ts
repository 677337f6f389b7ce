import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { describe, test } from 'node:test';
import { AF_INET, AF_INET6, AF_UNIX, HAS_REUSE_PORT } from '../../lib/php/sockets.ts';
import { type Options, parseOptions } from '../../lib/program/options.ts';

const QUARTER = Math.floor(Math.min(totalmem(), process.constrainedMemory() || Infinity) / 4);

/** Reads these arguments: all is as without them but for these options. */
function reads(args: string[], changed: Partial<Options>): void {
  assert.deepEqual(parseOptions(args), { ...parseOptions([]) as Options, ...changed });
}

describe('parseOptions(): each flag', () => {
  test('without any it is the article\'s address and port', () => {
    reads([], {
      domain: AF_INET, address: '0.0.0.0', port: 8081, reusePort: false, quiet: false, trace: false,
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

  test('--reuse-port takes no value, and any IP address', { skip: !HAS_REUSE_PORT && 'needs Linux and Node 22.12' }, () => {
    reads(['--reuse-port'], { reusePort: true });
    reads(['--reuse-port', '--address', '::1'], { reusePort: true, domain: AF_INET6, address: '::1' });
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
    // Cordova's
    for (const text of ['file://', 'file:///', 'FILE://']) reads(['--origin', text], { origins: ['file://'] });
    reads(['--origin', 'ionic://LocalHost'], { origins: ['ionic://localhost'] });
    reads(['--origin', 'http://127.0.0.1:8080'], { origins: ['http://127.0.0.1:8080'] });
  });

  test('times are seconds and parts of them, and 0 means never where a Ping is due', () => {
    for (const seconds of [0.001, 60]) reads(['--close-timeout', String(seconds)], { closeTimeout: seconds });
    reads(['--handshake-timeout', '0.5'], { handshakeTimeout: 0.5 });
    reads(['--write-timeout', '60'], { writeTimeout: 60 });
    reads(['--ping-interval', '0.25'], { pingInterval: 0.25 });
    reads(['--ping-interval', '0'], { pingInterval: 0 });
  });

  test('sizes are bytes, or K, M and G of them; clients are a number', () => {
    for (const [text, maxPayload] of [['1', 1], ['65536', 65536], ['64K', 65536], ['16m', 16 << 20], ['1G', 1 << 30]] as const) {
      reads(['--max-payload', text], { maxPayload });
      reads(['--max-memory', text], { maxMemory: maxPayload });
    }
    reads(['--max-clients', '1'], { maxClients: 1 });
    reads(['--max-memory', '8G'], { maxMemory: 8 * 2 ** 30 });
  });

  test('--version is package.json\'s', async () => {
    const file = await readFile(new URL('../../package.json', import.meta.url), 'utf8');
    assert.equal(parseOptions(['--version', '--port', 'x']), `${(JSON.parse(file) as { version: string }).version}\n`);
  });
});

test('parseOptions(): a wrong command line says what would be right', () => {
  const wrong: [flag: string, words: string, ...values: string[]][] = [
    ['port', 'is not a port: give a number from 0 to 65535',
      '', 'x', '65536', '99999', '123456', '8081x', '80.5', '1e3', '0x50', ' 80', '٨٠', '-1'],
    ['address', 'is not an address: give an IPv4 address (127.0.0.1), an IPv6 address (::1) or the path of',
      '', 'nonsense', 'localhost', '1.2.3', '256.0.0.1', '01.2.3.4'],
    ['address', 'is not an IPv6 address: give one such as ::1, without brackets and port',
      ':', '127.0.0.1:8081', '[::1]', '[::1]:8081', 'localhost:8081', '1::2::3'],
    ['subprotocol', 'is not a', 'a b', 'a,b/c', 'ö'],
    ['origin', 'is not an', '', 'nonsense', 'example.com', 'example.com:80', '*', 'foo://'],
    ['origin', 'is not an origin of a page: give https://example.com', 'wss://example.com'],
    ['origin', 'is more than an origin: give https://example.com',
      'https://example.com/page', 'https://me@example.com'],
    ['origin', 'is more than an origin: give file://', 'file:///tmp'],
    ['origin', 'has a *: give each origin by its own --origin',
      'https://*.example.com', 'https://*', 'https://%2a.example.com', 'app://*'],
    ['close-timeout', 'is not a', '', 'x', '-1', '0', '1e3', '.5', '5s', 'Infinity'],
    ['handshake-timeout', 'is not a', '0', 'x'], ['write-timeout', 'is not a', '0', 'x'],
    ['ping-interval', 'is not a', '', '-1', 'x'], ['max-memory', 'is not a', '0', '25%', 'x'],
    ['max-payload', 'is not a', '', '0', '0M', '-1', '16T', '1.5M', 'M', '16 M'],
    ['max-payload', 'is too much: give at most 1G', '2G'],
    ['max-clients', 'is not a', '', '0', '-1', '1.5', '1K', 'x'],
  ];
  const refused = (args: string[], words: string): void => {
    assert.throws(() => parseOptions(args),
      ({ name, message }: Error) => name === 'UsageError' && message.includes(words));
  };
  for (const [flag, words, ...values] of wrong) {
    for (const value of values) refused([`--${flag}=${value}`], `--${flag} '${value}' ${words}`);
  }
  // Where it cannot be had, it says that instead
  refused(['--address', './my.sock', '--reuse-port'], HAS_REUSE_PORT
    ? '--reuse-port needs a port: a Unix socket (--address \'./my.sock\') has none'
    : '--reuse-port needs Linux and Node 22.12');
  refused(['--bogus'], '\'--bogus\'');
  refused(['-p', '1'], '\'-p\'');
  refused(['--port'], '\'--port');
  refused(['--quiet=yes'], '\'--quiet\'');
  refused(['my.sock'], '\'my.sock\'');
  refused(['--quiet', '8082'], 'a port is --port 8082');
  refused(['my.sock', '--port', '8082'], '\'my.sock\'');
});

describe('--help', () => {
  const help = parseOptions(['--help']) as string;
  test('names each flag, whatever stands beside it', () => {
    assert.equal(parseOptions(['--help', '--version', '--port', 'x', '--address', 'y']), help);
    for (const flag of ['port', 'address', 'quiet', 'help', 'version']) assert.ok(help.includes(`\n  --${flag} `));
  });
  test('shows the defaults that hold without a flag', () => {
    const flags = [...help.matchAll(/^  --([a-z-]+) (\d\S*) /gm)].map(([, flag, value]) => `--${flag}=${value}`)
      .filter((flag) => flag !== '--max-memory=25%');
    assert.ok(flags.length >= 8);
    assert.deepEqual(parseOptions(flags), parseOptions([]));
  });
  test('has no line that a terminal would break, and the sentences stand below each other', () => {
    const lines = help.split('\n').slice(4, -1);
    assert.deepEqual(lines.filter((line) => line.length > 110), []);
    assert.deepEqual(lines.filter((line) => line[25] !== ' ' || line[26] === ' '), []);
  });
});
