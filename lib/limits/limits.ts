/** What clients may cost: what the loop asks, and one record for each client. */
import { uncork } from '../php/cork.ts';
import { hold, release } from '../php/select.ts';
import { type Socket, socket_shutdown, socket_write } from '../php/sockets.ts';
import { bytesUnread } from '../php/stream.ts';
import { closeFrame, GOING_AWAY } from '../websocket/close.ts';
import type { FrameInbox } from '../websocket/codec.ts';
import { HttpError } from '../websocket/http.ts';
import { Client } from './client.ts';
import { tellLastWords } from './last_words.ts';
import { type Leaver, Memory } from './memory.ts';
import { type TimeLimits, Timeouts } from './timeouts.ts';

/** Options of the command line. */
export interface Costs extends TimeLimits {
  /** Bytes of one message, over all its fragments and decompressed. */
  maxPayload: number;
  /** Clients at once. */
  maxClients: number;
  /** Bytes in memory for all clients together. */
  maxMemory: number;
}

/** The loop's arrays, keyed by socket.id. */
export interface Arrays {
  sockets: Socket[];
  handShake: Socket[];
  inboxes: FrameInbox[];
  selectWrite: Socket[];
}

/** Seconds. A client with more messages than can be answered in that time goes on in a later pass. */
const TURN = 0.25e-3;
/** Work of an inbox between two looks at the clock: 32 short messages. A look takes a tenth of an echo's time. */
const LOOK = 16 * 1024;
/** Seconds. A pass that has lasted so long leaves the other sockets to the next one. */
const PASS = 20e-3;
/** Clients that wait (step 8) and are served in one pass, in turn. */
const MOST_RESUMED = 16;

/** The limits of all clients. */
export class Limits {
  readonly memory: Memory;
  private readonly costs: Costs;
  private readonly arrays: Arrays;
  private readonly clock: () => number;
  private readonly timeouts: Timeouts;
  private readonly clients = new Map<Socket, Client>();
  /** When sweep() looks at the clients again, in seconds. */
  private next: number;
  /** The client that is being served, its work at the next look at the clock, and when its turn began. */
  private served: FrameInbox | null = null;
  private look = 0;
  private begin = 0;
  /** Ids of the sockets after which the next pass begins: of those to read, and of those that wait. */
  private lastRead = 0;
  private lastResumed = 0;
  private isEnding = false;

  /** @param clock returns seconds, and never goes back */
  constructor(costs: Costs, arrays: Arrays, clock = () => performance.now() / 1000) {
    this.costs = costs;
    this.arrays = arrays;
    this.clock = clock;
    this.memory = new Memory(costs.maxMemory);
    this.timeouts = new Timeouts(costs);
    this.next = clock() + this.timeouts.period;
  }

  /** Seconds that socket_select may wait; null (for ever) without clients. */
  get wait(): number | null {
    return this.clients.size === 0 ? null : Math.max(0, Math.min(this.timeouts.period, this.next - this.clock()));
  }

  /** The client that is being served is one more than --max-clients. */
  get isFull(): boolean {
    return this.clients.size > this.costs.maxClients;
  }

  /** The server ends, and all clients have left. */
  get isOver(): boolean {
    return this.isEnding && this.clients.size === 0;
  }

  /** Call when a client has come: starts its time for a request, and returns its inbox. */
  admit(socket: Socket): FrameInbox {
    const client = new Client(socket, this.costs.maxPayload, this.clock());
    client.inbox.onDecoded = () => release(socket);
    this.clients.set(socket, client);
    return client.inbox;
  }

  /** Call before each message: false when the client reads its answers too slowly, or when its turn is over. */
  hasTurn(socket: Socket, inbox: FrameInbox): boolean {
    if (this.served === inbox && inbox.work < this.look) return true;
    if (this.served !== inbox) {
      // Most turns end before the clock is read once
      this.served = inbox;
      this.begin = 0;
    } else {
      const now = this.clock();
      this.begin ||= now;
      if (now >= this.begin + TURN) return false;
    }
    this.look = inbox.work + LOOK;
    return !isBehind(socket);
  }

  /** Call after its messages: tells whether the client, if it has not left, must wait before it is read again. */
  mustWait(socket: Socket, inbox: FrameInbox): boolean {
    if (inbox.isDecoding) hold(socket);
    return (inbox.mayHoldMessage || isBehind(socket)) && this.clients.has(socket);
  }

