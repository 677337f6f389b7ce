import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { startServer, stopServer } from './echo_server.ts';
import { servePage } from './page_server.ts';
import { DEADLINE, find, missing, Program } from './program.ts';
import { expected } from './scenes.ts';

// No sandbox: it does not start as root, and the only page it opens is ours.
const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync'];

test('a page in Chromium gets every message back and closes cleanly', { timeout: DEADLINE }, async (t) => {
  const command = find(['chromium', 'chromium-browser', 'google-chrome'], '--version');
  if (command === null) return missing(t, 'Chromium', 'apt-get install chromium');
  const server = await startServer(t);
  const { page, report } = await servePage(t);
  const profile = await mkdtemp(join(tmpdir(), 'chromium-'));
  const chromium = new Program(t, command, [...FLAGS, `--user-data-dir=${profile}`, `${page}?server=${server.url}`]);
  // After Chromium's own end: the hooks run in the order in which they were added.
  t.after(() => rm(profile, { recursive: true }));

  const reported = await Promise.race([report, chromium.fails('a report')]);
  await stopServer(server);
  assert.deepEqual(reported, expected);
});
