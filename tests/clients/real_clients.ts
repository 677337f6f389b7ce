/** The clients that play the scenes. Each takes the server's address; its report is null where this machine lacks it. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { Child } from '../child.ts';
import { servePage } from './page_server.ts';
import { find, missing } from './installed.ts';
import { expected, expectedWithPing } from './scenes.ts';

export interface Player {
  name: string;
  expected: unknown;
  /** Whether it sends compressed messages, too, where that was agreed on. */
  compresses: boolean;
  play(t: TestContext, url: string): Promise<unknown>;
}

// No sandbox: it does not start as root, and the only page it opens is ours. It has no flag for one more certificate.
const CHROMIUM_FLAGS = ['--headless', '--no-sandbox', '--ignore-certificate-errors', '--disable-gpu', '--disable-quic',
  '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

export const players: Player[] = [
  {
    name: "Node's own WebSocket",
    expected,
    // It inflates what comes, and sends everything as it is
    compresses: false,
    play(t, url) {
      const flags = 'WebSocket' in globalThis ? [] : ['--experimental-websocket'];
      return reportOf(t, process.execPath, ...flags, 'tests/clients/node_client.js', url);
    },
  },
  {
    name: 'the ws package',
    expected: expectedWithPing,
    compresses: true,
    async play(t, url) {
      const isInstalled = existsSync(new URL('node_modules/ws', import.meta.url));
      if (!isInstalled) return missing(t, 'ws', 'npm ci --prefix tests/clients');
      return reportOf(t, process.execPath, 'tests/clients/ws_client.js', url);
    },
  },
  {
    name: "Python's websockets",
    expected: expectedWithPing,
    compresses: true,
    async play(t, url) {
      // The system's first: Debian's package is for that one, whatever python3 is on the PATH.
      const python = find(['/usr/bin/python3', 'python3'], '-c', 'import websockets');
      if (python === null) return missing(t, "Python's websockets", 'apt-get install python3-websockets');
      return reportOf(t, python, 'tests/clients/python_client.py', url);
    },
  },
  {
    name: 'a page in Chromium',
    expected,
    compresses: true,
    async play(t, url) {
      const command = find(['chromium', 'chromium-browser', 'google-chrome'], '--version');
      if (command === null) return missing(t, 'Chromium', 'apt-get install chromium');
      const { page, report } = await servePage(t);
      const profile = await mkdtemp(join(tmpdir(), 'chromium-'));
      const flags = [...CHROMIUM_FLAGS, `--user-data-dir=${profile}`];
      const chromium = new Child(t, command, [...flags, `${page}?server=${url}`]);
      // After Chromium's own end: the hooks run in the order in which they were added.
      t.after(() => rm(profile, { recursive: true }));
      return Promise.race([report, chromium.fails('a report')]);
    },
  },
];

/** What a client program prints that runs to its end. */
async function reportOf(t: TestContext, command: string, ...args: string[]): Promise<unknown> {
  const client = new Child(t, command, args);
  assert.equal(await client.ended, 0, client.stderr);
  return JSON.parse(client.stdout);
}
