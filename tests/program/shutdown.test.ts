import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { HAS_REUSE_PORT } from '../../lib/php/sockets.ts';
import { BINARY, CLOSE, PING, TEXT } from '../../lib/websocket/frame.ts';
import { Child } from '../child.ts';
import { folder, freePort, FULL, run, TYPESCRIPT } from '../helpers.ts';
import { Program } from '../program.ts';
import { closing, frame, REQUEST, Wire } from '../wire.ts';

const GOODBYE = { first: 0x88, payload: closing(1001) };
const PAYLOAD = Buffer.alloc(64 * 1024, 'x'), MESSAGE = frame(BINARY, PAYLOAD);

async function assertRefused(where: net.NetConnectOpts, code: string): Promise<void> {
  const [error] = await once(net.connect(where), 'error') as [NodeJS.ErrnoException];
  assert.equal(error.code, code);
}

/** The handshake is done, and the client reads none of its answers until the server waits for it. */
async function openStuck(program: Program): Promise<Wire> {
  const wire = await Wire.open(program.where), { selectWrite } = await program.stats();
  wire.socket.pause();
  for (let sent = 0; (await program.stats())['selectWrite'] === selectWrite;) {
    if (wire.socket.writableNeedDrain) continue;
    wire.send(MESSAGE);
    assert.ok(++sent < 2000, 'the server has stopped reading');
  }
  return wire;
}

describe('after SIGINT, with clients of all kinds', () => {
  const path = join(tmpdir(), `shutdown-${process.pid}.sock`), stuck: Wire[] = [], open: Wire[] = [];
  let program: Program, silent: Wire, half: Wire, unfinished: Wire;
  before(async () => {
    program = await Program.start({ after: () => {} }, '--quiet', '--address', path, '--close-timeout', '600');
    for (let i = 0; i < 3; i++) open.push(await Wire.open(program.where));
    for (let i = 0; i < 3; i++) stuck.push(await openStuck(program));
    [silent, half] = [await Wire.connect(program.where), await Wire.connect(program.where)];
    half.send(REQUEST.slice(0, 20));
    unfinished = await Wire.open(program.where);
    unfinished.send(frame(TEXT, 'hello').subarray(0, 7));
    while ((await program.stats())['inboxes'] !== 9);
    program.process.kill('SIGINT');
  });
  after(() => {
    Wire.cutAll();
    return program.end();
  });

  test('all get a Close with 1001 (RFC 6455 7.4.1), within a message too', async () => {
    for (const wire of [...open, unfinished]) assert.deepEqual(await wire.frame(), GOODBYE);
    unfinished.end();
  });
  test('whoever has no handshake yet gets 503', async () => {
    for (const wire of [silent, half]) {
      assert.match(await wire.head(), /^HTTP\/1\.1 503 Service Unavailable\r\n/);
      await wire.rest();
      wire.end();
    }
  });
  test('no new client comes in, and a Unix socket has gone', async () => {
    assert.ok(!existsSync(path));
    await assertRefused(program.where, 'ENOENT');
  });
  test('answers to what was taken in come first: one who does not read gets them all, then its Close', async () => {
    for (const wire of stuck) {
      wire.socket.resume();
      let answers = 0;
      for (let answer; (answer = await wire.frame()).first !== 0x88; answers++) {
        assert.ok(answer.payload.equals(PAYLOAD));
      }
      assert.ok(answers > 0);
      wire.end();
    }
  });
  test('what comes after the Close gets no answer, and it ends with status 0 when all have left', async () => {
    for (const wire of open) {
      wire.send(frame(TEXT, 'too late'), frame(PING), frame(CLOSE, closing(1001)));
      assert.equal((await wire.rest()).length, 0);
      wire.end();
    }
    assert.equal(await program.ended, 0);
  });
});

describe('SIGHUP', () => {
  test('a closed terminal ends it as SIGTERM does: 1001, no path is left, status 0; a second one half a second later: 129', async (t) => {
    // Where the tests themselves run under nohup, this says so
    delete process.env['_'];
    const path = join(await folder(t), 'my.sock'), program = await Program.start(t, '--address', path, '--close-timeout', '600');
    t.after(() => Wire.cutAll());
    const wire = await Wire.open(program.where);
    program.process.kill('SIGHUP');
    assert.deepEqual(await wire.frame(), GOODBYE);
    assert.ok(!existsSync(path));
    const again = setInterval(() => program.process.kill('SIGHUP'), 100);
    assert.equal(await program.ended, 129);
    clearInterval(again);
  });
  for (const [how, script] of [
    ['which bash and zsh tell', 'exec env _=/usr/bin/nohup nohup "$@"'],
    ['whose standard input cannot be read', 'exec env -u _ nohup "$@" 0>/dev/null'],
  ] as const) {
    test(`is ignored under nohup, ${how}`, { skip: !existsSync('/proc/self/fdinfo') && 'there is no /proc' }, async (t) => {
      const program = await Program.startIn(script, t), wire = await Wire.open(program.where);
      program.process.kill('SIGHUP');
      await program.stats();
      wire.send(frame(TEXT, 'hello'));
      assert.deepEqual(await wire.frame(), { first: 0x81, payload: Buffer.from('hello') });
    });
  }
});

