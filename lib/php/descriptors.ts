/**
 * Finds out whether the process has run out of file descriptors.
 *
 * Node reports nothing: libuv accepts a client and disconnects it at once. Opening a file tells, but costs two system
 * calls, a tenth of what a new client costs. So it is tried once a second, and only while clients come.
 */
import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';
import type { Socket } from './socket.ts';
import { fail } from './stream.ts';

/** Milliseconds. */
const PERIOD = 1000;

/**
 * Makes sure that the process can open `count` descriptors more.
 * @throws EMFILE when it cannot
 */
export function needDescriptors(count: number): void {
  const opened: number[] = [];
  try {
    while (opened.length < count) opened.push(openSync(devNull, 'r'));
  } finally {
    for (const descriptor of opened) closeSync(descriptor);
  }
}

/** Call when a client has come. Within a second the server's socket gets an error if no descriptor is left. */
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
