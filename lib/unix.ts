/** Unix sockets leave a file behind when their process dies; it is in the way of the next one. */
import { lstat, unlink } from 'node:fs/promises';
import net from 'node:net';

/**
 * Removes the socket file at `path` if nobody listens on it. Anything else that is there stays: socket_listen then
 * says EADDRINUSE. PHP programs call unlink($address) before socket_bind, and pull the path away from a running one.
 */
export async function unlinkStale(path: string): Promise<void> {
  const stat = await lstat(path).catch(() => null);
  if (stat?.isSocket() && !await isServed(path)) await unlink(path);
}

function isServed(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = net.connect(path);
    probe.on('connect', () => resolve(true)).on('connect', () => probe.destroy());
    probe.on('error', ({ code }: NodeJS.ErrnoException) => resolve(code !== 'ECONNREFUSED'));
  });
}
