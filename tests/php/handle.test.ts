import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { bytesTakenBy } from '../../lib/php/handle.ts';
import { streams } from '../accepted.ts';

test('bytes are counted as the kernel takes them, in the middle of a write too', async (t) => {
  const [peer, stream] = await streams(t), size = 64 << 20;
  assert.equal(bytesTakenBy(stream), 0);
  peer.pause();
  stream.write(Buffer.alloc(size));
  await new Promise(setImmediate);
  const first = bytesTakenBy(stream);
  assert.ok(first > 0 && first < size, `${first}`);
  // A reader that is slow, and is seen to read
  while (bytesTakenBy(stream) === first) {
    peer.read();
    await new Promise(setImmediate);
  }
  assert.ok(bytesTakenBy(stream) < size);
  assert.equal(stream.writableLength, size, 'which Node alone does not tell');
  peer.resume();
  await once(stream, 'drain');
  assert.equal(bytesTakenBy(stream), size);
});

test('without a handle, as after the end, whole writes are counted', async (t) => {
  const [, stream] = await streams(t);
  stream.end('bye');
  await once(stream, 'finish');
  stream.destroy();
  await once(stream, 'close');
  assert.equal(bytesTakenBy(stream), 3);
});
