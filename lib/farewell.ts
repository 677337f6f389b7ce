/** The one place where what went wrong with a client becomes the bytes that tell it, and the line that tells us. */
import { closePayload, INTERNAL_ERROR, ProtocolError } from './close.ts';
import { buildMsg, CLOSE } from './frame.ts';
import { HttpError } from './http.ts';
import { printable } from './printable.ts';
import { type Socket, socket_getpeername } from './socket.ts';

/**
 * The last thing to send to a client: an HTTP response before its handshake, a Close frame after it.
 * @param error a client's fault (HttpError, ProtocolError), or anything else: a fault of ours, 500 or 1011
 */
export function farewell(error: unknown, handShaken: boolean): Buffer {
  if (error instanceof HttpError) return Buffer.from(error.toResponse());
  if (error instanceof ProtocolError) return buildMsg(closePayload(error.code, error.message), CLOSE);
  if (handShaken) return buildMsg(closePayload(INTERNAL_ERROR, 'Internal error'), CLOSE);
  return Buffer.from(new HttpError(500, 'Internal error.').toResponse());
}

/** One line for standard error: who, what status or close code, why. A fault of ours comes with its stack. */
export function obituary(error: unknown, socket: Socket): string {
  const peer = socket_getpeername(socket);
  const who = `client ${socket.id}${peer ? ` (${peer.address} port ${peer.port})` : ''}`;
  if (error instanceof HttpError) return `${who} refused with ${error.status}: ${printable(error.message)}`;
  if (error instanceof ProtocolError) return `${who} closed with ${error.code}: ${printable(error.message)}`;
  return `${who} dropped: ${error instanceof Error ? error.stack : String(error)}`;
}
