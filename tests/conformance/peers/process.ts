/** Servers of any kind as processes of their own, which may die, and are started again. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { fileURLToPath } from 'node:url';
import { Line } from './line.ts';

const TOP = fileURLToPath(new URL('../../..', import.meta.url));
/** Milliseconds until a server has to listen. */
const START = 15_000;

const running = new Set<ChildProcess>();
process.on('exit', () => { for (const child of running) kill(child); });

/** With its children: a command may be a shell's. */
function kill(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has ended
  }
}

export class Server {
  port = 0;
  private readonly command: string;
  private child: ChildProcess | null = null;

  /** A shell's command line, with {port}. */
  constructor(command: string) {
    this.command = command;
  }

  async start(): Promise<void> {
    this.port = await freePort();
    const command = this.command.replaceAll('{port}', String(this.port));
    const child = spawn('/bin/sh', ['-c', `exec ${command}`], { cwd: TOP, stdio: 'ignore', detached: true });
    child.on('error', () => {});
    child.on('exit', () => running.delete(child));
    running.add(child);
    this.child = child;
    for (const end = Date.now() + START; Date.now() < end && child.exitCode === null;) {
      const line = await Line.connect(this.port);
      if (line !== null) return line.leave();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await this.stop();
    throw new Error(`does not start: ${command}`);
  }

  /** Its process, as the system knows it. */
  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** Whether its process has not ended. */
  get isRunning(): boolean {
    return this.child?.exitCode === null && this.child.signalCode === null;
  }

  /** Whether it still takes connections. */
  async isAlive(): Promise<boolean> {
    // Its exit is known a moment after its sockets are closed, and those answer at once
    const line = await Line.connect(this.port);
    await line?.leave();
    return line !== null && this.isRunning;
  }

  async stop(): Promise<void> {
    const { child } = this;
    this.child = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    kill(child);
    await exit;
  }
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
