/** The page's trace, over real connections to the real server: who sees what, and what commands do. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { beforeEach, describe, test, type TestContext } from 'node:test';
import { VIOLATIONS } from '../../lib/trace/violations.ts';
import { BINARY, CLOSE, TEXT } from '../../lib/websocket/frame.ts';
import { getRequest } from '../../lib/websocket/handshake.ts';
import { FrameInbox } from '../../lib/websocket/codec.ts';
import { type Socket, socket_close } from '../../lib/php/sockets.ts';
import type { ClientEvent } from '../../lib/trace/tap.ts';
import { Taps } from '../../lib/trace/tap.ts';
import { Watchers } from '../../lib/trace/watch.ts';
import { accept, listening } from '../accepted.ts';
import { hex } from '../helpers.ts';
import { Program, sharedProgram } from '../program.ts';
import { closing, frame, request, Wire } from '../wire.ts';

/** A frame without a mask. */
const UNMASKED = '810548656c6c6f';
const OTHER = 'fedcba9876543210fedcba9876543210';
/** Of each test its own: the watcher of the test before may not have left yet. */
let ID = '';

beforeEach(() => { ID = randomBytes(16).toString('hex'); });

/** A request of the server's own page for this target. */
function asked(program: Program, target: string, more: Record<string, string> = {}): string {
  const host = new URL(program.url).host;
  return request({ Host: host, Origin: `http://${host}`, ...more }, `GET ${target} HTTP/1.1`);
}

async function connect(t: TestContext, program: Program, from = '127.0.0.1'): Promise<Wire> {
  const wire = await Wire.connect({ ...program.where, localAddress: from });
  t.after(() => wire.socket.destroy());
  return wire;
}

/** A watcher: its handshake is done, and the table has come. */
class Watcher {
  readonly wire: Wire;
  table: Record<string, unknown> = {};

  private constructor(wire: Wire) {
    this.wire = wire;
  }

  static async of(t: TestContext, program: Program, id = ID, from = '127.0.0.1'): Promise<Watcher> {
    const watcher = new Watcher(await connect(t, program, from));
    watcher.wire.send(asked(program, `/trace/${id}`));
    assert.match(await watcher.wire.head(), /^HTTP\/1\.1 101 /);
    watcher.table = await watcher.next() as unknown as Record<string, unknown>;
    assert.equal(watcher.table['kind'], 'table');
    return watcher;
  }

  async next(): Promise<ClientEvent> {
    const { first, payload } = await this.wire.frame();
    assert.equal(first, 0x81);
    return JSON.parse(payload.toString()) as ClientEvent;
  }

  /** The next events, up to one like this. */
  async until(kind: ClientEvent['kind'], from?: ClientEvent['from']): Promise<ClientEvent[]> {
    const events: ClientEvent[] = [];
    for (;;) {
      const event = await this.next();
      events.push(event);
      if (event.kind === kind && (from === undefined || event.from === from)) return events;
    }
  }

  /** That nothing has come for it so far: the answer to its Ping is the next thing. */
  async sawNothing(): Promise<void> {
    this.wire.send(frame(0x9, 'nothing?'));
    assert.deepEqual(await this.wire.frame(), { first: 0x8a, payload: Buffer.from('nothing?') });
  }

  do(command: object): void {
    this.wire.send(frame(TEXT, JSON.stringify(command)));
  }
}

async function watched(t: TestContext, program: Program, id = ID): Promise<Wire> {
  const wire = await connect(t, program);
  wire.send(asked(program, `/?trace=${id}`));
  assert.match(await wire.head(), /^HTTP\/1\.1 101 /);
  return wire;
}

/** All bytes of one side, put together from its events. */
function bytesOf(events: ClientEvent[], from: ClientEvent['from']): string {
  return events.filter((event) => event.from === from && event.injected !== true).map((event) => event.hex).join('');
}

