/** server.ts as a process of its own, as a user runs it. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type net from 'node:net';
import { after, before } from 'node:test';
import { Child } from './child.ts';
import { TYPESCRIPT } from './helpers.ts';

/** A test, or whoever else tells when it is over. */
interface Test {
  after(end: () => unknown): void;
}

export class Program extends Child {
  /** As it says itself: ws://127.0.0.1:8081, unix:./my.sock */
  url = '';

  /** Started and listening, on a free port of 127.0.0.1 where no other address is given. */
  static start(t: Test, ...args: string[]): Promise<Program> {
    return Program.of('server.ts', t, ...args).listens();
  }

  /** The same by a shell that prepares something before: 'ulimit -n 64; exec "$@" >/dev/full'. */
  static startIn(script: string, t: Test, ...args: string[]): Promise<Program> {
    const server = [process.execPath, ...TYPESCRIPT, 'server.ts', ...FLAGS, ...args];
    return new Program(t, 'sh', ['-c', script, 'sh', ...server]).listens();
  }

  /** Another server.ts, which may not listen yet. */
  static of(file: string, t: Test | null, ...args: string[]): Program {
    return new Program(t, process.execPath, [...TYPESCRIPT, file, ...FLAGS, ...args]);
  }

  async listens(): Promise<this> {
    [, this.url = ''] = await this.says('stderr', /^listening on (.*)\n/m);
    return this;
  }

  /** Where it listens, as net.connect takes it. */
  get where(): net.NetConnectOpts {
    if (this.url.startsWith('unix:')) return { path: this.url.slice(5) };
    const { hostname, port } = new URL(this.url);
    return { host: hostname.replace(/[[\]]/g, ''), port: Number(port) };
  }

  /** Until standard output (or standard error) holds this. */
  async printed(text: string, on: 'stdout' | 'stderr' = 'stdout'): Promise<void> {
    await this.says(on, new RegExp(text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')));
  }

  /** Until standard error has told of so many refused, closed or cut clients, with those that it has only counted. */
  async reported(count: number): Promise<void> {
    const soFar = (): number => [...this.stderr.matchAll(/^client \d+ .*$|^and ([\d,]+) more in the last second$/gm)]
      .reduce((sum, [, more = '1']) => sum + Number(more.replaceAll(',', '')), 0);
    while (soFar() < count) {
      await Promise.race([once(this.process.stderr, 'data'), this.fails(`reporting ${count} clients`)]);
    }
    assert.equal(soFar(), count);
  }

  /** The numbers that SIGUSR2 prints, or another signal where somebody hears it. */
  async stats(signal: NodeJS.Signals = 'SIGUSR2'): Promise<Record<string, number>> {
    const before = this.stderr.length;
    this.process.kill(signal);
    for (;;) {
      const line = /^\{.*\}$/m.exec(this.stderr.slice(before));
      if (line !== null) return JSON.parse(line[0]) as Record<string, number>;
      await Promise.race([once(this.process.stderr, 'data'), this.fails('printing its numbers')]);
    }
  }

  /** CPU time spent so far, in hundredths of a second (Linux). */
  async cpuTicks(): Promise<number> {
    const fields = (await readFile(`/proc/${this.process.pid}/stat`, 'utf8')).split(') ')[1]!.split(' ');
    return Number(fields[11]) + Number(fields[12]);
  }

  /** How often its main thread has gone to sleep so far (Linux). */
  async wakeUps(): Promise<number> {
    return Number(/^voluntary_ctxt_switches:\s+(\d+)$/m.exec(await readFile(`/proc/${this.process.pid}/status`, 'utf8'))![1]);
  }
}

const FLAGS = ['--port', '0', '--address', '127.0.0.1'];

/** Call in a describe(): one server for all of its tests, started before the first and ended after the last. */
export function sharedProgram(...args: string[]): { program: Program } {
  const ends: (() => unknown)[] = [], shared = {} as { program: Program };
  before(async () => { shared.program = await Program.start({ after: (end) => ends.push(end) }, ...args); });
  after(() => Promise.all(ends.map((end) => end())));
  return shared;
}
