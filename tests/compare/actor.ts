/** A client of a scene: a Wire that writes down all that goes to and fro. */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Wire } from '../wire.ts';

/** One thing that happened on a client's connection. */
export interface Entry {
  who: string;
  what: 'sent' | 'got' | 'ended' | 'cut' | 'left' | 'reset';
  bytes: Buffer;
}

/** Bytes that may wait to be taken: nothing more is read from a server that sends without end. */
const MOST = 4 * 1024 * 1024;
/** Milliseconds. Where the server's queue is full, TCP tries again after one second, and after three. */
const LET_IN = 5000;

export class Actor {
  readonly name: string;
  /** How the server's side has ended first. It may end, and answer with a reset what is sent later. */
  over: 'ended' | 'cut' | null = null;
  readonly wire: Wire;
  private readonly transcript: Entry[];

  /** Connected, or null where nobody listens, or the queue stays full: TCP itself would try for two minutes. */
  static async connect(name: string, port: number, transcript: Entry[]): Promise<Actor | null> {
    const connecting = Wire.knock(port), wire = await Promise.race([connecting, sleep(LET_IN, null, { ref: false })]);
    if (wire === null) void connecting.then((late) => late?.socket.destroy());
    return wire && new Actor(name, wire, transcript);
  }

  private constructor(name: string, wire: Wire, transcript: Entry[]) {
    this.name = name;
    this.wire = wire;
    this.transcript = transcript;
    wire.socket.on('data', (chunk) => {
      if (wire.length > MOST) wire.socket.pause();
      this.note('got', chunk);
    });
    for (const [event, how] of [['end', 'ended'], ['error', 'cut']] as const) wire.socket.on(event, () => {
      if (this.over === null) this.note(this.over = how);
    });
  }

  /** How many bytes have come. */
  get length(): number {
    return this.wire.socket.bytesRead;
  }

  /** What was sent to it was answered by a reset: nobody is there any more, whether it had ended properly or not. */
  get isCut(): boolean {
    return this.wire.over === 'error';
  }

  /** Resolves when the kernel has the bytes: on this machine they are with the server's kernel then. */
  send(...data: (Uint8Array | string)[]): Promise<void> {
    const bytes = Buffer.concat(data.map((one) => Buffer.from(one)));
    this.note('sent', bytes);
    return new Promise((resolve) => { this.wire.socket.write(bytes, () => resolve()); });
  }

  /** Ends without a word: the server sees the end of the stream. */
  end(): Promise<void> {
    this.note('left');
    return new Promise((resolve) => { this.wire.socket.end(() => resolve()); });
  }

  async reset(): Promise<void> {
    this.note('reset');
    this.wire.reset();
    await once(this.wire.socket, 'close');
  }

  /** All that has come and was not taken. */
  take(): Promise<Buffer> {
    return this.wire.take(this.wire.length);
  }

  private note(what: Entry['what'], bytes: Buffer = Buffer.alloc(0)): void {
    this.transcript.push({ who: this.name, what, bytes });
  }
}