describe('who watches', () => {
  const shared = sharedProgram('--handshake-timeout', '600', '--ping-interval', '0');

  test('sees the very bytes of both sides, in their order', async (t) => {
    const { program } = shared;
    const watcher = await Watcher.of(t, program), wire = await connect(t, program);
    const sent = [
      Buffer.from(asked(program, `/?trace=${ID}`)), frame(TEXT, 'hello'), frame(BINARY, Buffer.alloc(300, 7)),
      frame(TEXT, 'wo', { fin: false }), frame(0x9, 'ping'), frame(0x0, 'rld'), frame(CLOSE, closing(1000, 'bye')),
    ];
    wire.send(...sent);
    const received = await wire.rest();
    const events = await watcher.until('end', 'server');
    assert.equal(bytesOf(events, 'client'), Buffer.concat(sent).toString('hex'));
    assert.equal(bytesOf(events, 'server'), received.toString('hex'));
    assert.deepEqual(events.map(({ from, kind, step }) => [from, kind, step]), [
      ['client', 'request', 6], ...Array.from({ length: 6 }, () => ['client', 'frame', 7]), ['server', 'response', 6],
      ...Array.from({ length: 5 }, () => ['server', 'frame', 7]), ['server', 'end', 7],
    ]);
    assert.deepEqual(events.map(({ n }) => n), events.map((_, i) => i + 1));
  });
  test('sees nobody else: not another id, not one without', async (t) => {
    const { program } = shared;
    const watcher = await Watcher.of(t, program);
    const others = [await watched(t, program, OTHER), await Wire.open(program.where)];
    for (const wire of others) {
      wire.send(frame(TEXT, 'secret'));
      await wire.frame();
    }
    await watcher.sawNothing();
  });
  test('is told the step that has ended the connection, not one that the bytes look like', async (t) => {
    const { program } = shared;
    const endOf = async (how: (wire: Wire) => void): Promise<number[]> => {
      const watcher = await Watcher.of(t, program), wire = await watched(t, program);
      await watcher.until('response');
      how(wire);
      await wire.rest();
      const events = await watcher.until('end', 'server');
      watcher.wire.end();
      await watcher.wire.rest();
      return events.filter(({ from }) => from === 'server').map(({ step }) => step);
    };
    // It just ends; it closes; it breaks a rule
    assert.deepEqual(await endOf((wire) => wire.end()), [5]);
    assert.deepEqual(await endOf((wire) => wire.send(frame(CLOSE))), [7, 7]);
    assert.deepEqual(await endOf((wire) => wire.send(frame(TEXT, 'x', { masked: false }))), [9, 9]);
  });
  test('is the only one under its id, and a page of this server; so is what it watches', async (t) => {
    const { program } = shared, watcher = await Watcher.of(t, program);
    for (const [status, target, more] of [
      [409, `/trace/${ID}`, {}], [403, `/trace/${OTHER}`, { Origin: 'https://example.com' }],
      [403, `/trace/${OTHER}`, { Origin: 'null' }], [403, `/trace/${OTHER}`, { Origin: '' }],
    ] as const) {
      const wire = await connect(t, program);
      wire.send(asked(program, target, more));
      assert.match((await wire.rest()).toString(), new RegExp(`^HTTP/1\\.1 ${status} `));
    }
    const wire = await connect(t, program);
    wire.send(asked(program, `/?trace=${ID}`, { Origin: 'https://example.com', Cookie: 'secret' }));
    await wire.head();
    await watcher.sawNothing();
  });
  test('is one of a hundred: the next takes a place of the address that has most, of one that watches nothing first', async (t) => {
    const program = await Program.start(t, '--ping-interval', '0');
    const idOf = (number: number): string => number.toString(16).padStart(32, '0');
    const come = async (number: number, connects = true): Promise<Watcher> => {
      const watcher = await Watcher.of(t, program, idOf(number));
      if (connects) await watched(t, program, idOf(number));
      return watcher;
    };
    const loses = async ({ wire }: Watcher): Promise<void> => {
      let last = await wire.frame();
      while (last.first === 0x81) last = await wire.frame();
      assert.deepEqual(last, { first: 0x88, payload: closing(1013, 'Cannot watch on: another page has taken this place.') });
    };
    // A page that watches nothing yet, then a program that takes all the other places
    const page = await Watcher.of(t, program, ID, '127.0.0.2');
    const taken: Watcher[] = [];
    for (let i = 0; i < 99; i++) taken.push(await come(i, i !== 50));
    await come(99);
    await loses(taken[50]!);
    await come(100);
    await loses(taken[0]!);
    await page.sawNothing();
    await watched(t, program);
    await page.until('response');
  });
});

