import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Writable } from 'node:stream';
import { describe, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { takeExcess, uncork, writeCorked } from '../../lib/php/cork.ts';
import { BINARY, TEXT } from '../../lib/websocket/frame.ts';
import { Frame, Message } from '../../lib/websocket/message.ts';
import { streams } from '../accepted.ts';
import { randomOf } from '../helpers.ts';

/** A stream that notes what each write of its has brought. One that is slow takes no second before release(). */
class Sink extends Writable {
  readonly chunks: Buffer[] = [];
  private readonly slow: boolean;
  private done: (() => void) | null = null;

  constructor(slow = false) {
    super({ highWaterMark: 16384 });
    this.slow = slow;
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.chunks.push(chunk);
    if (this.slow) this.done = done;
    else done();
  }

  release(): void {
    this.done?.();
  }

  get sizes(): number[] {
    return this.chunks.map(({ length }) => length);
  }
}

describe('small answers', () => {
  test('a hundred of one pass leave in one write when the pass is over, not before', async () => {
    const sink = new Sink();
    for (let i = 0; i < 100; i++) assert.equal(writeCorked(sink, Buffer.from(`${i},`)), true);
    assert.deepEqual(sink.chunks, []);
    await setImmediate();
    assert.deepEqual(sink.chunks.map(String), [Array.from({ length: 100 }, (_, i) => `${i},`).join('')]);
  });

  test('64 KiB are full to the last byte, what does not fit goes with the next; no bytes are no write', async () => {
    for (const [last, sizes] of [[4, [65536]], [5, [4 * 16383, 5]], [0, [4 * 16383]]] as const) {
      const sink = new Sink();
      for (const size of [16383, 16383, 16383, 16383, last]) writeCorked(sink, Buffer.alloc(size));
      await setImmediate();
      assert.deepEqual(sink.sizes, sizes);
    }
  });
});

describe('large answers, other clients', () => {
  test('one of 16 KiB is handed over as it is, in its order, and leaves when the pass is over', async () => {
    const sink = new Sink(), large = Buffer.alloc(16384, 'L'), less = Buffer.alloc(16383, 'l');
    for (const bytes of [Buffer.from('a'), Buffer.from('b'), large, Buffer.from('c'), less]) writeCorked(sink, bytes);
    assert.deepEqual(sink.sizes, []);
    await setImmediate();
    assert.deepEqual(sink.sizes, [2, 16384, 16384]);
    assert.equal(sink.chunks[1]!.buffer, large.buffer);
    assert.deepEqual(sink.chunks[2], Buffer.concat([Buffer.from('c'), less]));
  });

  test('those of one pass leave in one writev, with the small ones between them', async () => {
    const writes: number[][] = [];
    const sink = new Writable({
      writev(chunks, done) {
        writes.push(chunks.map(({ chunk }) => (chunk as Buffer).length));
        done();
      },
    });
    for (const size of [16384, 20_000, 3, 4, 16384]) writeCorked(sink, Buffer.alloc(size));
    assert.deepEqual(writes, []);
    await setImmediate();
    assert.deepEqual(writes, [[16384, 20_000, 7, 16384]]);
  });

  test('from 256 KiB on, of all clients, they do not wait for the end of the pass', async () => {
    const sinks = [new Sink(), new Sink()], sizes = (): number[][] => sinks.map((sink) => sink.sizes);
    for (let i = 0; i < 3; i++) writeCorked(sinks[i % 2]!, Buffer.alloc(65536));
    assert.deepEqual(sizes(), [[], []]);
    writeCorked(sinks[1]!, Buffer.alloc(65536));
    assert.deepEqual(sizes(), [[65536, 65536], [65536, 65536]]);
  });

  test('nor do those of more than forty clients, which others may keep waiting', async () => {
    const sinks = Array.from({ length: 50 }, () => new Sink());
    for (const [i, sink] of sinks.entries()) {
      for (const text of ['to ', `${i}`]) writeCorked(sink, Buffer.from(text));
      const sent = sinks.filter(({ chunks }) => chunks.length > 0).length;
      assert.equal(sent, i < 40 ? 0 : 40, `${i + 1} have been answered`);
    }
    await setImmediate();
    assert.deepEqual(sinks.map(({ chunks }) => chunks.map(String)), sinks.map((_, i) => [`to ${i}`]));
  });

  test('takeExcess() counts what was written to those whose readers are slow, once', async () => {
    const [slow, other] = [new Sink(true), new Sink()];
    takeExcess();
    for (const bytes of [16384, 100, 70_000]) {
      writeCorked(slow, Buffer.alloc(bytes));
      writeCorked(other, Buffer.alloc(bytes));
      await setImmediate();
    }
    assert.equal(takeExcess(), 70_100);
    assert.equal(takeExcess(), 0);
  });

  test('a stream that is destroyed while its bytes wait takes nothing from others', async () => {
    const sinks = [new Sink(), new Sink(), new Sink()];
    for (const sink of sinks) writeCorked(sink, Buffer.from('mine'));
    sinks[1]!.destroy();
    await setImmediate();
    assert.deepEqual(sinks.map(({ sizes }) => sizes), [[4], [], [4]]);
  });

  test('a frame of pieces is put together behind what is held, or handed over piece by piece', async () => {
    const sink = new Sink();
    writeCorked(sink, Buffer.from('a'));
    writeCorked(sink, new Frame(new Message(TEXT, Buffer.from('?hello?'), 1, 6), TEXT));
    const pieces = [Buffer.alloc(10_000, 'p'), Buffer.alloc(10_000, 'q')];
    writeCorked(sink, new Frame(new Message(BINARY, pieces[0]!, 0, 10_000, [pieces[1]!]), BINARY));
    await setImmediate();
    assert.deepEqual(sink.chunks[0], Buffer.from('a\x81\x05hello', 'latin1'));
    assert.deepEqual(sink.sizes, [8, 4, 10_000, 10_000]);
    assert.equal(sink.chunks[3]!.buffer, pieces[1]!.buffer);
  });

  test('what a slow client still has to take is not overwritten by the next one\'s', async () => {
    const slow = new Sink(true), next = new Sink();
    for (const word of ['one', 'two', 'three']) {
      writeCorked(slow, Buffer.from(word));
      await setImmediate();
      writeCorked(next, Buffer.from('overwriter'));
      await setImmediate();
    }
    for (let i = 0; i < 3; i++) {
      slow.release();
      await setImmediate();
    }
    assert.deepEqual(slow.chunks.map(String), ['one', 'two', 'three']);
  });

  test('writeCorked() is false while the stream holds more than its highWaterMark', async () => {
    const slow = new Sink(true);
    assert.equal(writeCorked(slow, Buffer.alloc(16384)), true, 'nobody knows yet');
    await setImmediate();
    assert.equal(writeCorked(slow, Buffer.from('more')), false);
    await setImmediate();
    const drained = once(slow, 'drain');
    slow.release();
    slow.release();
    await drained;
    assert.equal(writeCorked(slow, Buffer.from('again')), true);
    await setImmediate();
    assert.equal(writeCorked(slow, Buffer.from('!')), true, 'it holds something, but not too much');
    assert.deepEqual(slow.sizes, [16384, 4, 5]);
  });
});

describe('uncork()', () => {
  test('sends what waits, once: a stream that has ended is not written to when the pass is over', async () => {
    const sink = new Sink();
    uncork();
    writeCorked(sink, Buffer.from('bye'));
    uncork();
    uncork();
    sink.end();
    // A write after the end would be an 'error', which nobody hears here
    await setImmediate();
    assert.deepEqual(sink.chunks.map(String), ['bye']);
  });
});

describe('over TCP', () => {
  test('answers of any size to three clients arrive whole and in order', async (t) => {
    const random = randomOf(t);
    const pairs = await Promise.all([streams(t), streams(t), streams(t)]);
    const arrived = pairs.map(async ([far]) => Buffer.concat(await far.toArray() as Buffer[]));
    const sent: Buffer[][] = [[], [], []];
    for (let i = 0; i < 2000; i++) {
      const who = random(3);
      const bytes = Buffer.alloc(random([10, 300, 20_000][random(3)]!), i % 251);
      sent[who]!.push(bytes);
      writeCorked(pairs[who]![1], bytes);
      if (random(20) === 0) await setImmediate();
    }
    uncork();
    for (const [, near] of pairs) near.end();
    for (const [who, bytes] of (await Promise.all(arrived)).entries()) {
      assert.ok(bytes.equals(Buffer.concat(sent[who]!)), `client ${who}`);
    }
  });
});
