import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import test from 'node:test';
import { visit } from './echo_server.ts';
import { DEADLINE, missing } from './program.ts';
import { expectedWithPing } from './scenes.ts';

test('the ws package gets every message and its ping back and closes cleanly', { timeout: DEADLINE }, async (t) => {
  const isInstalled = existsSync(new URL('node_modules/ws', import.meta.url));
  if (!isInstalled) return missing(t, 'ws', 'npm ci --prefix tests/clients');
  assert.deepEqual(await visit(t, process.execPath, 'tests/clients/ws_client.js'), expectedWithPing);
});
