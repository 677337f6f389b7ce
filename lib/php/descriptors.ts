/**
 * Is a descriptor left for one more client?
 *
 * Where there is none Node does not tell: libuv takes those who wait and cuts them. To open a file tells, but costs two
 * system calls; after each client it would be a tenth of what a client costs. So it is tried once a second, while
 * clients come.
 */
import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';
import { fail, type Socket } from './stream.ts';

/** In milliseconds. */
const PERIOD = 1000;

const watched = new Set<Socket>();

/** A client has come to this server: within a second it gets the system's error, if no descriptor is left then. */
export function watchDescriptors(server: Socket): void {
  if (watched.has(server)) return;
  watched.add(server);
  setTimeout(check, PERIOD, server).unref();
}

function check(server: Socket): void {
  watched.delete(server);
  if (server.closed) return;
  try {
    closeSync(openSync(devNull, 'r'));
  } catch (error) {
    fail(server, error as NodeJS.ErrnoException);
  }
}
