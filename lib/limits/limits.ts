/** What clients may cost: all that the loop asks, and one record for each client. */
import { type Socket, socket_shutdown, socket_write } from '../php/sockets.ts';
import { closeFrame, GOING_AWAY } from '../websocket/close.ts';
import type { FrameInbox } from '../websocket/codec.ts';
import { HttpError } from '../websocket/http.ts';
import { Client } from './client.ts';
import { tellLastWords } from './last_words.ts';
import { type Leaver, Memory } from './memory.ts';
import { type TimeLimits, Timeouts } from './timeouts.ts';

/** What the command line says of it. */
export interface Costs extends TimeLimits {
  /** Bytes of one message, over all its fragments and inflated. */
  maxPayload: number;
  /** Clients at once. */
  maxClients: number;
  /** Bytes held for all clients together. */
  maxMemory: number;
}

/** The loop's own arrays, by their names, all keyed by socket.id. */
export interface Arrays {
  sockets: Socket[];
  handShake: Socket[];
  inboxes: FrameInbox[];
  selectWrite: Socket[];
}

/** Bytes of messages that one client gets answered in a row; then the others have their turn. */
const TURN = 1024 * 1024;

/** The limits of all clients. */
export class Limits {
  readonly memory: Memory;
  private readonly costs: Costs;
  private readonly arrays: Arrays;
  private readonly clock: () => number;
  private readonly timeouts: Timeouts;
  private readonly clients = new Map<Socket, Client>();
  /** When the clients' times are to be looked at again. */
  private next = 0;
  /** Bytes that are left of the turn of the client that is being served. */
  private turn = TURN;
  private isEnding = false;

  /** @param clock tells the time in seconds, and never goes back */
  constructor(costs: Costs, arrays: Arrays, clock = () => performance.now() / 1000) {
    this.costs = costs;
    this.arrays = arrays;
    this.clock = clock;
    this.memory = new Memory(costs.maxMemory);
    this.timeouts = new Timeouts(costs);
  }

  /** What socket_select may wait, in seconds; null, for ever, where there is no client. */
  get wait(): number | null {
    return this.clients.size === 0 ? null : this.timeouts.period;
  }

  /** There are more clients than --max-clients, the one that asks included. */
  get isFull(): boolean {
    return this.clients.size > this.costs.maxClients;
  }

  /** The server is to end, and all clients have left. */
  get isOver(): boolean {
    return this.isEnding && this.clients.size === 0;
  }

  /** A client has come: its time for a request begins. Returns the inbox for its bytes. */
  admit(socket: Socket): FrameInbox {
    const client = new Client(socket, this.costs.maxPayload, this.clock());
    this.clients.set(socket, client);
    return client.inbox;
  }

  /**
   * Step 8: a message was answered. Has its client to wait now, for its reader or for the others' turn?
   * @param length bytes of the message
   * @param isBehind the client does not keep up with its answers
   */
  mustWait(length: number, isBehind: boolean): boolean {
    this.turn -= length;
    return isBehind || this.turn < 0;
  }

  /**
   * A client's turn is over.
   * @returns those that have to go, because all together hold more than --max-memory
   */
  settle(socket: Socket): readonly Leaver[] {
    this.turn = TURN;
    const client = this.clients.get(socket);
    return client === undefined ? [] : this.memory.settle(client, this.clients);
  }

  /**
   * Steps 10 and 11, to be called in each pass: pings silent clients, and tells all when the server is to end.
   * @returns those whose time is up
   */
  sweep(): readonly Leaver[] {
    if (this.isEnding) this.sayGoodbye();
    const now = this.clock(), leavers: Leaver[] = [];
    if (now < this.next) return leavers;
    this.next = now + this.timeouts.period;
    const { handShake, selectWrite } = this.arrays;
    for (const [socket, client] of this.clients) {
      const words = this.timeouts.check(client, handShake[socket.id] === socket, selectWrite[socket.id] === socket, now);
      if (words !== null) leavers.push([socket, words]);
    }
    return leavers;
  }

  /**
   * A client goes. Its socket is still to be closed, and to be taken out of the arrays.
   * @param step of the loop, for who looks on (trace)
   * @param error what was thrown, or the client's last words; undefined where there is nothing to say
   */
  forget(socket: Socket, step: number, error: unknown): void {
    const client = this.clients.get(socket);
    if (client === undefined) return;
    socket.step = step;
    if (error !== undefined) tellLastWords(socket, error, this.arrays.handShake[socket.id] === socket);
    this.memory.forget(client);
    this.clients.delete(socket);
    this.turn = TURN;
  }

  /** The server is to end: no client comes any more, and those that are here are told so. */
  end(): void {
    this.isEnding = true;
  }

  /** Brings memory's sums up to date. */
  recount(): void {
    this.memory.recount(this.clients);
  }

  /**
   * A Close frame with 1001 (RFC 6455 7.4.1), 503 where there is no handshake. Each client is told once, since its
   * socket is shut down then: nothing is written to it any more, but what it sends is read, its Close too. A client that
   * is not in `sockets` does not read: it has answers to come first.
   */
  private sayGoodbye(): void {
    const { sockets, handShake } = this.arrays;
    for (const socket of Object.values(sockets)) {
      const isOpen = handShake[socket.id] === socket;
      socket.step = 11;
      for (const bytes of isOpen ? [closeFrame(GOING_AWAY)] : SORRY.bytes) socket_write(socket, bytes);
      socket_shutdown(socket, 1);
    }
  }
}

const SORRY = new HttpError(503, 'Cannot serve: this server is about to end.');
