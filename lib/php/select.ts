/**
 * socket_select: which of these sockets are active?
 *
 * select(2) looks at every socket of its arrays on each call. Here Node tells which sockets have changed ('readable',
 * 'end', 'drain'...), `rouse` puts them on a list, and a call looks at that list only: a thousand idle clients cost
 * nothing. What is still active after a call stays on the list; that is what makes it level-triggered.
 */
import { uncork } from './cork.ts';
import type { Socket } from './stream.ts';

/** What socket_select resolves to; all empty when the time was up first. */
export interface Selected {
  read: Socket[];
  write: Socket[];
  except: Socket[];
}

/** A call of socket_select that waits. The next call has it again, with its timer: a pass shall not cost a new one. */
class Sleeper {
  read: Socket[] = [];
  write: Socket[] = [];
  /** null while nobody waits. */
  resolve: ((selected: Selected) => void) | null = null;
  private timer: NodeJS.Timeout | null = null;
  private ms = -1;
  private isTimed = false;

  /** @param ms null: for ever */
  sleep(read: Socket[], write: Socket[], ms: number | null, resolve: (selected: Selected) => void): void {
    this.read = read;
    this.write = write;
    this.resolve = resolve;
    this.isTimed = ms !== null;
    sleepers.add(this);
    if (ms !== null) this.setAlarm(ms);
    // What has been read since the last call is off the list now
    if (countOf(activeOf(read, write)) > 0) wake();
  }

  /** Ends the sleep, if there is anything to tell or the time is up; returns how many sockets are active. */
  look(timeIsUp = false): number {
    if (this.resolve === null) return 0;
    const selected = activeOf(this.read, this.write), count = countOf(selected);
    if (!timeIsUp && count === 0) return 0;
    const { resolve } = this;
    this.read = this.write = [];
    this.resolve = null;
    sleepers.delete(this);
    spare.push(this);
    // It runs on: refresh() is cheaper than to clear it and to make another. It must not keep the program running.
    this.timer?.unref();
    resolve(selected);
    return count;
  }

  /** The time is up: unless the timer was an earlier sleep's. */
  ring(): void {
    if (this.isTimed) this.look(true);
  }

  private setAlarm(ms: number): void {
    if (this.timer !== null && this.ms === ms) {
      this.timer.ref().refresh();
      return;
    }
    clearTimeout(this.timer ?? undefined);
    this.ms = ms;
    this.timer = setTimeout(ring, ms, this);
  }
}

/**
 * After so many turns that have brought one socket only there is nothing to gather, and it is not made to wait. Of so many
 * wakes two, one after the other, are gathered all the same, to see whether that is still so: where a turn brings two
 * sockets, one of these two wakes is not its last.
 */
const ALONE = 4, PROBE = 8;

const roused: Socket[] = [];
const sleepers = new Set<Sleeper>(), spare: Sleeper[] = [];
let waking = false;
/** How many turns, of those that were gathered, have brought one socket only, one after the other. */
let alone = 0;
let wakes = 0;

/** Puts a socket on the list of those that may be active, and wakes whoever sleeps in socket_select. */
export function rouse(socket: Socket): void {
  if (!socket.roused) {
    socket.roused = true;
    roused.push(socket);
  }
  // Others on the list would be looked at each time: a thousand who are not read, whenever one more byte of theirs comes
  if (alone >= ALONE && roused.length === 1 && ++wakes % PROBE > 1) look();
  else wake();
}

/** A signal has come: whoever sleeps in socket_select wakes up with nothing active, as select(2) does with EINTR. */
export function interrupt(): void {
  for (const sleeper of [...sleepers]) sleeper.look(true);
}

/** Not at once but when this turn of the event loop is over, so that one pass serves all that it brought. */
function wake(): void {
  if (waking || sleepers.size === 0) return;
  waking = true;
  setImmediate(endOfTurn);
}

function endOfTurn(): void {
  waking = false;
  if (look() === 1) alone++;
}

/** Lets everyone who sleeps have a look; returns how many sockets are active. */
function look(): number {
  let count = 0;
  for (const sleeper of [...sleepers]) count += sleeper.look();
  if (count > 1) alone = 0;
  return count;
}

function ring(sleeper: Sleeper): void {
  sleeper.ring();
}

/**
 * PHP: prunes the arrays down to the sockets that are active, waits `tv_sec` seconds and `tv_usec` microseconds at the
 * most (null: for ever, 0: not at all), and returns how many there are.
 * Node: see above. A socket is active for reading when bytes, the end, an error or a new connection wait on it; for
 * writing when it takes more bytes. It stays so until that has changed: this is level-triggered.
 * Differs: the arrays are keyed by socket.id (`sockets[socket.id] = socket`), are left as they are, and the active
 * sockets come back in arrays of their own. `except` is for out-of-band data, which Node does not show: never active.
 * What socket_write has put together leaves first.
 */
export function socket_select(
  read: Socket[] | null, write: Socket[] | null, except: Socket[] | null, tv_sec: number | null, tv_usec = 0,
): Promise<Selected> {
  void except;
  // The pass is over: what it has written leaves now, before there is anything else to do
  uncork();
  // No timer of Node's runs longer: about 25 days
  const ms = tv_sec === null ? null : Math.min(tv_sec * 1000 + tv_usec / 1000, 2 ** 31 - 1);
  return new Promise((resolve) => {
    if (ms !== null && ms <= 0) setImmediate(poll, read ?? [], write ?? [], resolve);
    else (spare.pop() ?? new Sleeper()).sleep(read ?? [], write ?? [], ms, resolve);
  });
}

function poll(read: Socket[], write: Socket[], resolve: (selected: Selected) => void): void {
  resolve(activeOf(read, write));
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
  // Most calls take nothing off: to set the length costs more than to look at it
  if (still < roused.length) roused.length = still;
  // Only those who wait to be written to are in this array: few, as a rule, so it may be walked over.
  if (write.length > 0) selected.write = Object.values(write).filter(isWritable);
  return selected;
}

function countOf({ read, write }: Selected): number {
  return read.length + write.length;
}

function isReadable({ stream, listener, ended, errno, closed }: Socket): boolean {
  if (closed) return false;
  return ended || errno !== 0 || (stream?.readableLength ?? 0) > 0 || (listener?.pending.length ?? 0) > 0;
}

function isWritable({ stream, errno, closed }: Socket): boolean {
  return !closed && (errno !== 0 || (stream !== null && !stream.writableNeedDrain));
}
