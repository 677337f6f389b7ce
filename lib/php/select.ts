/**
 * socket_select: which sockets are active?
 *
 * select(2) looks at every socket of its arrays at each call. Here Node tells which sockets have changed ('readable',
 * 'end', 'drain'...), and rouse() puts them on a list. A call looks at the list only, so a thousand idle clients cost
 * nothing. A socket stays on the list while it is active: each call reports it as long as bytes wait (level-triggered).
 */
import { uncork } from './cork.ts';
import type { Socket } from './socket.ts';

/** What socket_select resolves to: active sockets, in the order of their ids. All are empty when the time was up. */
export interface Selected {
  read: Socket[];
  write: Socket[];
  except: Socket[];
}

/** A call of socket_select that waits. */
interface Call {
  read: Socket[];
  write: Socket[];
  resolve(selected: Selected): void;
  timer?: NodeJS.Timeout;
}

/** Milliseconds, about 25 days: the longest timer that Node has. */
const LONGEST = 2 ** 31 - 1;

const roused: Socket[] = [];
/** The calls that wait. */
const waiting = new Set<Call>();
let waking = false;

/** Puts a socket on the list of those that may be active, and wakes the calls that wait. */
export function rouse(socket: Socket): void {
  if (!socket.roused) {
    socket.roused = true;
    roused.push(socket);
  }
  wake();
}

/** From now on socket_select does not report a socket for writing, until release(): it waits for something else. */
export function hold(socket: Socket): void {
  socket.held = true;
}

/** Ends hold(). */
export function release(socket: Socket): void {
  socket.held = false;
  rouse(socket);
}

/** Ends the calls that wait, with empty arrays: what EINTR is for select(2). */
export function interrupt(): void {
  for (const call of [...waiting]) look(call, true);
}

/** Waits for the end of this turn of the event loop: one pass then serves all that the turn has brought. */
function wake(): void {
  if (waking || waiting.size === 0) return;
  waking = true;
  setImmediate(endOfTurn);
}

function endOfTurn(): void {
  waking = false;
  for (const call of [...waiting]) look(call);
}

/**
 * PHP: waits up to `tv_sec` seconds (an integer) and `tv_usec` microseconds (null: for ever, 0: not at all), removes
 * from the arrays the sockets that are not active, and returns how many are left. It throws a ValueError where there is
 * no socket at all, and warns and returns false where the time is negative.
 * Node: see above. A socket is active for reading while bytes, the end, an error or a new connection wait; for writing
 * while it takes more bytes.
 * Differs: the arrays are keyed by socket.id (`sockets[socket.id] = socket`) and stay as they are; the active sockets
 * come back in new arrays. `except` is never active: Node does not show out-of-band data. What socket_write has joined
 * is sent first. `tv_sec` may be a fraction (PHP: 0.5 is 0). Without any socket it waits for its time.
 */
export function socket_select(
  read: Socket[] | null, write: Socket[] | null, except: Socket[] | null, tv_sec: number | null, tv_usec = 0,
): Promise<Selected> {
  void except;
  uncork();
  const ms = tv_sec === null ? Infinity : Math.min(tv_sec * 1000 + tv_usec / 1000, LONGEST);
  return new Promise((resolve) => {
    const call: Call = { read: read ?? [], write: write ?? [], resolve };
    if (ms <= 0) {
      setImmediate(look, call, true);
      return;
    }
    waiting.add(call);
    if (ms !== Infinity) call.timer = setTimeout(look, ms, call, true);
    if (!isEmpty(activeOf(call))) wake();
  });
}

/** Ends a call when one of its sockets is active, or when its time is up. */
function look(call: Call, timeIsUp = false): void {
  const selected = activeOf(call);
  if (!timeIsUp && isEmpty(selected)) return;
  waiting.delete(call);
  clearTimeout(call.timer);
  call.resolve(selected);
}

function activeOf({ read, write }: Call): Selected {
  const selected: Selected = { read: [], write: [], except: [] };
  let still = 0;
  for (const socket of roused) {
    socket.roused = isReadable(socket);
    if (!socket.roused) continue;
    roused[still++] = socket;
    if (read[socket.id] === socket) selected.read.push(socket);
  }
  // Setting a length costs more than reading it, and most calls take nothing off the list
  if (still < roused.length) roused.length = still;
  // Node's events come in any order. PHP's arrays are in the order of their numbers: the server first
  if (selected.read.length > 1) selected.read.sort(byId);
  // Walked over whole: 10,000 that wait take half a millisecond
  if (write.length > 0) selected.write = Object.values(write).filter(isWritable);
  return selected;
}

function isEmpty({ read, write }: Selected): boolean {
  return read.length + write.length === 0;
}

function byId(one: Socket, other: Socket): number {
  return one.id - other.id;
}

function isReadable({ stream, listener, ended, errno, closed }: Socket): boolean {
  if (closed) return false;
  return ended || errno !== 0 || (stream?.readableLength ?? 0) > 0 || (listener?.pending.length ?? 0) > 0;
}

function isWritable({ stream, errno, closed, held }: Socket): boolean {
  return !closed && (errno !== 0 || !held) && (errno !== 0 || (stream !== null && !stream.writableNeedDrain));
}
