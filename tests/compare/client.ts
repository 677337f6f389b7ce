/** A client that knows nothing but bytes, and writes down all that goes to and fro. */
import { once } from 'node:events';
import net from 'node:net';

/** One thing that happened on a client's connection. */
export interface Entry {
  who: string;
  what: 'sent' | 'got' | 'ended' | 'cut' | 'left' | 'reset';
  bytes: Buffer;
}

const NONE = Buffer.alloc(0);
/** Bytes that may wait to be taken: nothing more is read from a server that sends without end. */
const MOST = 4 * 1024 * 1024;

export class Client {
  readonly name: string;
  /** How many bytes have come. */
  length = 0;
  /** How the server's side has ended. */
  over: 'ended' | 'reset' | null = null;
  /** What was sent to it was answered by a reset: nobody is there any more, whether it had ended properly or not. */
  isCut = false;
  private readonly socket: net.Socket;
  private readonly transcript: Entry[];
  private chunks: Buffer[] = [];
  private waiting = 0;
  private wake = new Set<() => void>();

  /** Connected, or null where nobody listens. */
  static async connect(name: string, port: number, transcript: Entry[]): Promise<Client | null> {
    const socket = net.connect({ host: '127.0.0.1', port, allowHalfOpen: true, noDelay: true });
    try {
      await once(socket, 'connect');
    } catch {
      return null;
    }
    return new Client(name, socket, transcript);
  }

  private constructor(name: string, socket: net.Socket, transcript: Entry[]) {
    this.name = name;
    this.socket = socket;
    this.transcript = transcript;
    socket.on('data', (chunk: Buffer) => {
      this.chunks.push(chunk);
      this.length += chunk.length;
      this.waiting += chunk.length;
      if (this.waiting > MOST) socket.pause();
      this.note('got', chunk);
    });
    socket.on('end', () => this.isOver('ended'));
    socket.on('error', () => {
      this.isCut = true;
      this.isOver('reset');
    });
  }

  /** Resolves when the kernel has the bytes: on this machine they are with the server's kernel then. */
  send(...data: (Uint8Array | string)[]): Promise<void> {
    const bytes = Buffer.concat(data.map((one) => Buffer.from(one)));
    this.note('sent', bytes);
    return new Promise((resolve) => { this.socket.write(bytes, () => resolve()); });
  }

  /** Reads nothing more. */
  pause(): void {
    this.socket.pause();
  }

  /** Ends without a word: the server sees the end of the stream. */
  end(): Promise<void> {
    this.note('left', NONE);
    return new Promise((resolve) => { this.socket.end(() => resolve()); });
  }

  async reset(): Promise<void> {
    this.note('reset', NONE);
    const closed = once(this.socket, 'close');
    this.socket.resetAndDestroy();
    await closed;
  }

  /** The scene is over. */
  drop(): void {
    this.socket.destroy();
  }

  /** All that has come and was not taken. */
  take(count = Infinity): Buffer {
    const bytes = Buffer.concat(this.chunks);
    this.chunks = bytes.length > count ? [bytes.subarray(count)] : [];
    this.waiting = Math.max(0, bytes.length - count);
    return bytes.subarray(0, count);
  }

  /** The head of an HTTP response, with lines that end in CRLF or LF; what has come without one when it is over. */
  async head(ms: number): Promise<string> {
    const end = /\r?\n\r?\n/;
    await this.until(() => end.test(this.text()), ms);
    const found = end.exec(this.text());
    return this.take(found === null ? Infinity : found.index + found[0].length).toString('latin1');
  }

  /** Whether this came to be so before the server's end and in so many milliseconds. */
  async until(isSo: () => boolean, ms: number): Promise<boolean> {
    const end = performance.now() + ms;
    while (!isSo()) {
      const left = end - performance.now();
      if (this.over !== null || left <= 0) return isSo();
      await new Promise<void>((resolve) => {
        const done = (): void => {
          clearTimeout(timer);
          this.wake.delete(done);
          resolve();
        };
        const timer = setTimeout(done, left);
        this.wake.add(done);
      });
    }
    return true;
  }

  private text(): string {
    return Buffer.concat(this.chunks).toString('latin1');
  }

  private isOver(how: 'ended' | 'reset'): void {
    if (this.over !== null) return;
    this.over = how;
    this.note(how === 'ended' ? 'ended' : 'cut', NONE);
  }

  private note(what: Entry['what'], bytes: Buffer): void {
    this.transcript.push({ who: this.name, what, bytes });
    for (const wake of [...this.wake]) wake();
  }
}
