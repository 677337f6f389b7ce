/** The load's connections. They cost as little as Node allows, so that the server is what is measured. */
import net from 'node:net';
import { ACCEPT, request } from '../wire.ts';
import { type Messages, READ_SIZE, type Reader } from './payloads.ts';

/** As browsers do, and that no message refers to an earlier one: none does (payloads.ts). */
const OFFER = 'permessage-deflate; client_no_context_takeover; client_max_window_bits';
/** Connections that are opened at a time: less than the 10 that may wait in PHP's backlog. */
const AT_A_TIME = 8;
/** Nothing that a server is asked for takes so long. Milliseconds. */
const PATIENCE = 20_000;

/** Reads follow one another, so one Buffer serves all of them; Windows reads into several at a time. */
const shared = process.platform === 'win32' ? null : Buffer.allocUnsafeSlow(READ_SIZE);

/** What is said before the first message. */
export type Handshake = 'none' | 'plain' | 'deflate';

/** All clients of one measurement. What happens to one of them ends it for all. */
export class Crew {
  private readonly clients = new Set<Client>();
  private readonly open: () => Client;
  private readonly failed: Promise<never>;

  constructor(port: number, messages: Messages, handshake: Handshake) {
    let fail: (error: Error) => void = () => {};
    this.failed = new Promise((_, reject) => { fail = reject; });
    this.failed.catch(() => {});
    this.open = () => new Client(port, messages, handshake, fail);
  }

  /** Opens so many more. */
  async join(count: number): Promise<Client[]> {
    const joined: Client[] = [];
    let left = count;
    await this.all(AT_A_TIME, async () => { while (left-- > 0) joined.push(await this.connect()); });
    return joined;
  }

  /** Opens one more, its handshake done. */
  async connect(): Promise<Client> {
    const client = this.open();
    const opened = new Promise<void>((resolve) => { client.onopen = resolve; });
    await this.within(opened, 'It does not answer the handshake');
    this.clients.add(client);
    return client;
  }

  /** One message of this client's, and its answer. */
  async echo(client: Client): Promise<void> {
    const answered = new Promise<void>((resolve) => { client.onanswers = () => resolve(); });
    client.send(1);
    await this.within(answered, 'It does not answer a message');
  }

  /** One message of each. */
  async echoes(): Promise<void> {
    const left = [...this.clients];
    await this.all(AT_A_TIME, async () => {
      for (let client; (client = left.pop()) !== undefined;) await this.echo(client);
    });
  }

  /** The same work so many times side by side. */
  async all(times: number, work: () => Promise<void>): Promise<void> {
    await Promise.all(Array.from({ length: times }, work));
  }

  /** The same promise, or what went wrong meanwhile; waits for nothing for ever. */
  async within<T>(work: Promise<T>, otherwise: string): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`${otherwise} within ${PATIENCE / 1000} seconds`)), PATIENCE);
    });
    return Promise.race([work, this.failed, late]).finally(() => clearTimeout(timer));
  }

  /** The same, however long it takes. */
  during<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.failed]);
  }

  /** One goes. */
  dismiss(client: Client): void {
    this.clients.delete(client);
    client.close();
  }

  /** All go. */
  leave(): void {
    for (const client of this.clients) this.dismiss(client);
  }
}

export class Client {
  /** Called when the first message may be sent. */
  onopen: () => void = () => {};
  /** Called with the number of answers that a read has completed. */
  onanswers: (count: number) => void = () => {};
  sent = 0;
  answered = 0;
  private readonly messages: Messages;
  private readonly handshake: Handshake;
  private readonly read: Reader;
  private readonly socket: net.Socket;
  private readonly onfail: (error: Error) => void;
  /** What has come of the handshake's answer; null when it is over. */
  private head: string | null = '';
  private over = false;

  /** Connects to a port of this machine's. `onfail` is called once, with why this connection cannot go on. */
  constructor(port: number, messages: Messages, handshake: Handshake, onfail: (error: Error) => void) {
    this.messages = messages;
    this.handshake = handshake;
    this.onfail = onfail;
    this.read = messages.reader();
    const onread = {
      buffer: shared ?? Buffer.allocUnsafe(READ_SIZE),
      callback: (length: number, bytes: Uint8Array): boolean => {
        if (!this.over) this.take(length, bytes as Buffer);
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
    if (this.head !== null) return this.shake(bytes.toString('latin1', 0, length));
    try {
      const count = this.read(bytes, length);
      this.answered += count;
      if (this.answered > this.sent) throw new Error('It answers more than it was sent');
      if (count > 0) this.onanswers(count);
    } catch (error) {
      this.fail((error as Error).message);
    }
  }

  /** PHP's lines end in LF alone. Nothing comes behind them, since we have sent nothing else yet. */
  private shake(text: string): void {
    const head = this.head += text;
    if (!/\r?\n\r?\n$/.test(head)) return;
    if (!head.startsWith('HTTP/1.1 101 ')) return this.fail(`It answers the handshake with ${/^.*/.exec(head)![0]}`);
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
