/**
 * socket_select: which of these sockets are active?
 *
 * select(2) looks at every socket of its arrays at each call. Here Node says which sockets have changed ('readable',
 * 'end', 'drain'...), rouse() puts those on a list, and a call looks at that list only: a thousand idle clients cost
 * nothing. What is still active after a call stays on the list; that makes it level-triggered.
 */
import { uncork } from './cork.ts';
import type { Socket } from './socket.ts';

/** What socket_select resolves to, each in the order of its ids; all empty when the time was up first. */
export interface Selected {
  read: Socket[];
  write: Socket[];
  except: Socket[];
}

/** No timer of Node's runs longer than this many milliseconds, about 25 days. */
const LONGEST = 2 ** 31 - 1;

const roused: Socket[] = [];
/** The calls that wait: each looks at the list, and resolves when it finds one of its sockets or its time is up. */
const waiting = new Set<(timeIsUp?: boolean) => void>();
let waking = false;

/** Puts a socket on the list of those that may be active, and wakes whoever waits in socket_select. */
export function rouse(socket: Socket): void {
  if (!socket.roused) {
    socket.roused = true;
    roused.push(socket);
  }
  wake();
}

/** A signal has come: whoever waits in socket_select gets empty arrays, as select(2) fails with EINTR. */
export function interrupt(): void {
  for (const look of [...waiting]) look(true);
}

/** Not at once but when this turn of the event loop is over, so that one pass serves all that the turn has brought. */
function wake(): void {
  if (waking || waiting.size === 0) return;
  waking = true;
  setImmediate(endOfTurn);
}

function endOfTurn(): void {
  waking = false;
  for (const look of [...waiting]) look();
}

/**
 * PHP: prunes the arrays down to the sockets that are active, waits `tv_sec` seconds and `tv_usec` microseconds at the
 * most (null: for ever, 0: not at all), and returns how many there are.
 * Node: see above. A socket is active for reading when bytes, the end, an error or a new connection wait on it; for
 * writing when it takes more bytes. It stays active until that has changed.
 * Differs: the arrays are keyed by socket.id (`sockets[socket.id] = socket`) and stay as they are; the active sockets
 * come back in arrays of their own. `except` is for out-of-band data, which Node does not show: never active. What
 * socket_write has put together leaves first.
 */
export function socket_select(
  read: Socket[] | null, write: Socket[] | null, except: Socket[] | null, tv_sec: number | null, tv_usec = 0,
): Promise<Selected> {
  void except;
  uncork();
  const readers = read ?? [], writers = write ?? [];
  const ms = tv_sec === null ? Infinity : Math.min(tv_sec * 1000 + tv_usec / 1000, LONGEST);
  return new Promise((resolve) => {
    let timer: NodeJS.Timeout | undefined;
    const look = (timeIsUp = false): void => {
      const selected = activeOf(readers, writers);
      if (!timeIsUp && selected.read.length + selected.write.length === 0) return;
      waiting.delete(look);
      clearTimeout(timer);
      resolve(selected);
    };
    if (ms <= 0) {
      setImmediate(look, true);
      return;
    }
    waiting.add(look);
    if (ms !== Infinity) timer = setTimeout(look, ms, true);
    if (isAnyActive(readers, writers)) wake();
  });
}

function activeOf(read: Socket[], write: Socket[]): Selected {
  const selected: Selected = { read: [], write: [], except: [] };
  let still = 0;
  for (const socket of roused) {
    socket.roused = isReadable(socket);
    if (!socket.roused) continue;
    roused[still++] = socket;
    if (read[socket.id] === socket) selected.read.push(socket);
  }
  // Most calls take nothing off the list, and to set a length costs more than to look at it
  if (still < roused.length) roused.length = still;
  // Node's events come in any order. select(2) goes by number, and so does PHP by its array: the server first
  if (selected.read.length > 1) selected.read.sort(byId);
  // Few sockets wait to be written to, as a rule, so this array may be walked over
  if (write.length > 0) selected.write = Object.values(write).filter(isWritable);
  return selected;
}

function isAnyActive(read: Socket[], write: Socket[]): boolean {
  return roused.some((socket) => read[socket.id] === socket && isReadable(socket)) ||
    (write.length > 0 && Object.values(write).some(isWritable));
}

function byId(one: Socket, other: Socket): number {
  return one.id - other.id;
}

function isReadable({ stream, listener, ended, errno, closed }: Socket): boolean {
  if (closed) return false;
  return ended || errno !== 0 || (stream?.readableLength ?? 0) > 0 || (listener?.pending.length ?? 0) > 0;
}

function isWritable({ stream, errno, closed }: Socket): boolean {
  return !closed && (errno !== 0 || (stream !== null && !stream.writableNeedDrain));
}
