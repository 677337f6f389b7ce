/** Memory of all clients together: a thousand messages below --max-payload can still fill the machine. */
import { takeExcess } from '../php/cork.ts';
import type { Socket } from '../php/sockets.ts';
import { bytesUnsent } from '../php/stream.ts';
import { ProtocolError, TRY_AGAIN_LATER } from '../websocket/close.ts';
import type { Client } from './client.ts';
import { Disconnect, type LastWords } from './last_words.ts';

/** Bytes, one read. A client that holds no more is never closed for --max-memory. */
const SMALL = 64 * 1024;

/** A client that must go, and its last words. */
export type Leaver = [socket: Socket, words: LastWords];

type Clients = ReadonlyMap<Socket, Client>;

const NOBODY: readonly Leaver[] = [];

/** The sums over all clients. */
export class Memory {
  /** Bytes of unused input, begun messages and answers not taken, counted when each client was last served. */
  held = 0;
  /** Messages since the start. */
  messages = 0;
  /** Bytes that were written to slow readers since recount(). */
  private unseen = 0;
  private readonly limit: number;

  /** @param limit bytes of all clients together */
  constructor(limit: number) {
    this.limit = limit;
  }

  /** Counts one client again. */
  count(client: Client): void {
    this.enter(client, client.inbox.held + bytesUnsent(client.socket));
  }

  /** Counts all clients again. */
  recount(clients: Clients): void {
    takeExcess();
    this.unseen = 0;
    for (const client of clients.values()) this.count(client);
  }

  /** Takes a client out of the sums. */
  forget(client: Client): void {
    this.enter(client, 0);
  }

  /**
   * Call when a client has been served.
   * @returns the clients that must go when all hold too much, the fullest first. Only the served client and clients
   *   that do not read may have to go. The served client gets 1013, not 1009: its message is not too long, and may be
   *   sent again later
   */
  settle(served: Client, clients: Clients): readonly Leaver[] {
    this.count(served);
    this.unseen += takeExcess();
    if (this.held + this.unseen <= this.limit) return NOBODY;
    this.recount(clients);
    if (this.held <= this.limit) return NOBODY;
    const fullest = [...clients.values()].sort((one, other) => other.held - one.held).filter((one) => {
      return one.held > SMALL && (one === served || bytesUnsent(one.socket) > SMALL);
    });
    const leavers: Leaver[] = [];
    for (let { held } = this; held > this.limit && leavers.length < fullest.length;) {
      const client = fullest[leavers.length]!;
      held -= client.held;
      leavers.push([client.socket, wordsFor(client)]);
    }
    return leavers;
  }

  private enter(client: Client, held: number): void {
    const { messages } = client.inbox;
    this.held += held - client.held;
    this.messages += messages - client.messages;
    client.held = held;
    client.messages = messages;
  }
}

function wordsFor({ socket }: Client): LastWords {
  if (bytesUnsent(socket) === 0) {
    return new ProtocolError(TRY_AGAIN_LATER, 'Cannot read message: no memory is left for it now');
  }
  return new Disconnect('all clients together hold too much, and it does not read its answers');
}
