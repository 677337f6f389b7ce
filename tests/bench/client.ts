/** One connection of the load's. It costs as little as Node allows, so that the server is what is measured. */
import net from 'node:net';
import { ACCEPT, request } from '../wire.ts';
import { type Messages, READ_SIZE, type Reader } from './payloads.ts';

/** What a browser offers. */
const OFFER = 'permessage-deflate; client_max_window_bits';

/** Reads follow one another, so one Buffer serves all of them; Windows reads into several at a time. */
const shared = process.platform === 'win32' ? null : Buffer.allocUnsafeSlow(READ_SIZE);

/** What is said before the first message. */
export type Handshake = 'none' | 'plain' | 'deflate';

export class Client {
  /** Called when the first message may be sent. */
  onopen: () => void = () => {};
  /** Called with the number of answers that a read has completed. */
  onanswers: (count: number) => void = () => {};
  /** Called once, with why this connection cannot go on. */
  onfail: (error: Error) => void = () => {};
  sent = 0;
  answered = 0;
  private readonly messages: Messages;
  private readonly handshake: Handshake;
  private readonly read: Reader;
  private readonly socket: net.Socket;
  /** What has come of the handshake's answer; null when it is over. */
  private head: string | null = '';
  private over = false;

  /** Connects to a port of this machine's; the listeners are to be set at once. */
  constructor(port: number, messages: Messages, handshake: Handshake) {
    this.messages = messages;
    this.handshake = handshake;
    this.read = messages.reader();
    const onread = {
      buffer: shared ?? Buffer.allocUnsafe(READ_SIZE),
      callback: (length: number, bytes: Uint8Array): boolean => {
        this.take(length, bytes as Buffer);
        return true;
      },
    };
    this.socket = net.connect({ host: '127.0.0.1', port, noDelay: true, onread });
    this.socket.on('error', (error) => this.fail(error.message));
    this.socket.on('close', () => this.fail('It has closed a connection'));
    this.socket.on('connect', () => {
      if (handshake === 'none') this.open();
      else this.socket.write(handshake === 'deflate' ? request({ 'Sec-WebSocket-Extensions': OFFER }) : request());
    });
  }

  /** So many messages more, in one write. */
  send(count: number): void {
    this.socket.write(this.messages.frames(this.sent, count));
    this.sent += count;
  }

  /** Ends it; nothing is called any more. */
  close(): void {
    this.over = true;
    this.socket.destroy();
  }

  private take(length: number, bytes: Buffer): void {
    if (this.over) return;
    if (this.head !== null) return this.shake(bytes.toString('latin1', 0, length));
    let count;
    try {
      count = this.read(bytes, length);
    } catch (error) {
      return this.fail((error as Error).message);
    }
    if (count === 0) return;
    this.answered += count;
    if (this.answered > this.sent) return this.fail('It answers more than it was sent');
    this.onanswers(count);
  }

  /** PHP's lines end in LF alone. Nothing comes behind them, since we have sent nothing else yet. */
  private shake(text: string): void {
    const head = this.head += text;
    if (!/\r?\n\r?\n$/.test(head)) return;
    const line = /^.*/.exec(head)![0];
    if (!line.startsWith('HTTP/1.1 101 ')) return this.fail(`It answers the handshake with ${line}`);
    if (!head.includes(ACCEPT)) return this.fail('It answers the handshake with a wrong Sec-WebSocket-Accept');
    if (this.handshake === 'deflate' && !/^Sec-WebSocket-Extensions: *permessage-deflate/im.test(head)) {
      return this.fail('It does not agree on permessage-deflate');
    }
    this.open();
  }

  private open(): void {
    this.head = null;
    this.onopen();
  }

  private fail(why: string): void {
    if (this.over) return;
    this.close();
    this.onfail(new Error(why));
  }
}
