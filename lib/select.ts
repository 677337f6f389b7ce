/**
 * socket_select: which of these sockets are active?
 *
 * select(2) looks at every socket of its arrays on each call. Here Node tells which sockets have changed ('readable',
 * 'end', 'drain'...), `rouse` puts them on a list, and a call looks at that list only: a thousand idle clients cost
 * nothing. What is still active after a call stays on the list; that is what makes it level-triggered.
 */
import type { Socket } from './stream.ts';

/** What socket_select resolves to; all empty when the time was up first. */
export interface Selected {
  read: Socket[];
  write: Socket[];
  except: Socket[];
}

let roused: Socket[] = [];
const sleepers = new Set<() => void>();
let waking = false;

/** Puts a socket on the list of those that may be active, and wakes whoever sleeps in socket_select. */
export function rouse(socket: Socket): void {
  if (!socket.roused) {
    socket.roused = true;
    roused.push(socket);
  }
  wake();
}

/** Not at once but when this turn of the event loop is over, so that one pass serves all that it brought. */
function wake(): void {
  if (waking || sleepers.size === 0) return;
  waking = true;
  setImmediate(() => {
    waking = false;
    for (const look of [...sleepers]) look();
  });
}

/**
 * PHP: prunes the arrays down to the sockets that are active, waits `tv_sec` seconds and `tv_usec` microseconds at the
 * most (null: for ever, 0: not at all), and returns how many there are.
 * Node: see above. A socket is active for reading when bytes, the end, an error or a new connection wait on it; for
 * writing when it takes more bytes. It stays so until that has changed: this is level-triggered.
 * Differs: the arrays are keyed by socket.id (`sockets[socket.id] = socket`), are left as they are, and the active
 * sockets come back in arrays of their own. `except` is for out-of-band data, which Node does not show: never active.
 */
export function socket_select(
  read: Socket[] | null, write: Socket[] | null, except: Socket[] | null, tv_sec: number | null, tv_usec = 0,
): Promise<Selected> {
  void except;
  return new Promise((resolve) => {
    let timer: NodeJS.Timeout | undefined;
    const look = (timeIsUp = false): void => {
      const selected = activeOf(read ?? [], write ?? []);
      if (selected.read.length === 0 && selected.write.length === 0 && !timeIsUp) return;
      sleepers.delete(look);
      clearTimeout(timer);
      resolve(selected);
    };
    sleepers.add(look);
    if (tv_sec !== null) {
      // No timer of Node's runs longer: about 25 days
      const ms = Math.min(tv_sec * 1000 + tv_usec / 1000, 2 ** 31 - 1);
      if (ms > 0) timer = setTimeout(look, ms, true);
      else setImmediate(look, true);
    }
    if (roused.length > 0 || (write !== null && write.length > 0)) wake();
  });
}

function activeOf(read: Socket[], write: Socket[]): Selected {
  const selected: Selected = { read: [], write: [], except: [] };
  const still: Socket[] = [];
  for (const socket of roused) {
    socket.roused = isReadable(socket);
    if (!socket.roused) continue;
    still.push(socket);
    if (read[socket.id] === socket) selected.read.push(socket);
  }
  roused = still;
  // Only those who wait to be written to are in this array: few, as a rule, so it may be walked over.
  if (write.length > 0) selected.write = Object.values(write).filter(isWritable);
  return selected;
}

function isReadable({ stream, listener, ended, errno, closed }: Socket): boolean {
  if (closed) return false;
  return ended || errno !== 0 || (stream?.readableLength ?? 0) > 0 || (listener?.pending.length ?? 0) > 0;
}

function isWritable({ stream, errno, closed }: Socket): boolean {
  return !closed && (errno !== 0 || (stream !== null && !stream.writableNeedDrain));
}
