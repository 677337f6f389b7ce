/** The server's own faults. Those of one client's turn: tests/limits/last_words.test.ts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Program } from '../program.ts';
import { Wire } from '../wire.ts';
import { skip } from './attack.ts';

/** Imported before the server. */
const FAULT = encodeURIComponent('process.on("SIGHUP", () => { throw new Error("on purpose"); })');

test('an exception outside of any client\'s turn ends the process with status 1 and its stack', { skip }, async (t) => {
  const script = `NODE_OPTIONS="$NODE_OPTIONS --import data:text/javascript,${FAULT}" exec "$@"`;
  const program = await Program.startIn(script, t, '--quiet');
  t.after(() => Wire.cutAll());
  await Wire.open(program.where);
  assert.equal(await program.stop('SIGHUP'), 1);
  assert.match(program.stderr, /Error: on purpose\n +at /);
});
