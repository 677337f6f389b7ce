/** Unix sockets leave a file behind when their process dies; it is in the way of the next one. */
import { lstat, unlink } from 'node:fs/promises';
import net from 'node:net';

/**
 * Removes the socket file at `path` if nobody listens on it. Anything else that is there stays, and so does what may
 * not be removed: socket_listen then says EADDRINUSE.
 * A program that does listen there sees a client come and go.
 * PHP programs call unlink($address) before socket_bind, and so take the path away from one that is running.
 */
export async function unlinkStale(path: string): Promise<void> {
  const stat = await lstat(path).catch(() => null);
  if (stat?.isSocket() && !await isServed(path)) await unlink(path).catch(() => {});
}

function isServed(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = net.connect(path);
    probe.on('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.on('error', ({ code }: NodeJS.ErrnoException) => resolve(code !== 'ECONNREFUSED'));
  });
}
