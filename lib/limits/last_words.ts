/** What a client is sent before its socket is closed, and the line of the log about it. */
import { report, warn } from '../log.ts';
import { printable } from '../printable.ts';
import {
  SO_LINGER, type Socket, socket_getpeername, socket_set_option, socket_write, SOL_SOCKET,
} from '../php/sockets.ts';
import { closeFrame, INTERNAL_ERROR } from '../websocket/close.ts';
import { HttpError } from '../websocket/http.ts';

/** HttpError, ProtocolError and Disconnect have these; so does the page, which is no error. */
export interface LastWords {
  /** What the client is sent. */
  readonly bytes: readonly Uint8Array[];
  /** What the log says about the client; '' for nothing. */
  readonly line: string;
  /** The connection is reset: what waits for the client is dropped. */
  readonly isReset?: boolean;
}

/** A client is disconnected without a Close frame, because it does not read. */
export class Disconnect extends Error {
  override name = 'Disconnect';
  readonly bytes: readonly Uint8Array[] = [];
  readonly isReset = true;

  get line(): string {
    return `disconnected: ${this.message}`;
  }
}

/** The server itself has failed while it served this client. */
class Fault implements LastWords {
  readonly bytes: readonly Uint8Array[];
  readonly line: string;

  constructor(error: unknown, isOpen: boolean) {
    this.bytes = isOpen ? [closeFrame(INTERNAL_ERROR, 'Internal error')] : new HttpError(500, 'Internal error.').bytes;
    this.line = `dropped: ${printable(String(error))}`;
  }
}

/**
 * Sends a client its last words and writes the line of the log; for a fault of this server also the stack, at most once
 * a minute. Does not close the socket.
 * @param error last words, or anything else that was thrown: a fault
 * @param isOpen the client has shaken hands
 */
export function tellLastWords(socket: Socket, error: unknown, isOpen: boolean): void {
  const words: LastWords = isLastWords(error) ? error : new Fault(error, isOpen);
  for (const bytes of words.bytes) socket_write(socket, bytes);
  const peer = socket_getpeername(socket);
  if (words.line !== '') report(`client ${socket.id}${peer ? ` (${peer.address} port ${peer.port})` : ''} ${words.line}`);
  // warn(), not report(): a flood of reports would hide the fault
  if (words instanceof Fault) warn(`fault of this server: ${error instanceof Error ? stackOf(error) : String(error)}`);
  if (words.isReset) socket_set_option(socket, SOL_SOCKET, SO_LINGER, { l_onoff: 1, l_linger: 0 });
}

function isLastWords(error: unknown): error is LastWords {
  return typeof error === 'object' && error !== null && 'bytes' in error && 'line' in error;
}

/** Leaves out Node's own lines, which differ from time to time: warn() tells the same text once a minute. */
function stackOf(error: Error): string {
  return (error.stack ?? String(error)).split('\n').filter((line) => !line.includes('node:internal/')).join('\n');
}
