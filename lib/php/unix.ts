/** The path of a Unix socket: a file that a killed process leaves behind, and that another server may take over. */
import { randomUUID } from 'node:crypto';
import { lstatSync, renameSync } from 'node:fs';
import { lstat, unlink } from 'node:fs/promises';
import net from 'node:net';
import type { Listener } from './socket.ts';

/**
 * Removes the socket file at `path` if no program listens on it; a program that does sees a client come and go. Any
 * other file stays, and socket_listen says EADDRINUSE. (PHP programs call unlink($address), whoever listens there.)
 */
export async function unlinkStale(path: string): Promise<void> {
  const stat = await lstat(path).catch(() => null);
  if (stat?.isSocket() && !await isServed(path)) await unlink(path).catch(() => {});
}

/** Returns the device and the inode of the file at `path`; '' when there is none. An open socket keeps its inode. */
export function fileAt(path: string): string {
  try {
    const { dev, ino } = lstatSync(path, { bigint: true });
    return `${dev}:${ino}`;
  } catch {
    return '';
  }
}

/**
 * Stops listening. Node then removes the path by its name. If another server has taken the path over, its file is renamed
 * for that moment; a client that comes just then is refused.
 */
export function stopListening({ server, address, file }: Listener): void {
  const found = file === '' ? '' : fileAt(address), aside = `${address}.${randomUUID()}`;
  const isTaken = found !== '' && found !== file && rename(address, aside);
  server?.close();
  if (isTaken) rename(aside, address);
}

/** Returns false when the folder does not allow it. Then Node cannot remove the file either. */
function rename(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch {
    return false;
  }
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
