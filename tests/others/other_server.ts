/** A server of any kind as a process of its own, which may die. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Child } from '../child.ts';
import { freePort } from '../helpers.ts';
import { Wire } from '../wire.ts';

/** Milliseconds until a server has to listen. */
const START = 15_000;
/** Characters that are kept of what it says. */
const SAID = 4000;

export class OtherServer extends Child {
  readonly port: number;

  /** Started and listening; `command` is a shell's command line, with {port}. */
  static async start(command: string): Promise<OtherServer> {
    const server = new OtherServer(command, await freePort());
    for (const end = Date.now() + START; Date.now() < end && server.status === null; await sleep(20)) {
      if (await server.isAlive()) return server;
    }
    await server.stop('SIGKILL');
    throw new Error(`does not start: ${command}; it says: ${server.complaint || server.stderr.trim()}`);
  }

  private constructor(command: string, port: number) {
    // Nobody reads what it prints: to read it would cost the load its time
    const line = `exec >/dev/null; exec ${command.replaceAll('{port}', String(port))}`;
    super(null, '/bin/sh', ['-c', line], { group: true });
    this.port = port;
    this.process.stderr.on('data', () => { this.stderr = this.stderr.slice(-SAID); });
  }

  /** Of its process, and of the group of all that it starts. */
  get pid(): number {
    return this.process.pid!;
  }

  /** The last line on standard error that tells of something wrong; '' where none does. */
  get complaint(): string {
    return this.stderr.split('\n').findLast((line) => /error|warning|exception|fatal/i.test(line)) ?? '';
  }

  /** Whether it takes connections. */
  async isAlive(): Promise<boolean> {
    // Its exit is known a moment after its sockets are closed, and those answer at once
    const wire = await Wire.knock(this.port);
    await wire?.leave();
    return wire !== null && this.status === null;
  }
}
