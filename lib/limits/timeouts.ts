/**
 * Who has been given time enough: for its request, for its answers, for a sign of life.
 *
 * There is no timer for a client and nothing to do for a message. socket_select returns after a second at the latest,
 * and a sweep compares what each client's counters show with what they showed before.
 */
import { POLICY_VIOLATION, ProtocolError } from '../websocket/close.ts';
import { Cut } from './last_words.ts';
import { HttpError } from '../websocket/http.ts';
import type { Inbox } from '../websocket/inbox.ts';
import { bytesRead, bytesTaken, bytesUnsent, joinUnread, type Socket } from '../php/stream.ts';

/** In seconds. */
export interface TimeLimits {
  /** For a whole request, from the connection on. */
  handshakeTimeout: number;
  /** Without a whole message: time for a Ping; as long again without a byte: gone. 0: no limit. */
  pingInterval: number;
  /** For a client that has answers waiting (step 8, or its last one) to take some of them, be it a byte. */
  writeTimeout: number;
}

/** A client whose time is up, and what for; null: it has been silent, a Ping is due. */
export interface Overdue {
  socket: Socket;
  error: ProtocolError | HttpError | Cut | null;
}

/** Packets, at the most, that a client who is not read may have waiting in pieces: to join them is a copy. */
const MOST_PIECES = 256;

/** What is waited for. */
type Phase = 'request' | 'reading' | 'message' | 'any byte';

interface Watch {
  inbox: Inbox;
  phase: Phase;
  /** When this phase has begun, or its count has changed: a time of the clock's. */
  since: number;
  /** Of what is waited for, as the last sweep has found it. */
  count: number;
  /** Of the bytes that have come these were in one piece, where it is not read. */
  joined: number;
}

/** All clients and their deadlines. */
export class Deadlines {
  /** Seconds between two sweeps: one, or less where a limit is short. */
  readonly period: number;
  private readonly limits: TimeLimits;
  private readonly clock: () => number;
  private readonly watches = new Map<Socket, Watch>();
  private next = 0;

  /** @param clock tells the time in seconds, and never goes back */
  constructor(limits: TimeLimits, clock = () => performance.now() / 1000) {
    this.limits = limits;
    this.clock = clock;
    const { handshakeTimeout, pingInterval, writeTimeout } = limits;
    this.period = Math.min(1, handshakeTimeout / 4, (pingInterval || Infinity) / 4, writeTimeout / 4);
  }

  /** How many clients there are. */
  get size(): number {
    return this.watches.size;
  }

  /** What socket_select may wait, in seconds; null, for ever, where there is no client. */
  get wait(): number | null {
    return this.watches.size === 0 ? null : this.period;
  }

  /** A client has come: its time for a request begins. */
  add(socket: Socket, inbox: Inbox): void {
    this.watches.set(socket, { inbox, phase: 'request', since: this.clock(), count: 0, joined: 0 });
  }

  /** A client has gone. */
  delete(socket: Socket): void {
    this.watches.delete(socket);
  }

  /**
   * Those whose time is up; to be called after each socket_select, it looks only as often as `period` says.
   * @param handShake those who have shaken hands, by id
   * @param selectWrite those who are not read because they do not read, by id
   */
  sweep(handShake: Socket[], selectWrite: Socket[]): Overdue[] {
    const now = this.clock();
    if (now < this.next) return [];
    this.next = now + this.period;
    const overdue: Overdue[] = [];
    for (const [socket, watch] of this.watches) {
      const isBehind = selectWrite[socket.id] === socket || bytesUnsent(socket) > 0;
      const phase = isBehind ? 'reading' : handShake[socket.id] !== socket ? 'request'
        : watch.phase === 'any byte' ? 'any byte' : 'message';
      if (selectWrite[socket.id] === socket) join(socket, watch);
      const due = this.look(socket, watch, phase, now);
      if (due !== undefined) overdue.push({ socket, error: due });
    }
    return overdue;
  }

  /** undefined where there is time left. */
  private look(socket: Socket, watch: Watch, phase: Phase, now: number): Overdue['error'] | undefined {
    const { handshakeTimeout, writeTimeout, pingInterval } = this.limits;
    const count = countOf(socket, watch.inbox, phase);
    const waited = now - watch.since;
    if (phase !== watch.phase || count !== watch.count) {
      // Any byte will do after a Ping, and then a message is waited for again
      begin(socket, watch, phase === 'any byte' ? 'message' : phase, now);
      return undefined;
    }
    switch (phase) {
      case 'request':
        if (waited < handshakeTimeout) return undefined;
        return new HttpError(408, `Cannot wait for the request: it is not whole after ${handshakeTimeout} seconds.`);
      case 'reading':
        return waited < writeTimeout ? undefined : new Cut(`it has taken nothing for ${writeTimeout} seconds`);
      case 'message':
        if (pingInterval === 0 || waited < pingInterval) return undefined;
        begin(socket, watch, 'any byte', now);
        return null;
      case 'any byte':
        if (waited < pingInterval) return undefined;
        return new ProtocolError(POLICY_VIOLATION, `Cannot hear client: no byte in ${pingInterval} s after a Ping`);
    }
  }
}

/** Nobody reads it: what it has sent in single bytes must not cost hundreds of times as much. */
function join(socket: Socket, watch: Watch): void {
  const read = bytesRead(socket);
  if (read - watch.joined < MOST_PIECES) return;
  watch.joined = read;
  joinUnread(socket);
}

function begin(socket: Socket, watch: Watch, phase: Phase, now: number): void {
  watch.phase = phase;
  watch.since = now;
  watch.count = countOf(socket, watch.inbox, phase);
}

/** What has come of that which is waited for. Bytes of a request do not count: a byte a second is no request. */
function countOf(socket: Socket, inbox: Inbox, phase: Phase): number {
  switch (phase) {
    case 'request': return 0;
    case 'reading': return bytesTaken(socket);
    case 'message': return inbox.messages;
    case 'any byte': return bytesRead(socket);
  }
}
