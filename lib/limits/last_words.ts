/** The last that a client hears, and the line that tells the operator. */
import { report, warn } from '../log.ts';
import { printable } from '../printable.ts';
import {
  SO_LINGER, type Socket, socket_getpeername, socket_set_option, socket_write, SOL_SOCKET,
} from '../php/sockets.ts';
import { closeFrame, INTERNAL_ERROR } from '../websocket/close.ts';
import { HttpError } from '../websocket/http.ts';

/** What an error knows (HttpError, ProtocolError, Disconnect), and the page too, which is none. */
export interface LastWords {
  /** What the client gets before its socket is closed. */
  readonly bytes: readonly Uint8Array[];
  /** What the log says of the client. */
  readonly line: string;
  /** The connection is reset: nothing reaches this client any more, and what waits for it is in the way. */
  readonly isReset?: boolean;
}

/** A client that is disconnected without a word, because it does not read. */
export class Disconnect extends Error {
  override name = 'Disconnect';
  readonly bytes: readonly Uint8Array[] = [];
  readonly isReset = true;

  get line(): string {
    return `disconnected: ${this.message}`;
  }
}

/** What the client gets that this server was serving when it failed. */
class Fault implements LastWords {
  readonly bytes: readonly Uint8Array[];
  readonly line: string;

  constructor(error: unknown, isOpen: boolean) {
    this.bytes = isOpen ? [closeFrame(INTERNAL_ERROR, 'Internal error')] : new HttpError(500, 'Internal error.').bytes;
    this.line = `dropped: ${printable(String(error))}`;
  }
}

/**
 * Tells the client, and the operator on standard error; of a fault of ours also its stack, at most once a minute.
 * The socket is still to be closed.
 * @param error last words, or anything else that was thrown
 * @param isOpen the client has shaken hands
 */
export function tellLastWords(socket: Socket, error: unknown, isOpen: boolean): void {
  const words: LastWords = isLastWords(error) ? error : new Fault(error, isOpen);
  for (const bytes of words.bytes) socket_write(socket, bytes);
  const peer = socket_getpeername(socket);
  report(`client ${socket.id}${peer ? ` (${peer.address} port ${peer.port})` : ''} ${words.line}`);
  // Never counted away in a flood, as reports are
  if (words instanceof Fault) warn(`fault of this server: ${error instanceof Error ? stackOf(error) : String(error)}`);
  if (words.isReset) socket_set_option(socket, SOL_SOCKET, SO_LINGER, { l_onoff: 1, l_linger: 0 });
}

function isLastWords(error: unknown): error is LastWords {
  return typeof error === 'object' && error !== null && 'bytes' in error && 'line' in error;
}

/** Without Node's own way to the loop, which is not always the same: one fault would be told as two. */
function stackOf(error: Error): string {
  return (error.stack ?? String(error)).split('\n').filter((line) => !line.includes('node:internal/')).join('\n');
}
