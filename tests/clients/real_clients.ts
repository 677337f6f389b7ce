/** The clients that play the scenes. Each takes the server's address; its report is null where this machine lacks it. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Child } from '../child.ts';
import type { Program } from '../program.ts';
import { chromium, FOREIGN } from './browser.ts';
import { find, missing } from './installed.ts';
import scenes from './scenes.json' with { type: 'json' };

/**
 * What every client plays: texts as they are, binary messages by their length. Their byte i is i % 251: a prime, so
 * that nothing moved by a masking key, a frame or a chunk looks the same. Of these a digest: it can be read.
 */
const echoes = scenes.messages.map((message) => {
  if (typeof message === 'string') return message;
  const bytes = Uint8Array.from({ length: message.binary }, (_, i) => i % 251);
  return { binary: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
});
/** The messages come twice: one after the other, each when the last has come back, then all at once. */
const expected = { answers: [...echoes, ...echoes], close: { wasClean: true, ...scenes.close } };
/** Of clients that can send a ping; the browser's API cannot. */
const expectedWithPing = { ...expected, pong: scenes.ping };

export interface Player {
  name: string;
  expected: unknown;
  /** Whether it sends compressed messages, too, where that was agreed on. */
  compresses: boolean;
  play(t: TestContext, url: string): Promise<unknown>;
}

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
  ...([
    ["Python's websockets", 'websockets', expectedWithPing],
    // What it keeps of its own messages the server cannot talk it out of: it does not see client_no_context_takeover
    ['Tornado', 'tornado', expected],
  ] as const).map(([name, module, report]): Player => ({
    name,
    expected: report,
    compresses: true,
    async play(t, url) {
      // The system's first: Debian's package is for that one, whatever python3 is on the PATH.
      const python = find(['/usr/bin/python3', 'python3'], '-c', `import ${module}`);
      if (python === null) return missing(t, name, `apt-get install python3-${module}`);
      return reportOf(t, python, 'tests/clients/python_client.py', module, url);
    },
  })),
  {
    // It refuses an answer with a parameter that it did not offer
    name: 'Netty',
    expected,
    compresses: true,
    async play(t, url) {
      const jars = ['netty-common', 'netty-buffer', 'netty-transport', 'netty-resolver', 'netty-codec', 'netty-handler',
        'netty-codec-http', 'jctools-core'].map((name) => `/usr/share/java/${name}.jar`);
      if (find(['java'], '--list-modules') === null) return missing(t, 'Java', 'apt-get install default-jdk-headless');
      if (!jars.every((path) => existsSync(path))) return missing(t, 'Netty', 'apt-get install libnetty-java');
      return reportOf(t, 'java', '-cp', jars.join(':'), 'tests/clients/NettyClient.java', url);
    },
  },
  {
    name: 'a page in Chromium',
    expected,
    compresses: true,
    async play(t, url) {
      const browser = await chromium(t, FOREIGN);
      if (browser === null) return null;
      // nginx has a certificate that signs itself
      const context = await browser.newContext({ ignoreHTTPSErrors: true });
      t.after(() => context.close());
      const page = await context.newPage();
      await page.route('http://localhost/**', (route) => {
        const { pathname } = new URL(route.request().url());
        return route.fulfill(pathname === '/' ? { body: '', contentType: 'text/html' }
          : { path: fileURLToPath(new URL(`.${pathname}`, import.meta.url)) });
      });
      await page.goto('http://localhost/');
      return page.evaluate(`import('http://localhost/play.js').then(({ play }) => play(WebSocket, ${JSON.stringify(url)}))`);
    },
  },
];

/** What a client program prints that runs to its end. */
async function reportOf(t: TestContext, command: string, ...args: string[]): Promise<unknown> {
  const client = new Child(t, command, args);
  assert.equal(await client.ended, 0, client.stderr);
  return JSON.parse(client.stdout);
}

/** The end of a visit: the server must have found nothing wrong with its clients, nor with itself. */
export async function stopServer(server: Program): Promise<void> {
  const status = await server.stop();
  assert.deepEqual([server.stderr, status], [`listening on ${server.url}\n`, 0]);
}
