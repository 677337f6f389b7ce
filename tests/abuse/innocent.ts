/** The client beside every attack that must not notice it. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type net from 'node:net';
import { Worker } from 'node:worker_threads';
import { REQUEST } from '../wire.ts';

/** What it has seen of the server until it left. */
export interface Report {
  sent: number;
  echoed: number;
  /** The longest that an answer took, in milliseconds. */
  slowest: number;
  /** The longest that its own clock was late, in milliseconds: the machine has had other things to do. */
  lag: number;
  /**
   * The longest that an answer took without the time in which the server or this client waited for a processor, in
   * milliseconds: what others do on the machine does not count. 0 when the server's process is not known.
   */
  stall: number;
  /** Its own port: the server's log names it. */
  port: number;
  /** What ended it before its time; '' for nothing. */
  wrong: string;
}

export class Innocent {
  private readonly worker: Worker;
  private readonly reported: Promise<Report>;

  private constructor(where: net.NetConnectOpts, isPatient: boolean, pid: number | undefined) {
    // Its flags would be the parent's, and there is nothing in it for them
    const workerData = { where, request: REQUEST, isPatient, pid };
    this.worker = new Worker(new URL('innocent.js', import.meta.url), { workerData, execArgv: [] });
    this.worker.unref();
    this.reported = new Promise((resolve, reject) => {
      this.worker.on('message', (message: Report | 'open') => { if (message !== 'open') resolve(message); });
      this.worker.on('error', reject);
    });
    // Whoever awaits it hears of it
    this.reported.catch(() => {});
  }

  /**
   * Its handshake is done, and its messages are on their way.
   * @param isPatient it sends none before the last one is back
   * @param pid the server's process (Linux), to find stalls
   */
  static async start(where: net.NetConnectOpts, isPatient = false, pid?: number): Promise<Innocent> {
    const innocent = new Innocent(where, isPatient, pid);
    await Promise.race([once(innocent.worker, 'message'), innocent.reported]);
    return innocent;
  }

  /** It ends where it stands. */
  async cut(): Promise<void> {
    await this.worker.terminate();
  }

  /** It waits for its last answers, leaves, and tells. */
  async leave(): Promise<Report> {
    this.worker.ref();
    this.worker.postMessage('leave');
    const report = await this.reported;
    await this.cut();
    return report;
  }
}

/** None of its messages was lost or changed. */
export function assertUnharmed({ sent, echoed, wrong }: Report): void {
  assert.equal(wrong, '', 'the innocent client was served to the end');
  assert.equal(echoed, sent, 'all of the innocent client\'s messages came back');
}
