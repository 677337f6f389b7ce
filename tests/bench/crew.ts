/** All clients of one measurement. What happens to one of them ends it for all. */
import { Client, type Handshake } from './client.ts';
import type { Messages } from './payloads.ts';

/** Connections that are opened at a time: less than the 10 that may wait in PHP's backlog. */
const AT_A_TIME = 8;
/** Nothing that a server is asked for takes so long. Milliseconds. */
const PATIENCE = 20_000;

export class Crew {
  private readonly clients = new Set<Client>();
  private readonly port: number;
  private readonly messages: Messages;
  private readonly handshake: Handshake;
  private fail: (error: Error) => void = () => {};
  private readonly failed: Promise<never>;

  constructor(port: number, messages: Messages, handshake: Handshake) {
    this.port = port;
    this.messages = messages;
    this.handshake = handshake;
    this.failed = new Promise((_, reject) => { this.fail = reject; });
    this.failed.catch(() => {});
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
    const client = new Client(this.port, this.messages, this.handshake);
    client.onfail = this.fail;
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
  async within<T>(work: Promise<T>, otherwise: string, patience = PATIENCE): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      if (patience < Infinity) timer = setTimeout(() => reject(new Error(`${otherwise} within ${patience / 1000} seconds`)), patience);
    });
    try {
      return await Promise.race([work, this.failed, late]);
    } finally {
      clearTimeout(timer);
    }
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
