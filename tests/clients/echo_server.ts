/** The real server, a process of its own on a free port. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { Program } from './program.ts';

/** The server and where it listens. */
export interface EchoServer {
  program: Program;
  url: string;
}

export async function startServer(t: TestContext, ...flags: string[]): Promise<EchoServer> {
  const args = ['--import', 'tsx', 'server.ts', '--port', '0', '--address', '127.0.0.1', ...flags];
  const program = new Program(t, process.execPath, args);
  const [, url = ''] = await program.says('stderr', /^listening on (ws:\S+)\n/m);
  return { program, url };
}

/** Ends the server, which must have found nothing wrong with its clients, nor with itself. */
export async function stopServer({ program, url }: EchoServer): Promise<void> {
  const status = await program.stop();
  assert.equal(program.stderr, `listening on ${url}\n`);
  assert.equal(status, 0);
}
