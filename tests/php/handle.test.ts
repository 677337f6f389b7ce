import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { test, type TestContext } from 'node:test';
import { bytesTakenBy } from '../../lib/php/handle.ts';

async function pair(t: TestContext): Promise<[net.Socket, net.Socket]> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const peer = net.connect((server.address() as net.AddressInfo).port, '127.0.0.1');
  const [stream] = await once(server, 'connection') as [net.Socket];
  server.close();
  t.after(() => { peer.destroy(); stream.destroy(); });
  return [peer, stream];
}

test('bytes are counted as the kernel takes them, in the middle of a write too', async (t) => {
  const [peer, stream] = await pair(t), size = 64 << 20;
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
  const [, stream] = await pair(t);
  stream.end('bye');
  await once(stream, 'finish');
  stream.destroy();
  await once(stream, 'close');
  assert.equal(bytesTakenBy(stream), 3);
});
