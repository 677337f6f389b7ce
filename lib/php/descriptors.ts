/**
 * Is a descriptor left for one more client?
 *
 * Where there is none Node does not tell: libuv accepts whoever waits and disconnects it at once. To open a file tells,
 * but it costs two system calls; after each client they would be a tenth of what a client costs. So it is tried once a
 * second, while clients come.
 */
import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';
import type { Socket } from './socket.ts';
import { fail } from './stream.ts';

/** Milliseconds. */
const PERIOD = 1000;

/** A client has come to this server: within a second the server gets the system's error if no descriptor is left then. */
export function watchDescriptors(server: Socket): void {
  const { listener } = server;
  if (listener === null || listener.isWatched) return;
  listener.isWatched = true;
  setTimeout(() => {
    listener.isWatched = false;
    if (server.closed) return;
    try {
      closeSync(openSync(devNull, 'r'));
    } catch (error) {
      fail(server, error as NodeJS.ErrnoException);
    }
  }, PERIOD).unref();
}
