/** What all clients together hold in memory, and what they may: a thousand messages are begun, none is too long. */
import { ProtocolError, TRY_AGAIN_LATER } from '../websocket/close.ts';
import { uncork } from '../php/cork.ts';
import { Cut } from './last_words.ts';
import type { Inbox } from '../websocket/inbox.ts';
import { bytesUnsent, type Socket } from '../php/stream.ts';

/** Bytes, about a read. Who holds less is not the one that there is too much of, and is not refused. */
const SMALL = 64 * 1024;

/** The sums over all clients. */
export class Ledger {
  /**
   * Bytes that are held for clients: not used up, of messages begun, of answers not taken. Exact after recount(), but for
   * a client's last small answers, 64 KiB at the most, which wait for the end of the pass when it is settled.
   */
  held = 0;
  /** Messages that have come since the start. */
  messages = 0;
  private readonly limit: number;
  /** Those whose answers waited when they were served last. When these are taken nobody tells us. */
  private readonly waiting = new Map<Inbox, Socket>();

  /** @param limit bytes that all may hold together */
  constructor(limit: number) {
    this.limit = limit;
  }

  /**
   * Brings the sums up to date for one client, after it has been served.
   * @param inbox undefined where it has left meanwhile
   * @throws ProtocolError 1013 where it holds more than a read, and all together more than the limit; not 1009, since
   *   its message is not too long, and may be taken later. Cut where it does not read: no word of ours would reach it.
   */
  settle(socket: Socket, inbox: Inbox | undefined): void {
    if (inbox === undefined) return;
    this.look(socket, inbox);
    if (inbox.settled.held <= SMALL || this.held <= this.limit) return;
    this.recount();
    if (inbox.settled.held <= SMALL || this.held <= this.limit) return;
    if (bytesUnsent(socket) > 0) throw new Cut('all clients together hold too much, and it does not take its answers');
    throw new ProtocolError(TRY_AGAIN_LATER, 'Cannot read message: there is no memory left for it now');
  }

  /** Takes off what clients have taken since they were served, the answers too that are to leave with this pass. */
  recount(): void {
    uncork();
    for (const [inbox, socket] of this.waiting) this.look(socket, inbox);
  }

  /** A client has gone, and what was held for it. */
  close(inbox: Inbox): void {
    this.waiting.delete(inbox);
    this.enter(inbox, 0);
  }

  private look(socket: Socket, inbox: Inbox): void {
    const unsent = bytesUnsent(socket);
    if (unsent > 0) this.waiting.set(inbox, socket);
    else if (this.waiting.size > 0) this.waiting.delete(inbox);
    this.enter(inbox, inbox.held + unsent);
  }

  private enter(inbox: Inbox, held: number): void {
    const { settled } = inbox;
    this.held += held - settled.held;
    this.messages += inbox.messages - settled.messages;
    settled.held = held;
    settled.messages = inbox.messages;
  }
}