test('commands', async (t) => {
  const program = await Program.start(t);
  let count = 0;

  /** A watcher and the connection that it watches, under an id of their own; the handshake has been told. */
  async function open(t: TestContext): Promise<[Watcher, Wire]> {
    const id = String(++count).padStart(32, '0');
    const watcher = await Watcher.of(t, program, id), wire = await watched(t, program, id);
    await watcher.until('response');
    return [watcher, wire];
  }

  // Twice: what comes from a client is unmasked where it stands
  for (const [what, { bytes, code }] of [...Object.entries(VIOLATIONS), ...Object.entries(VIOLATIONS)]) {
    await t.test(`inject ${what}: the server closes with ${code}, each time`, async (t) => {
      const [watcher, wire] = await open(t);
      watcher.do({ do: 'inject', hex: bytes.toString('hex') });
      const { first, payload } = await wire.frame();
      assert.deepEqual([first, payload.readUInt16BE()], [0x88, code]);
      const events = await watcher.until('end', 'server');
      const injected = events.filter((event) => event.injected);
      assert.equal(injected.map((event) => event.hex).join(''), bytes.toString('hex'));
      const close = events.find((event) => event.from === 'server' && event.kind === 'frame')!;
      assert.deepEqual([close.step, close.payload!.code, close.injected], [9, code, undefined]);
      assert.ok(events.indexOf(injected[0]!) < events.indexOf(close));
    });
  }
  await t.test('inject: not inside of a frame of the client\'s, whose payload it would be, but after it', async (t) => {
    const [watcher, wire] = await open(t);
    const bytes = frame(TEXT, 'Hello');
    wire.send(bytes.subarray(0, 8));
    // The watcher's Ping has been answered, and so the bytes sent before it have been read
    await watcher.sawNothing();
    watcher.do({ do: 'inject', hex: UNMASKED });
    assert.deepEqual(await watcher.next(), { kind: 'refused', says: 'a frame is on its way: try again' });
    wire.send(bytes.subarray(8));
    assert.deepEqual(await wire.frame(), { first: 0x81, payload: Buffer.from('Hello') });
    await watcher.until('frame', 'server');
    watcher.do({ do: 'inject', hex: UNMASKED });
    assert.equal((await wire.frame()).payload.readUInt16BE(), 1002);
  });
  await t.test('inject: not while injected bytes are unread, so no watcher can pile them up; nor more than a command holds', async (t) => {
    const [watcher, wire] = await open(t);
    const command = frame(TEXT, JSON.stringify({ do: 'inject', hex: frame(TEXT, 'one').toString('hex') }));
    // One packet, one turn
    watcher.wire.send(Buffer.concat([command, command]));
    assert.deepEqual(await watcher.next(), { kind: 'refused', says: 'the connection has ended, or has bytes to read' });
    assert.deepEqual(await wire.frame(), { first: 0x81, payload: Buffer.from('one') });
    await watcher.until('frame', 'server');
    watcher.do({ do: 'inject', hex: frame(TEXT, 'x'.repeat(500)).toString('hex') });
    assert.deepEqual(await watcher.next(), { kind: 'refused', says: 'there is no such command' });
    assert.equal(wire.length, 0);
    watcher.wire.send(command);
    assert.deepEqual(await wire.frame(), { first: 0x81, payload: Buffer.from('one') });
  });
  await t.test('ping: a Ping, and the Pong that the client sends', async (t) => {
    const [watcher, wire] = await open(t);
    watcher.do({ do: 'ping' });
    assert.deepEqual(await wire.frame(), { first: 0x89, payload: Buffer.from('ping') });
    wire.send(frame(0xa, 'ping'));
    assert.deepEqual((await watcher.until('frame', 'client')).map((event) => event.hex), ['890470696e67', '8a8437fa213d47934f5a']);
  });
  await t.test('close: with this code and reason, and one answer', async (t) => {
    const [watcher, wire] = await open(t);
    watcher.do({ do: 'close', code: 4000, reason: 'enough' });
    assert.deepEqual(await wire.frame(), { first: 0x88, payload: closing(4000, 'enough') });
    wire.send(frame(CLOSE, closing(4000)));
    assert.deepEqual(await wire.rest(), hex(''));
    const closes = (await watcher.until('end', 'server')).filter(({ kind }) => kind === 'frame');
    assert.deepEqual(closes.map(({ from, payload }) => [from, payload!.code]), [['server', 4000], ['client', 4000]]);
  });
  await t.test('cut: the connection is gone, and the server knows it', async (t) => {
    const [watcher, wire] = await open(t);
    watcher.do({ do: 'cut' });
    await wire.rest();
    const [{ client } = {}] = await watcher.until('end', 'server');
    await program.printed(`"客户端${client}主动关闭"`);
    watcher.do({ do: 'cut' });
    assert.deepEqual(await watcher.next(), { kind: 'refused', says: 'there is no connection' });
  });
  await t.test('anything else is refused, and ends nothing', async (t) => {
    const [watcher, wire] = await open(t);
    for (const text of ['', '{', 'null', '[]', '1', '{}', '{"do":"inject"}', '{"do":"inject","hex":""}', '{"do":"inject","hex":"8"}', '{"do":"inject","hex":"8x"}', '{"do":"inject","hex":["81"]}', '{"do":"close","code":1005}',
      '{"do":"close"}', `{"do":"ping","x":"${'x'.repeat(2000)}"}`]) {
      watcher.wire.send(frame(TEXT, text));
      assert.equal((await watcher.next() as { kind: string }).kind, 'refused');
    }
    wire.send(frame(TEXT, 'hello'));
    assert.deepEqual(await wire.frame(), { first: 0x81, payload: Buffer.from('hello') });
  });
  await t.test('commands are not printed, and a client that is no watcher has none', async () => {
    const wire = await Wire.open(program.where);
    wire.send(frame(TEXT, '{"do":"cut"}'));
    assert.deepEqual(await wire.frame(), { first: 0x81, payload: Buffer.from('{"do":"cut"}') });
    await program.printed('string(12) "{\\"do\\":\\"cut\\"}"'.replaceAll('\\"', '"'));
    assert.ok(!program.stdout.includes('inject'));
    wire.end();
  });
});

