/** server.ts as a process, over real connections: what the article promises, and what no neighbour shows. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CLOSE, TEXT } from '../lib/websocket/frame.ts';
import { Program } from './program.ts';
import { closing, frame, request, Wire } from './wire.ts';

const hello = { first: 0x81, payload: Buffer.from('hello') };

async function assertEchoes(wire: Wire): Promise<void> {
  wire.send(frame(TEXT, 'hello'));
  assert.deepEqual(await wire.frame(), hello);
}

test('the article\'s curl line gets its answer, and the console prints what the article\'s prints', async (t) => {
  const program = await Program.start(t);
  const wire = await Wire.connect(program.where);
  wire.send(request({ 'Sec-WebSocket-Key': 'websocket' }));
  assert.equal(await wire.head(), 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
    'Sec-WebSocket-Accept: qVby4apnn2tTYtB1nPPVYUn68gY=\r\n\r\n');
  await assertEchoes(wire);
  wire.end();
  await wire.rest();
  // The number of a client is never used again
  const second = await Wire.open(program.where);
  second.send(frame(CLOSE, closing(1000)), frame(TEXT, 'not read any more'));
  await second.rest();
  second.end();
  const reset = await Wire.connect(program.where);
  await program.printed('"新链接3已创建"');
  reset.reset();
  await program.printed('"客户端3主动关闭"');
  await program.stop();
  assert.equal(program.stdout, 'string(19) "新链接1已创建"\nstring(22) "新连接1握手成功"\nstring(5) "hello"\n' +
    'string(22) "客户端1主动关闭"\nstring(19) "新链接2已创建"\nstring(22) "新连接2握手成功"\nstring(22) "客户端2主动关闭"\n' +
    'string(19) "新链接3已创建"\nstring(22) "客户端3主动关闭"\n');
  assert.match(program.stderr, /^listening on ws:\/\/127\.0\.0\.1:\d+\n$/);
});

test('it listens on IPv6, tells only of refusals with --quiet, and costs no CPU where a client is idle', async (t) => {
  const program = await Program.start(t, '--address', '::1', '--quiet');
  assert.match(program.stderr, /listening on ws:\/\/\[::1\]:\d+\n/);
  const wire = await Wire.open(program.where);
  await assertEchoes(wire);
  if (process.platform === 'linux') {
    const ticks = await program.cpuTicks();
    // Waiting is what is tested: half a second of a loop that spins would be 50 ticks
    await new Promise((resolve) => setTimeout(resolve, 500));
    assert.ok(await program.cpuTicks() - ticks < 15);
  }
  wire.end();
  await wire.rest();
  // Health checks, and a request that is refused
  for (const line of ['GET / HTTP/1.0', 'OPTIONS / HTTP/1.0', 'HEAD / HTTP/1.0', 'GET /x HTTP/1.0']) {
    const check = await Wire.connect(program.where);
    check.send(`${line}\r\n\r\n`);
    await check.rest();
    check.end();
  }
  await program.printed('refused with 426', 'stderr');
  await program.stop();
  assert.match(program.stderr, /^listening .*\nclient 5 .* refused with 426: .*\n$/);
  assert.equal(program.stdout, '');
});

test('messages of one that does not read wait in its inbox and come back in order, though it has ended', async (t) => {
  // Nobody is to be cut for its silence, however slow the machine is
  const program = await Program.start(t, '--quiet', '--ping-interval', '0', '--write-timeout', '900', '--close-timeout', '900');
  const wire = await Wire.open(program.where);
  wire.socket.pause();
  let sent = 0;
  while (wire.socket.writableLength < 1 << 20) {
    wire.send(...Array.from({ length: 1000 }, () => frame(TEXT, `${sent++}`.padStart(100))));
    await new Promise(setImmediate);
  }
  // Its end waits there as well
  wire.end();
  wire.socket.resume();
  for (let i = 0; i < sent; i++) assert.equal(Number((await wire.frame()).payload), i);
});
