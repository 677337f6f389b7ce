/** What all clients together hold in memory, and what they may: a thousand messages are begun, none is too long. */
import { takeExcess } from '../php/cork.ts';
import type { Socket } from '../php/sockets.ts';
import { bytesUnsent } from '../php/stream.ts';
import { ProtocolError, TRY_AGAIN_LATER } from '../websocket/close.ts';
import type { Client } from './client.ts';
import { Disconnect, type LastWords } from './last_words.ts';

/** Bytes, about a read. A client that holds less is not the one that there is too much of, and is not refused. */
const SMALL = 64 * 1024;

/** A client that has to go, and what to tell it. */
export type Leaver = [socket: Socket, words: LastWords];

/** All clients. */
type Clients = ReadonlyMap<Socket, Client>;

const NOBODY: readonly Leaver[] = [];

/** The sums over all clients. */
export class Memory {
  /**
   * Bytes that are held for clients: not used up, of messages begun, of answers not taken. Exact for each client when it
   * has been served; what it has taken since then is still counted, until recount().
   */
  held = 0;
  /** Messages that have come since the start. */
  messages = 0;
  /** Bytes that may have been written, to any client, since recount(). */
  private unseen = 0;
  private readonly limit: number;

  /** @param limit bytes that all may hold together */
  constructor(limit: number) {
    this.limit = limit;
  }

  /** Brings the sums up to date for one client. */
  count(client: Client): void {
    this.enter(client, client.inbox.held + bytesUnsent(client.socket));
  }

  /** Brings the sums up to date for all. */
  recount(clients: Clients): void {
    takeExcess();
    this.unseen = 0;
    for (const client of clients.values()) this.count(client);
  }

  /** A client goes, and what was held for it. */
  forget(client: Client): void {
    this.enter(client, 0);
  }

  /**
   * To be called when a client has been served: do all together hold too much now?
   * @returns those that have to go, the fullest first, as many as it takes: of those that do not take their answers,
   *   which may be what the served one has said to all, and of the served one itself. That one is told 1013, not 1009:
   *   its message is not too long, and may be taken later. The others are not told, since they do not read
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
    return new ProtocolError(TRY_AGAIN_LATER, 'Cannot read message: there is no memory left for it now');
  }
  return new Disconnect('all clients together hold too much, and it does not take its answers');
}
