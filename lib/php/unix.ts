/** A Unix socket leaves a file behind when its process is killed, and the next program could not listen there. */
import { lstat, unlink } from 'node:fs/promises';
import net from 'node:net';

/**
 * Removes the socket file at `path` if no program listens on it; a program that does sees a client come and go. Any
 * other file stays, and socket_listen says EADDRINUSE. (PHP programs call unlink($address), whoever listens there.)
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
