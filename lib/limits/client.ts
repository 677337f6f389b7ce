/** What is known of one client's cost: one record, of which each field has one writer. */
import { FrameInbox } from '../websocket/codec.ts';
import type { Socket } from '../php/sockets.ts';

/** What a client is waited for: its whole request, a message, any byte after a Ping, or that it takes its answers. */
export type Wait = 'request' | 'message' | 'any byte' | 'reading';

/** One client. */
export class Client {
  readonly socket: Socket;
  readonly inbox: FrameInbox;

  /** timeouts.ts: what is waited for, when that has begun or its count has last grown, and the count then. */
  wait: Wait = 'request';
  since: number;
  count = 0;
  /** timeouts.ts: how many of the bytes that have come, and were not read, have been joined. */
  joined = 0;

  /** memory.ts: bytes, and messages of this client, that are in the sums over all clients. */
  held = 0;
  messages = 0;

  /** @param now seconds, of any clock that never goes back */
  constructor(socket: Socket, maxPayload: number, now: number) {
    this.socket = socket;
    this.inbox = new FrameInbox(maxPayload);
    this.since = now;
  }
}
