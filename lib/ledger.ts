/** What all clients together hold in memory, and what they may: a thousand messages are begun, none is too long. */
import { ProtocolError, TRY_AGAIN_LATER } from './close.ts';
import { Cut } from './farewell.ts';
import type { Inbox } from './inbox.ts';
import { bytesUnsent, type Socket } from './stream.ts';

/** Bytes, about a read. Who holds less is not the one that there is too much of, and is not refused. */
const SMALL = 64 * 1024;

/** The sums over all clients. */
export class Ledger {
  /** Bytes that are held for clients now: not used up, of messages begun, of answers not taken. */
  held = 0;
  /** Messages that have come since the start. */
  messages = 0;
  private readonly limit: number;

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
    const unsent = bytesUnsent(socket), held = inbox.held + unsent;
    this.enter(inbox, held);
    if (held <= SMALL || this.held <= this.limit) return;
    if (unsent > 0) throw new Cut('all clients together hold too much, and it does not take its answers');
    throw new ProtocolError(TRY_AGAIN_LATER, 'Cannot read message: there is no memory left for it now');
  }

  /** A client has gone, and what was held for it. */
  close(inbox: Inbox): void {
    this.enter(inbox, 0);
  }

  private enter(inbox: Inbox, held: number): void {
    const { settled } = inbox;
    this.held += held - settled.held;
    this.messages += inbox.messages - settled.messages;
    settled.held = held;
    settled.messages = inbox.messages;
  }
}
