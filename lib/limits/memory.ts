/** Memory of all clients together: a thousand messages below --max-payload can still fill the machine. */
import { takeExcess } from '../php/cork.ts';
import type { Socket } from '../php/sockets.ts';
import { bytesUnread, bytesUnsent } from '../php/stream.ts';
import { ProtocolError, TRY_AGAIN_LATER } from '../websocket/close.ts';
import type { Client } from './client.ts';
import { HttpError } from '../websocket/http.ts';
import { Disconnect, type LastWords } from './last_words.ts';

/** When all hold too much, clients must go until this part of the limit is free again. */
const FREED = 1 / 8;
/** Bytes. A client with more answers than that to read goes before all that read theirs. */
const MANY = 64 * 1024;

/** A client that must go, and its last words. */
export type Leaver = [socket: Socket, words: LastWords];

type Clients = ReadonlyMap<Socket, Client>;

const NOBODY: readonly Leaver[] = [];

/** The sums over all clients. */
export class Memory {
  /** Bytes that have come and are not used, of begun messages, and of answers not taken, when last counted. */
  held = 0;
  /** Messages since the start. */
  messages = 0;
  /** Bytes that were written to slow readers since recount(). */
  private unseen = 0;
  /** How often a client has been counted: the clock for begunAt. */
  private counts = 0;
  private readonly limit: number;

  /** @param limit bytes of all clients together */
  constructor(limit: number) {
    this.limit = limit;
  }

  /** Counts one client again. */
  count(client: Client): void {
    const { inbox, socket } = client;
    this.counts++;
    if (client.begun !== inbox.begun || client.begunAt === 0) client.begunAt = this.counts;
    client.begun = inbox.begun;
    this.enter(client, inbox.held + bytesUnread(socket) + bytesUnsent(socket));
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

  /** Call when a client has been served. Returns who must go, as relieve() does. */
  settle(served: Client, clients: Clients, handShake: readonly Socket[]): readonly Leaver[] {
    this.count(served);
    this.unseen += takeExcess();
    return this.held + this.unseen <= this.limit ? NOBODY : this.relieve(clients, handShake);
  }

  /**
   * Counts all clients again.
   * @returns the clients that must go when all hold too much: first those that do not read their answers, the fullest
   *   first; then those whose message has begun longest ago; then those without a message. Whoever holds less than an
   *   eighth of an equal share stays.
   *   They get 1013, not 1009: the message is not too long, and may be sent again later
   */
  relieve(clients: Clients, handShake: readonly Socket[]): readonly Leaver[] {
    this.recount(clients);
    let { held } = this;
    if (held <= this.limit) return NOBODY;
    const least = this.limit * FREED / clients.size, leavers: Leaver[] = [];
    const holders = [...clients.values()].filter((client) => client.held > least).sort(byFault);
    for (const client of holders) {
      if (held <= this.limit * (1 - FREED)) break;
      held -= client.held;
      leavers.push([client.socket, wordsFor(client, handShake[client.socket.id] === client.socket)]);
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

function byFault(one: Client, other: Client): number {
  const unsent = manyUnsent(other) - manyUnsent(one);
  return unsent || Number(isIdle(one)) - Number(isIdle(other)) || one.begunAt - other.begunAt;
}

/** All that it holds is a context of compression. */
function isIdle({ inbox }: Client): boolean {
  return inbox.begun === null && inbox.late === null && inbox.length === 0;
}

function manyUnsent({ socket }: Client): number {
  const bytes = bytesUnsent(socket);
  return bytes > MANY ? bytes : 0;
}

function wordsFor(client: Client, isOpen: boolean): LastWords {
  if (manyUnsent(client) > 0) {
    return new Disconnect('all clients together hold too much, and it does not read its answers');
  }
  if (!isOpen) return new HttpError(503, 'Cannot read the request: no memory is left for it now.');
  const what = isIdle(client) ? 'keep connection' : 'read message';
  return new ProtocolError(TRY_AGAIN_LATER, `Cannot ${what}: no memory is left for it now`);
}
