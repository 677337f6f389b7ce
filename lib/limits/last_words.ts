/** The one place where what went wrong with a client becomes the bytes that tell it, and the line that tells us. */
import { closePayload, INTERNAL_ERROR, ProtocolError } from '../websocket/close.ts';
import { buildMsg, CLOSE } from '../websocket/frame.ts';
import { HttpError } from '../websocket/http.ts';
import { report, warn } from '../log.ts';
import { Page } from '../trace/page.ts';
import { printable } from '../printable.ts';
import { SO_LINGER, type Socket, socket_getpeername, socket_set_option, socket_write, SOL_SOCKET } from '../php/sockets.ts';

/** A client that is cut: it hears nothing any more, and what waits for it is in the way. */
export class Cut extends Error {
  override name = 'Cut';
}

/**
 * The last thing to send to a client: an HTTP response before its handshake, a Close frame after it.
 * @param error a client's fault (HttpError, ProtocolError; Cut: nothing), or anything else: ours, 500 or 1011
 */
export function farewell(error: unknown, handShaken: boolean): Buffer {
  if (error instanceof HttpError) return Buffer.from(error.toResponse());
  if (error instanceof Cut) return Buffer.alloc(0);
  if (error instanceof ProtocolError) return buildMsg(closePayload(error.code, error.message), CLOSE);
  if (handShaken) return buildMsg(closePayload(INTERNAL_ERROR, 'Internal error'), CLOSE);
  return Buffer.from(new HttpError(500, 'Internal error.').toResponse());
}

/**
 * Says both, to the client and on standard error, and the stack of a fault of ours, once and not again within a minute.
 * The socket is still to be closed; one that is cut is reset then.
 */
export function lastWords(socket: Socket, error: unknown, handShaken: boolean): void {
  socket_write(socket, farewell(error, handShaken));
  if (error instanceof Page && error.hasBody) socket_write(socket, error.body);
  report(obituary(error, socket));
  // Never counted away in a flood, as the others are
  if (isOurs(error)) warn(`fault of this server: ${error instanceof Error ? stackOf(error) : String(error)}`);
  if (error instanceof Cut) socket_set_option(socket, SOL_SOCKET, SO_LINGER, { l_onoff: 1, l_linger: 0 });
}

/** One line for standard error: who, what status or close code, why. */
export function obituary(error: unknown, socket: Socket): string {
  const peer = socket_getpeername(socket);
  const who = `client ${socket.id}${peer ? ` (${peer.address} port ${peer.port})` : ''}`;
  if (error instanceof Page) return `${who} has got the page`;
  if (error instanceof HttpError) return `${who} refused with ${error.status}: ${printable(error.message)}`;
  if (error instanceof ProtocolError) return `${who} closed with ${error.code}: ${printable(error.message)}`;
  if (error instanceof Cut) return `${who} cut: ${error.message}`;
  return `${who} dropped: ${printable(String(error))}`;
}

/** Without Node's own way to the loop, which is not always the same: that would make one fault two. */
function stackOf(error: Error): string {
  return (error.stack ?? String(error)).split('\n').filter((line) => !line.includes('node:internal/')).join('\n');
}

function isOurs(error: unknown): boolean {
  return !(error instanceof HttpError || error instanceof ProtocolError || error instanceof Cut);
}
