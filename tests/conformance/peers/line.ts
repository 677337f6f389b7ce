/** A TCP connection to a server of any kind: what it does, and also that it does nothing. */
import net from 'node:net';
import { once } from 'node:events';
import type { Bytes } from '../row.ts';

/** A server that says nothing for so long will say nothing any more. Milliseconds. */
const PATIENCE = 2000;
/** Packets. */
const FEW = 200;

export type Come = 'come' | 'over' | 'silent';

export class Line {
  private readonly socket: net.Socket;
  private bytes: Buffer = Buffer.alloc(0);
  private more: Buffer[] = [];
  private length = 0;
  private over = false;
  private wake: () => void = () => {};

  private constructor(socket: net.Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk) => { this.more.push(chunk); this.length += chunk.length; this.wake(); });
    // A reset ends it too: it is what a server's kernel does where the server has not read all of what we sent
    for (const event of ['end', 'close']) socket.on(event, () => { this.over = true; this.wake(); });
    socket.on('error', () => {});
  }

  /** Null where nobody listens. */
  static async connect(port: number): Promise<Line | null> {
    const socket = net.connect({ host: '127.0.0.1', port, allowHalfOpen: true });
    try {
      await once(socket, 'connect');
    } catch {
      return null;
    }
    return new Line(socket);
  }

  /** Each in a packet of its own; where there are few, long enough after each other to be read one by one. */
  async send(packets: Bytes[]): Promise<void> {
    for (const packet of packets) {
      if (this.socket.writable) this.socket.write(packet);
      if (packets.length > FEW) await new Promise(setImmediate);
      else if (packets.length > 1) await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }

  /** Whether so many bytes have come. */
  async has(count: number): Promise<Come> {
    for (;;) {
      if (this.length >= count) return 'come';
      if (this.over) return 'over';
      if (!await this.stirs()) return 'silent';
    }
  }

  /** The next bytes, which have come. */
  take(count: number): Buffer {
    const bytes = this.peek();
    this.bytes = bytes.subarray(count);
    this.length -= count;
    return bytes.subarray(0, count);
  }

  /** All that has come and is not taken. */
  peek(): Buffer {
    if (this.more.length > 0) this.bytes = Buffer.concat([this.bytes, ...this.more.splice(0)]);
    return this.bytes;
  }

  end(): void {
    this.socket.end();
  }

  /** Ends it as a client does that leaves, so that the next row finds a server without our leftovers. */
  async leave(): Promise<void> {
    this.socket.end();
    this.socket.resume();
    for (let turn = 0; !this.over && turn < 10; turn++) await new Promise((resolve) => setTimeout(resolve, 5));
    this.socket.destroy();
  }

  private stirs(): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), PATIENCE);
      this.wake = () => { clearTimeout(timer); resolve(true); };
    });
  }
}
