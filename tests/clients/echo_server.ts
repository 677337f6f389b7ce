/** The end of a visit: the server must have found nothing wrong with its clients, nor with itself. */
import assert from 'node:assert/strict';
import type { Program } from '../program.ts';

export async function stopServer(server: Program): Promise<void> {
  const status = await server.stop();
  assert.equal(server.stderr, `listening on ${server.url}\n`);
  assert.equal(status, 0);
}