  /**
   * Yields the sockets that this pass serves. Whoever is left over comes first in the next pass; select is
   * level-triggered, so nothing is lost.
   * @param read the active sockets, until the pass has lasted 20 ms. A client with more than one read comes again at
   *   once, while its turn lasts
   * @param write clients that need not wait any more: 16 of them
   */
  *turns(read: Socket[], write: Socket[]): Generator<Socket> {
    let now = this.clock();
    const end = now + PASS, after = this.lastRead;
    this.lastRead = 0;
    for (const socket of inTurn(read, after)) {
      const turn = now + TURN;
      do {
        yield socket;
        now = this.clock();
      } while (now < turn && this.hasMore(socket));
      if (now < end) continue;
      this.lastRead = socket.id;
      break;
    }
    const resumed = inTurn(write, this.lastResumed).slice(0, MOST_RESUMED);
    this.lastResumed = resumed.length < write.length ? resumed.at(-1)!.id : 0;
    yield* resumed;
  }

  /** Call when a client's turn is over. Returns the clients that must go, because all hold more than --max-memory. */
  settle(socket: Socket): readonly Leaver[] {
    this.served = null;
    const client = this.clients.get(socket);
    return client === undefined ? [] : this.memory.settle(client, this.clients, this.arrays.handShake);
  }

  /**
   * Call once in each pass: pings silent clients, tells all when the server ends. Returns those whose time is up, or who
   * must go for --max-memory.
   */
  sweep(): readonly Leaver[] {
    if (this.isEnding) this.sayGoodbye();
    const now = this.clock(), { period } = this.timeouts, late = now - this.next;
    if (late < 0) return [];
    this.next = now + period;
    const { handShake, selectWrite } = this.arrays;
    const leavers: Leaver[] = [...this.memory.relieve(this.clients, handShake)];
    for (const [socket, client] of this.clients) {
      if (late > period) {
        // After a stop, what clients have sent is not read yet: extend all waits
        client.since = Math.min(now, client.since + late + period);
        continue;
      }
      const isOpen = handShake[socket.id] === socket, isStopped = selectWrite[socket.id] === socket;
      const words = this.timeouts.tick(client, isOpen, isStopped, now);
      if (words !== null) leavers.push([socket, words]);
    }
    return leavers;
  }

  /**
   * A client goes: sends it its last words, and drops its record. Leaves its socket and the arrays alone.
   * @param step of the loop, for the trace
   * @param error what was thrown, or last words; undefined when there is nothing to say
   */
  forget(socket: Socket, step: number, error: unknown): void {
    const client = this.clients.get(socket);
    if (client === undefined) return;
    socket.step = step;
    if (error !== undefined) tellLastWords(socket, error, this.arrays.handShake[socket.id] === socket);
    this.memory.forget(client);
    client.inbox.cancel();
    this.clients.delete(socket);
    this.served = null;
  }

  /** The server's time is up: tells all clients that have not heard yet, without what they would have got. */
  sayLastGoodbye(): void {
    this.sayGoodbye(true);
    uncork();
  }

  /** The server ends: the next sweep() tells all clients. */
  end(): void {
    this.isEnding = true;
  }

  private hasMore(socket: Socket): boolean {
    return bytesUnread(socket) > 0 && this.arrays.sockets[socket.id] === socket;
  }

  /** Brings memory's sums up to date. */
  recount(): void {
    this.memory.recount(this.clients);
  }

  /**
   * Sends a Close frame with 1001 (RFC 6455 7.4.1), or 503 before the handshake, and shuts the sockets down. Clients
   * are read until they answer. A client that waits (8) gets its answers first: a later pass tells it.
   */
  private sayGoodbye(isLast = false): void {
    const { sockets, handShake } = this.arrays;
    for (const [socket, client] of this.clients) {
      if (client.isTold || !isLast && sockets[socket.id] !== socket) continue;
      client.isTold = true;
      socket.step = 11;
      const isOpen = handShake[socket.id] === socket;
      for (const bytes of isOpen ? [closeFrame(GOING_AWAY)] : SORRY.bytes) socket_write(socket, bytes);
      socket_shutdown(socket, 1);
    }
  }
}

function isBehind({ stream }: Socket): boolean {
  return stream !== null && stream.writable && stream.writableLength >= stream.writableHighWaterMark;
}

/** Those behind this id, then the others. The server is the first of all: new clients do not wait for a pass. */
function inTurn(sockets: Socket[], after: number): Socket[] {
  if (after === 0) return sockets;
  const isEarly = ({ id, listener }: Socket): boolean => id <= after && listener === null;
  return [...sockets.filter((one) => !isEarly(one)), ...sockets.filter(isEarly)];
}

const SORRY = new HttpError(503, 'Cannot serve: this server is shutting down.');
