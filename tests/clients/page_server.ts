/** Serves page.html with what it loads, and takes its report: so the browser needs no driver. */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import type { TestContext } from 'node:test';

const TYPES: Record<string, string> = {
  '/page.html': 'text/html',
  '/play.js': 'text/javascript',
  '/scenes.json': 'application/json',
};

/** The page's address, and what it posts. */
export async function servePage(t: TestContext): Promise<{ page: string; report: Promise<unknown> }> {
  const server = createServer();
  const report = new Promise((resolve) => {
    server.on('request', async (request, response) => {
      const { pathname } = new URL(request.url ?? '/', 'http://localhost');
      const type = TYPES[pathname];
      if (pathname === '/report') {
        resolve(await json(request));
        response.end();
      } else if (type !== undefined) {
        response.setHeader('Content-Type', type).end(await readFile(new URL(`.${pathname}`, import.meta.url)));
      } else {
        response.writeHead(404).end();
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return { page: `http://127.0.0.1:${(server.address() as AddressInfo).port}/page.html`, report };
}
