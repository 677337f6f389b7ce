/** The page's trace, over real connections to the real server: who sees what, and what commands do. */
import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import { BREAKS } from '../lib/breaks.ts';
import { BINARY, CLOSE, TEXT } from '../lib/frame.ts';
import type { Event } from '../lib/tap.ts';
import { hex } from './helpers.ts';
import { Program } from './program.ts';
import { closing, frame, request, Wire } from './wire.ts';

const ID = '0123456789abcdef0123456789abcdef', OTHER = 'fedcba9876543210fedcba9876543210';

/** A request of the server's own page for this target. */
function asked(program: Program, target: string, more: Record<string, string> = {}): string {
  const host = new URL(program.url).host;
  return request({ Host: host, Origin: `http://${host}`, ...more }, `GET ${target} HTTP/1.1`);
}

async function connect(t: TestContext, program: Program): Promise<Wire> {
  const wire = await Wire.connect(program.where);
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

  static async of(t: TestContext, program: Program, id = ID): Promise<Watcher> {
    const watcher = new Watcher(await connect(t, program));
    watcher.wire.send(asked(program, `/trace/${id}`));
    assert.match(await watcher.wire.head(), /^HTTP\/1\.1 101 /);
    watcher.table = await watcher.next() as unknown as Record<string, unknown>;
    assert.equal(watcher.table['kind'], 'table');
    return watcher;
  }

  async next(): Promise<Event> {
    const { first, payload } = await this.wire.frame();
    assert.equal(first, 0x81);
    return JSON.parse(payload.toString()) as Event;
  }

  /** The next events, up to one like this. */
  async until(kind: Event['kind'], from?: Event['from']): Promise<Event[]> {
    const events: Event[] = [];
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
function bytesOf(events: Event[], from: Event['from']): string {
  return events.filter((event) => event.from === from && event.injected !== true).map((event) => event.hex).join('');
}

describe('who watches', () => {
  test('sees the very bytes of both sides, in their order', async (t) => {
    const program = await Program.start(t);
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
      ...Array.from({ length: 5 }, () => ['server', 'frame', 7]), ['server', 'end', 5],
    ]);
    assert.deepEqual(events.map(({ n }) => n), events.map((_, i) => i + 1));
  });
  test('sees nobody else: not another id, not one without, not a second one under its id', async (t) => {
    const program = await Program.start(t);
    const watcher = await Watcher.of(t, program);
    const others = [await watched(t, program, OTHER), await Wire.open(program.where)];
    for (const wire of others) {
      wire.send(frame(TEXT, 'secret'));
      await wire.frame();
    }
    await watcher.sawNothing();
    const mine = await watched(t, program);
    await watcher.until('response');
    const second = await watched(t, program);
    second.send(frame(TEXT, 'secret'));
    await second.frame();
    await watcher.sawNothing();
    // When that one has gone, the next one under the id is watched
    mine.end();
    await watcher.until('end', 'server');
    await watched(t, program);
    assert.equal((await watcher.until('response')).length, 2);
  });
  test('is the only one under its id, and a page of this server', async (t) => {
    const program = await Program.start(t);
    await Watcher.of(t, program);
    for (const [status, target, more] of [
      [409, `/trace/${ID}`, {}], [403, `/trace/${OTHER}`, { Origin: 'https://example.com' }],
      [403, `/trace/${OTHER}`, { Origin: 'null' }], [403, `/trace/${OTHER}`, { Origin: '' }],
    ] as const) {
      const wire = await connect(t, program);
      wire.send(asked(program, target, more));
      assert.match((await wire.rest()).toString(), new RegExp(`^HTTP/1\\.1 ${status} `));
    }
  });
  test('does not see a connection that a page from elsewhere has opened under its id, with the cookies of its visitor', async (t) => {
    const program = await Program.start(t);
    const watcher = await Watcher.of(t, program), wire = await connect(t, program);
    wire.send(asked(program, `/?trace=${ID}`, { Origin: 'https://example.com', Cookie: 'secret' }));
    await wire.head();
    await watcher.sawNothing();
  });
  test('leaves, and another one under the id sees nothing of the connection that it has watched', async (t) => {
    const program = await Program.start(t);
    const first = await Watcher.of(t, program), wire = await watched(t, program);
    await first.until('response');
    first.wire.end();
    await first.wire.rest();
    const second = await Watcher.of(t, program);
    wire.send(frame(TEXT, 'secret'));
    await wire.frame();
    await second.sawNothing();
    second.do({ do: 'ping' });
    assert.deepEqual(await second.next(), { kind: 'refused', says: 'there is no connection to do it to' });
  });
});

describe('commands', () => {
  for (const [what, { bytes, code }] of Object.entries(BREAKS)) {
    test(`break ${what}: the server closes with ${code}`, async (t) => {
      const program = await Program.start(t);
      const watcher = await Watcher.of(t, program), wire = await watched(t, program);
      await watcher.until('response');
      watcher.do({ do: 'break', what });
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
  test('ping: a Ping, and the Pong that the client sends', async (t) => {
    const program = await Program.start(t);
    const watcher = await Watcher.of(t, program), wire = await watched(t, program);
    await watcher.until('response');
    watcher.do({ do: 'ping' });
    assert.deepEqual(await wire.frame(), { first: 0x89, payload: Buffer.from('ping') });
    wire.send(frame(0xa, 'ping'));
    assert.deepEqual((await watcher.until('frame', 'client')).map((event) => event.hex), ['890470696e67', '8a8437fa213d47934f5a']);
  });
  test('close: with this code and reason, and one answer', async (t) => {
    const program = await Program.start(t);
    const watcher = await Watcher.of(t, program), wire = await watched(t, program);
    watcher.do({ do: 'close', code: 4000, reason: 'enough' });
    assert.deepEqual(await wire.frame(), { first: 0x88, payload: closing(4000, 'enough') });
    wire.send(frame(CLOSE, closing(4000)));
    assert.deepEqual(await wire.rest(), hex(''));
  });
  test('cut: the connection is gone, and the server knows it', async (t) => {
    const program = await Program.start(t);
    const watcher = await Watcher.of(t, program), wire = await watched(t, program);
    watcher.do({ do: 'cut' });
    await wire.rest();
    await watcher.until('end', 'server');
    await program.printed('"客户端2主动关闭"');
    assert.equal((await program.stats())['sockets'], 2);
  });
  test('anything else is refused, and ends nothing', async (t) => {
    const program = await Program.start(t);
    const watcher = await Watcher.of(t, program), wire = await watched(t, program);
    await watcher.until('response');
    for (const text of ['', '{', 'null', '[]', '1', '{}', '{"do":"break"}', '{"do":"break","what":"toString"}', '{"do":"close","code":1005}',
      `{"do":"ping","x":"${'x'.repeat(2000)}"}`]) {
      watcher.wire.send(frame(TEXT, text));
      assert.equal((await watcher.next() as { kind: string }).kind, 'refused');
    }
    wire.send(frame(TEXT, 'hello'));
    assert.deepEqual(await wire.frame(), { first: 0x81, payload: Buffer.from('hello') });
  });
});
