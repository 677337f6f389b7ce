/** Taps: a connection's bytes become events for the terminal or the page. */
import { warn } from '../log.ts';
import type { Socket } from '../php/sockets.ts';
import type { Tap } from '../php/socket.ts';
import { Decoder, Link } from './decoder.ts';
import type { WireEvent } from './events.ts';

/** An event of a client. */
export interface ClientEvent extends WireEvent {
  /** The client's socket.id. */
  client: number;
  /** Milliseconds since the tap was made. */
  at: number;
}

/**
 * Events that are told in one pass of the loop: of one client, and of all. Telling one takes longer than echoing a
 * short message, and the other clients wait meanwhile.
 */
const MOST_OF_ONE = 100, MOST_OF_ALL = 200;

/** All taps of a server. They share what may be told in one pass. */
export class Taps {
  private pass = 0;
  private left = MOST_OF_ALL;
  private isCounting = false;

  /**
   * Returns a tap that decodes both directions of a client and tells each event. When the telling fails, it ends, and
   * the stack is written on standard error; the connection goes on.
   */
  tapOf(client: Pick<Socket, 'id' | 'step'>, tell: (event: ClientEvent) => void): Tap {
    const link = new Link(), begin = performance.now();
    const decoders = { client: new Decoder('client', link), server: new Decoder('server', link) };
    let pass = -1, room = MOST_OF_ONE, isWell = true;
    const show: Tap = (from, bytes, injected) => {
      this.count();
      if (pass !== this.pass) room = MOST_OF_ONE;
      pass = this.pass;
      const before = link.room = Math.min(room, this.left);
      link.step = client.step;
      const events = bytes === null ? decoders[from].end() : decoders[from].push(bytes, injected);
      room -= before - link.room;
      this.left -= before - link.room;
      const at = Math.round((performance.now() - begin) * 10) / 10;
      for (const event of events) tell({ client: client.id, at, ...event });
    };
    return (from, bytes, injected) => {
      if (!isWell) return;
      try {
        show(from, bytes, injected);
      } catch (error) {
        isWell = false;
        warn(`Cannot trace client ${client.id}: ${error instanceof Error ? error.stack : String(error)}`);
      }
    };
  }

  /** A pass is over when the running code returns to the event loop. */
  private count(): void {
    if (this.isCounting) return;
    this.isCounting = true;
    process.nextTick(() => {
      this.isCounting = false;
      this.left = MOST_OF_ALL;
      this.pass++;
    });
  }
}
