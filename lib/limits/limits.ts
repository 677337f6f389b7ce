/** What clients may cost: what the loop asks, and one record for each client. */
import { hold, release } from '../php/select.ts';
import { type Socket, socket_shutdown, socket_write } from '../php/sockets.ts';
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
/** Clients that one pass goes on with. The others have waited less long, or have their turn in the next one. */
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
  /** The id of the client that was resumed last. */
  private last = 0;
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
    return this.clients.size === 0 ? null : this.timeouts.period;
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
    if (isBehind(socket)) return false;
    if (this.served !== inbox) {
      // What is done before the first look is no reason to stop
      this.served = inbox;
      this.look = inbox.work + LOOK;
      this.begin = 0;
    } else if (inbox.work >= this.look) {
      const now = this.clock();
      this.look = inbox.work + LOOK;
      this.begin ||= now;
      return now < this.begin + TURN;
    }
    return true;
  }

  /** Call after its messages: tells whether the client, if it has not left, must wait before it is read again. */
  mustWait(socket: Socket, inbox: FrameInbox): boolean {
    if (inbox.isDecoding) hold(socket);
    return (inbox.mayHoldMessage || isBehind(socket)) && this.clients.has(socket);
  }

  /** Returns those of the clients that need not wait any more whom this pass goes on with, each in its turn. */
  resume(waiting: Socket[]): Socket[] {
    if (waiting.length <= MOST_RESUMED) return waiting;
    const later = waiting.filter(({ id }) => id > this.last);
    const resumed = [...later, ...waiting].slice(0, MOST_RESUMED);
    this.last = resumed.at(-1)!.id;
    return resumed;
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
      // The server was stopped, or busy: what the clients have done meanwhile is not read yet
      if (late > period) client.since = Math.min(now, client.since + late + period);
      if (late > period) continue;
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
    this.clients.delete(socket);
    this.served = null;
  }

  /** The server ends: the next sweep() tells all clients. */
  end(): void {
    this.isEnding = true;
  }

  /** Brings memory's sums up to date. */
  recount(): void {
    this.memory.recount(this.clients);
  }

  /**
   * Sends a Close frame with 1001 (RFC 6455 7.4.1), or 503 before the handshake, and shuts the sockets down. Clients
   * are read until they answer. A stopped client (8) must read its answers first: a later pass tells it.
   */
  private sayGoodbye(): void {
    const { sockets, handShake } = this.arrays;
    for (const [socket, client] of this.clients) {
      if (client.isTold || sockets[socket.id] !== socket) continue;
      client.isTold = true;
      socket.step = 11;
      const isOpen = handShake[socket.id] === socket;
      for (const bytes of isOpen ? [closeFrame(GOING_AWAY)] : SORRY.bytes) socket_write(socket, bytes);
      socket_shutdown(socket, 1);
    }
  }
}

function isBehind({ stream }: Socket): boolean {
  return stream !== null && stream.writableLength >= stream.writableHighWaterMark;
}

const SORRY = new HttpError(503, 'Cannot serve: this server is shutting down.');
