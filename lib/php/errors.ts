/** What the system refuses: its numbers and its words. */
import { getSystemErrorMap } from 'node:util';
import type { Socket } from './socket.ts';

/** The system's refusal, e.g. EADDRINUSE: `errno` is positive as in PHP, `code` its name. */
export class SocketError extends Error {
  override name = 'SocketError';
  readonly errno: number;
  readonly code: string;

  constructor(action: string, { errno = 0, code = '' }: NodeJS.ErrnoException) {
    super(`${action}: ${socket_strerror(Math.abs(errno))} (${code})`);
    this.errno = Math.abs(errno);
    this.code = code;
  }
}

/** PHP: the number of the last error on this socket, 0 for none. Node: from the 'error' event. Differs: not global. */
export function socket_last_error(socket: Socket): number {
  return socket.errno;
}

/** PHP: the text of an error number. Node: libuv's own table. Differs: libuv's words, 'unknown error' for others. */
export function socket_strerror(error_code: number): string {
  return getSystemErrorMap().get(-error_code)?.[1] ?? `unknown error ${error_code}`;
}
