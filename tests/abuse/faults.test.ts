/** The server's own faults. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TEXT } from '../../lib/websocket/frame.ts';
import { Program } from '../program.ts';
import { frame, Wire } from '../wire.ts';
import { attack, farewellOf, skip } from './attack.ts';
import { crowd } from './crowd.ts';

const DEFLATE = 'Sec-WebSocket-Extensions: permessage-deflate\r\n';
/** They are compressed, which goes wrong: see fault.js. */
const INSIDE = 'a fault inside'.padEnd(100), OUTSIDE = 'a fault outside'.padEnd(100);
const script = 'NODE_OPTIONS="$NODE_OPTIONS --import ./tests/abuse/fault.js" exec "$@"';

const inside = { script, flags: ['--deflate'], quick: 20, full: 1000, once: true };
attack('an exception while a client is served is that client\'s end: 1011', inside,
  async ({ program, where, size }) => {
    const said = program.stderr.length;
    await crowd(size, async () => {
      const wire = await Wire.open(where, DEFLATE);
      wire.send(frame(TEXT, 'hello'), frame(TEXT, INSIDE), frame(TEXT, 'too late'));
      assert.equal((await wire.frame()).payload.toString(), 'hello');
      const { code, reason } = await farewellOf(wire);
      assert.equal(code, 1011);
      assert.doesNotMatch(reason, /purpose|fault\.js|at /, 'what went wrong inside is nobody else\'s');
      assert.equal((await wire.rest()).length, 0);
      wire.end();
    });
    await program.says('stderr', /on purpose, inside\n +at /);
    const stacks = program.stderr.slice(said).match(/on purpose, inside\n +at /g) ?? [];
    assert.equal(stacks.length, 1, 'the stack is printed once');
  });

test('an exception outside of it ends the process with status 1 and its stack', { skip }, async (t) => {
  const program = await Program.startIn(script, t, '--quiet', '--deflate');
  const wire = await Wire.open(program.where, DEFLATE);
  wire.send(frame(TEXT, OUTSIDE));
  assert.equal(await program.ended, 1);
  assert.match(program.stderr, /on purpose, outside\n +at /);
  wire.socket.destroy();
});