describe('a signal in the first moments of the start', { concurrency: true }, () => {
  const kill = "process.kill(process.pid, 'SIGTERM');";
  for (const [when, code] of [
    ['before it listens', `${kill} await new Promise((resolve) => setTimeout(resolve, 60_000));`],
    ['when it has begun to', `await socket_listen(server); ${kill}`],
  ] as const) {
    test(`${when}: it ends with status 0, and leaves no path`, async (t) => {
      const path = join(await folder(t), 'my.sock');
      const child = new Child(t, process.execPath, [...TYPESCRIPT, '--input-type=module', '--eval', `
        import { AF_UNIX, SOCK_STREAM, socket_bind, socket_create, socket_listen } from './lib/php/sockets.ts';
        import { getOptions, start } from './lib/program/start.ts';
        const options = getOptions(), server = socket_create(AF_UNIX, SOCK_STREAM, 0);
        socket_bind(server, '${path}');
        ${code}
        await start(server, { sockets: [], handShake: [], inboxes: [], selectWrite: [] }, options, () => {});
      `]);
      assert.deepEqual([await child.ended, existsSync(path)], [0, false], child.stderr);
    });
  }
});

describe('after SIGTERM', () => {
  test('nobody is there, and it ends with status 0', async (t) => {
    assert.equal(await (await Program.start(t, '--close-timeout', '600')).stop(), 0);
  });
  test('whoever never reads, or does not answer, has --close-timeout, then it ends with 0 all the same', async (t) => {
    const program = await Program.start(t, '--quiet', '--close-timeout', '0.3');
    t.after(() => Wire.cutAll());
    const wire = await Wire.open(program.where);
    await openStuck(program);
    assert.equal(await program.stop(), 0);
    assert.deepEqual(await wire.frame(), GOODBYE);
  });
  test('the same signal at once again is the same one, handed on; another one ends it at once, with 130', async (t) => {
    const program = await Program.start(t, '--close-timeout', '600');
    t.after(() => Wire.cutAll());
    const wire = await Wire.open(program.where);
    for (let i = 0; i < 3; i++) program.process.kill('SIGTERM');
    assert.deepEqual(await wire.frame(), GOODBYE);
    await assertRefused(program.where, 'ECONNREFUSED');
    program.process.kill('SIGINT');
    assert.equal(await program.ended, 130);
  });
  test('the same signal half a second later is a second one: it ends at once, with 143', async (t) => {
    const program = await Program.start(t, '--quiet', '--close-timeout', '600');
    t.after(() => Wire.cutAll());
    await openStuck(program);
    const again = setInterval(() => program.process.kill('SIGTERM'), 100);
    assert.equal(await program.ended, 143);
    clearInterval(again);
  });
});

test('a signal while --trace is loaded ends the server with status 0', async (t) => {
  const port = await freePort(), program = Program.of('server.ts', t, '--trace', '--port', String(port));
  while (await Wire.knock(port) === null);
  assert.equal(await program.stop(), 0);
});

describe('--reuse-port', { skip: !HAS_REUSE_PORT && 'needs Linux and Node 22.12' }, () => {
  /** What becomes of one client that says hello. */
  async function hello(wire: Wire): Promise<'served' | 'to come back'> {
    try {
      wire.send(REQUEST, frame(TEXT, 'hello'));
      // The old server says 503 or 1001, and a connection that it has not accepted is reset
      if (!(await wire.head()).startsWith('HTTP/1.1 101 ')) return 'to come back';
      return (await wire.frame()).first === 0x81 ? 'served' : 'to come back';
    } catch {
      return 'to come back';
    } finally {
      wire.socket.destroy();
    }
  }
  const portOf = ({ where }: Program): number => (where as net.TcpNetConnectOpts).port;

  test('a restart loses nobody: the new server listens before the old one ends, and whoever is told to go comes back', async (t) => {
    const [restarts, tries] = FULL ? [10, 1000] : [2, 100];
    let program = await Program.start(t, '--reuse-port', '--quiet'), isOver = false;
    t.after(() => { isOver = true; });
    const port = portOf(program), counts = { 'served': 0, 'refused': 0, 'to come back': 0 };
    let tried = 0;
    const clients = Array.from({ length: 8 }, async () => {
      while (tried++ < tries || !isOver) {
        const wire = await Wire.knock(port);
        counts[wire === null ? 'refused' : await hello(wire)]++;
      }
    });
    for (let i = 0; i < restarts; i++) {
      const stays = await Wire.open(program.where);
      const next = await Program.start(t, '--reuse-port', '--quiet', '--port', String(port));
      const stopped = program.stop();
      assert.deepEqual(await stays.frame(), GOODBYE);
      assert.equal(await hello(await Wire.connect(next.where)), 'served');
      stays.end();
      assert.equal(await stopped, 0);
      program = next;
    }
    isOver = true;
    await Promise.all(clients);
    t.diagnostic(JSON.stringify(counts));
    assert.equal(counts.refused, 0);
    assert.ok(counts.served > counts['to come back']);
  });

  test('two processes share the clients of one port', async (t) => {
    const one = await Program.start(t, '--reuse-port');
    const other = await Program.start(t, '--reuse-port', '--port', String(portOf(one)));
    // The kernel chooses by address and port. That one of them gets none of 64 has a chance of 2 to 2^64
    for (let i = 0; i < 64; i++) assert.equal(await hello(await Wire.connect(one.where)), 'served');
    for (const { stdout } of [one, other]) assert.match(stdout, /hello/);
  });
});

test('--reuse-port ends with status 2 where it cannot be had', { skip: HAS_REUSE_PORT && 'it can be had' }, async () => {
  const { status, stderr } = await run('server.ts', '--reuse-port');
  assert.match(stderr, /^server\.ts: --reuse-port needs Linux and Node 22\.12; this is \w+ and Node [\d.]+ \(--help lists all\)\n$/);
  assert.equal(status, 2);
});
