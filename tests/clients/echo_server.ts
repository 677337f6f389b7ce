/** The real server, a process of its own on a free port, and a client's visit to it. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { Program } from './program.ts';

/** The server and where it listens. */
export interface EchoServer {
  program: Program;
  url: string;
}

export async function startServer(t: TestContext): Promise<EchoServer> {
  const args = ['--import', 'tsx', 'server.ts', '--port', '0', '--address', '127.0.0.1'];
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

/** Starts a client program with the server's address as its last argument; returns the report it prints. */
export async function visit(t: TestContext, command: string, ...args: string[]): Promise<unknown> {
  const server = await startServer(t);
  const client = new Program(t, command, [...args, server.url]);
  const status = await client.ended;
  await stopServer(server);
  assert.equal(status, 0, client.stderr);
  return JSON.parse(client.stdout);
}