test('a watcher that does not read loses events, is told how many, and holds nobody up', async (t) => {
  const program = await Program.start(t, '--quiet', '--ping-interval', '0');
  const watcher = await Watcher.of(t, program), wire = await watched(t, program);
  await watcher.until('response');
  watcher.wire.socket.pause();
  const message = frame(TEXT, 'x'.repeat(1000)), rounds = 2000;
  for (let i = 0; i < rounds; i++) {
    wire.send(message);
    await wire.frame();
  }
  const { memory } = await program.stats();
  wire.end();
  watcher.wire.socket.resume();
  const seen: { kind: string; lost?: number }[] = [];
  do seen.push(await watcher.next()); while (seen.at(-1)!.kind !== 'lost');
  const told = seen.length - 1, lost = seen.at(-1)!.lost!;
  // The two ends may come before it reads again, or after that
  assert.ok(told + lost >= 2 * rounds && told + lost <= 2 * rounds + 2, `${told} told, ${lost} lost`);
  assert.ok(told < rounds, 'the kernel has taken some, we have kept few');
  t.diagnostic(`${told} events told, ${lost} lost, ${memory! >> 20} MiB`);
});

describe('meet() leaves nothing behind', () => {
  /** A client with this target, as the loop has it when its request is accepted. */
  async function client(t: TestContext, watchers: Watchers, server: Socket, target: string): Promise<Socket> {
    const { socket } = await accept(t, server), inbox = new FrameInbox();
    inbox.push(Buffer.from(request({ Host: 'a', Origin: 'http://a' }, `GET ${target} HTTP/1.1`)));
    watchers.meet(socket, inbox, getRequest(inbox)!.head);
    return socket;
  }

  test('no tap is on a connection that nobody watches, nor when either has gone', async (t) => {
    const server = await listening(t), watchers = new Watchers(new Taps(), () => {}, []), tapped = async (target: string): Promise<Socket> => {
      return client(t, watchers, server, target);
    };
    assert.equal((await tapped('/')).tap, null);
    assert.equal((await tapped(`/?trace=${ID}`)).tap, null);
    const watcher = await tapped(`/trace/${ID}`), first = await tapped(`/?a=b&trace=${ID}`);
    assert.notEqual(first.tap, null);
    assert.equal((await tapped(`/?trace=${ID}`)).tap, null);
    socket_close(first);
    assert.equal(first.tap, null);
    const second = await tapped(`/chat?trace=${ID}&c`);
    assert.notEqual(second.tap, null);
    socket_close(watcher);
    assert.equal(second.tap, null);
    assert.equal((await tapped(`/?trace=${ID}`)).tap, null);
  });
  test('an id is 32 digits, and nothing else', async (t) => {
    const server = await listening(t), watchers = new Watchers(new Taps(), () => {}, []);
    await client(t, watchers, server, `/trace/${ID}`);
    for (const target of [`/?trace=${ID}0`, `/?trace=${ID.slice(1)}`, `/?xtrace=${ID}`, `/trace/${OTHER}0`, `/trace/${OTHER}?`, `/?trace=${ID.toUpperCase()}`, '/trace/', '/?trace=']) {
      assert.equal((await client(t, watchers, server, target)).tap, null, target);
    }
  });
});
