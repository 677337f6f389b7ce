import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { CLOSE } from '../../lib/websocket/frame.ts';
import { folder } from '../helpers.ts';
import { Program } from '../program.ts';
import { closing, frame, REQUEST, Wire } from '../wire.ts';

const GOODBYE = { first: 0x88, payload: closing(1001) };

describe('after SIGINT or SIGTERM', () => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    test(`${signal}: nobody is there, and it ends with status 0`, async (t) => {
      assert.equal(await (await Program.start(t)).stop(signal), 0);
    });
    test(`${signal}: all get a Close with 1001 (RFC 6455 7.4.1), and it ends when they have answered`, async (t) => {
      const program = await Program.start(t, '--close-timeout', '60');
      const wires = [await Wire.open(program.where), await Wire.open(program.where)];
      program.process.kill(signal);
      for (const wire of wires) assert.deepEqual(await wire.frame(), GOODBYE);
      for (const wire of wires) {
        wire.send(frame(8, closing(1001)));
        assert.equal((await wire.rest()).length, 0);
        wire.end();
      }
      assert.equal(await program.ended, 0);
    });
  }
  test('whoever does not answer has --close-timeout, then it ends with 0 all the same', async (t) => {
    const program = await Program.start(t, '--close-timeout', '0.3');
    const wire = await Wire.open(program.where);
    assert.equal(await program.stop(), 0);
    assert.deepEqual(await wire.frame(), GOODBYE);
  });
  test('a second signal ends it at once, with 128 and its number', async (t) => {
    for (const [second, status] of [['SIGINT', 130], ['SIGTERM', 143]] as const) {
      const program = await Program.start(t, '--close-timeout', '60');
      const wire = await Wire.open(program.where);
      wire.socket.on('error', () => {});
      program.process.kill('SIGTERM');
      assert.deepEqual(await wire.frame(), GOODBYE);
      // The same one is another one when half a second has gone by
      const again = setInterval(() => program.process.kill(second), 100);
      assert.equal(await program.ended, status);
      clearInterval(again);
    }
  });
  test('the same signal at once again is the same one, handed on: its clients have their time', async (t) => {
    const program = await Program.start(t, '--close-timeout', '60');
    const wire = await Wire.open(program.where);
    for (let i = 0; i < 3; i++) program.process.kill('SIGTERM');
    assert.deepEqual(await wire.frame(), GOODBYE);
    program.process.kill('SIGTERM');
    wire.send(frame(CLOSE, closing(1001)));
    wire.end();
    assert.equal(await program.ended, 0);
  });
  test('no new client comes in, and a Unix socket has gone', async (t) => {
    const path = join(await folder(t), 'my.sock');
    const program = await Program.start(t, '--address', path, '--close-timeout', '60');
    const wire = await Wire.open(program.where);
    program.process.kill('SIGTERM');
    assert.deepEqual(await wire.frame(), GOODBYE);
    assert.ok(!existsSync(path));
    const [error] = await once(net.connect(path), 'error') as [NodeJS.ErrnoException];
    assert.equal(error.code, 'ENOENT');
    wire.end();
    assert.equal(await program.ended, 0);
  });
  test('answers that have been taken in come first: one who does not read gets them all, then its Close', async (t) => {
    const program = await Program.start(t, '--quiet', '--close-timeout', '60');
    const wire = await Wire.open(program.where);
    wire.socket.pause();
    const payload = Buffer.alloc(1 << 20, 'x'), message = frame(2, payload);
    for (let i = 0; i < 12; i++) wire.send(message);
    while ((await program.stats())['selectWrite'] !== 1);
    program.process.kill('SIGTERM');
    wire.socket.resume();
    let answers = 0;
    for (let answer = await wire.frame(); answer.first !== 0x88; answer = await wire.frame()) {
      assert.ok(answer.payload.equals(payload));
      answers++;
    }
    assert.ok(answers > 0);
    wire.send(frame(8, closing(1001)));
    wire.end();
    assert.equal(await program.ended, 0);
  });
  test('whoever has no handshake yet gets 503', async (t) => {
    const program = await Program.start(t, '--close-timeout', '60');
    const wire = await Wire.connect(program.where);
    wire.send(REQUEST.slice(0, 20));
    await program.printed('新链接');
    program.process.kill('SIGTERM');
    assert.match(await wire.head(), /^HTTP\/1\.1 503 Service Unavailable\r\n/);
    await wire.rest();
    wire.end();
    assert.equal(await program.ended, 0);
  });
  test('what comes after the Close gets no answer', async (t) => {
    const program = await Program.start(t, '--close-timeout', '60');
    const wire = await Wire.open(program.where);
    program.process.kill('SIGTERM');
    assert.deepEqual(await wire.frame(), GOODBYE);
    wire.send(frame(1, 'too late'), frame(9), frame(8, closing(1001)));
    assert.equal((await wire.rest()).length, 0);
    wire.end();
    assert.equal(await program.ended, 0);
  });
});
