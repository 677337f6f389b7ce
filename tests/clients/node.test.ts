import assert from 'node:assert/strict';
import test from 'node:test';
import { visit } from './echo_server.ts';
import { DEADLINE } from './program.ts';
import { expected } from './scenes.ts';

test("Node's own WebSocket gets every message back and closes cleanly", { timeout: DEADLINE }, async (t) => {
  const flags = 'WebSocket' in globalThis ? [] : ['--experimental-websocket'];
  assert.deepEqual(await visit(t, process.execPath, ...flags, 'tests/clients/node_client.js'), expected);
});
