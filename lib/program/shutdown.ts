/**
 * Ending well: after Ctrl-C or SIGTERM the loop goes on without new clients, until all have taken what is due to them
 * and said goodbye, or the time for that is up.
 */
import { constants } from 'node:os';
import { closePayload, GOING_AWAY } from '../websocket/close.ts';
import { buildMsg, CLOSE } from '../websocket/frame.ts';
import { HttpError } from '../websocket/http.ts';
import { interrupt } from '../php/select.ts';
import { type Socket, socket_close, socket_shutdown, socket_write } from '../php/sockets.ts';

const GOODBYE = buildMsg(closePayload(GOING_AWAY), CLOSE);
const SORRY = new HttpError(503, 'Cannot serve: this server is about to end.').toResponse();

/**
 * In milliseconds: the same signal again, so soon, is the same one. At Ctrl-C a terminal tells all that run, and npm and
 * tsx, which have started us, hand theirs on.
 */
const HANDED_ON = 500;

/** The end of a program that serves `sockets`, which it shares with the loop. */
export class Leaving {
  /** No client may come any more. */
  begun = false;
  private readonly sockets: Socket[];
  private first: { signal: string; at: number } | null = null;

  /**
   * Waits for SIGINT and SIGTERM. After the first one there are `closeTimeout` seconds, then the program ends with
   * status 0; a second one ends it at once, with 128 and the signal's number, as a shell tells it.
   */
  constructor(server: Socket, sockets: Socket[], closeTimeout: number) {
    this.sockets = sockets;
    // Whatever ends the program: a Unix socket's path does not stay behind
    process.on('exit', () => socket_close(server));
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        const { first } = this, at = performance.now();
        if (first !== null && first.signal === signal && at - first.at < HANDED_ON) return;
        if (first !== null) process.exit(128 + constants.signals[signal]);
        this.first = { signal, at };
        this.begun = true;
        delete sockets[server.id];
        socket_close(server);
        // It holds up nothing where all have gone before
        setTimeout(() => process.exit(0), closeTimeout * 1000).unref();
        interrupt();
      });
    }
  }

  /**
   * Tells each client: a Close frame with 1001 (RFC 6455 7.4.1), 503 where there is no handshake. To be called in each
   * pass: one is told once, since its socket is shut down then. Nothing is written to it any more, but what it sends is
   * read, its Close too. One that is not in `sockets` does not read: it has answers to come first.
   */
  tell(handShake: Socket[]): void {
    if (!this.begun) return;
    for (const socket of Object.values(this.sockets)) {
      socket.step = 11;
      socket_write(socket, handShake[socket.id] === socket ? GOODBYE : SORRY);
      socket_shutdown(socket, 1);
    }
  }
}
