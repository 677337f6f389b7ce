/** The record of one client: what it may still cost. Each field has one writer. */
import { FrameInbox } from '../websocket/codec.ts';
import type { Socket } from '../php/sockets.ts';

/** What the server waits for: a whole request, a message, any byte after a Ping, or that the client reads. */
export type Wait = 'request' | 'message' | 'any byte' | 'reading';

/** One client. */
export class Client {
  readonly socket: Socket;
  readonly inbox: FrameInbox;

  /** timeouts.ts: what the server waits for, since when (seconds), and the client's count then. */
  wait: Wait = 'request';
  since: number;
  count = 0;
  /** timeouts.ts: the bytes that had come when unread ones were last joined. */
  joined = 0;

  /** limits.ts: the client has heard that the server ends. */
  isTold = false;

  /** memory.ts: this client's bytes and messages in the sums over all clients. */
  held = 0;
  messages = 0;
  /** memory.ts: the message that had begun when the client was last counted, and a number that grows with time. */
  begun: FrameInbox['begun'] = null;
  begunAt = 0;

  /** @param now seconds of a clock that never goes back */
  constructor(socket: Socket, maxPayload: number, now: number) {
    this.socket = socket;
    this.inbox = new FrameInbox(maxPayload);
    this.since = now;
  }
}
