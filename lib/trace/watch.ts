/**
 * The page watches its own connection: a second WebSocket of the page, the watcher, gets the events of the first.
 *
 *     ID         32 random hexadecimal digits, made by the page
 *     /trace/ID  the watcher: gets a message with the steps and the rules to break, then the events, as JSON
 *     /?trace=ID the connection that is watched, one at a time, from its request on
 *
 * The watcher's messages are commands about that connection. Both must come from this server's own page: a foreign page
 * would see the cookies in the visitor's request.
 */
import type { Tap } from '../php/socket.ts';
import { type Socket, socket_getpeername, socket_shutdown, socket_write } from '../php/sockets.ts';
import { bytesUnsent, cut, inject, whenTaken } from '../php/stream.ts';
import { closeFrame, isCloseCode, ProtocolError, TRY_AGAIN_LATER } from '../websocket/close.ts';
import { buildMsg, type FrameInbox } from '../websocket/codec.ts';
import { isControl, PING, TEXT } from '../websocket/frame.ts';
import { isOwnPage } from '../websocket/handshake.ts';
import { type Head, HttpError } from '../websocket/http.ts';
import type { Message } from '../websocket/message.ts';
import type { Taps } from './tap.ts';
import { VIOLATIONS } from './violations.ts';

/** Bytes of events that may wait for a watcher that does not read. More events are dropped and counted. */
const MOST_WAITING = 256 * 1024;
/** Watchers at once. One more takes the place of another. */
const MOST_WATCHERS = 100;
/** Bytes of a command. */
const MOST_COMMAND = 1024;

/** One numbered step of server.ts. */
export interface Step {
  /** Its number in the list above the loop, from 1 on. */
  step: number;
  /** Its sentence in that list. */
  says: string;
  /** The lines of the loop from its number (`// 7`) up to the next number. */
  code: string[];
}

/** The loop's leave(): a client goes at this step, with these last words. */
export type Leave = (socket: Socket, step: number, words: { bytes: Uint8Array[]; line: string }) => void;

interface Watcher {
  id: string;
  socket: Socket;
  /** Its IP address; '' for a Unix socket. */
  address: string;
  watched: Socket | null;
  inbox: FrameInbox | null;
  /** The watched socket's tap before: --trace. */
  tapBefore: Tap | null;
  lost: number;
}

/** All watchers. */
export class Watchers {
  private readonly taps: Taps;
  private readonly leave: Leave;
  /** The first message for each watcher: the loop's steps, and the rules that can be broken. */
  private readonly table: object;
  private readonly byId = new Map<string, Watcher>();
  private readonly bySocket = new Map<Socket, Watcher>();

  constructor(taps: Taps, leave: Leave, steps: readonly Step[]) {
    this.taps = taps;
    this.leave = leave;
    const breaks = Object.entries(VIOLATIONS).map(([what, { code, bytes }]) => ({ what, code, hex: bytes.toString('hex') }));
    this.table = { kind: 'table', steps, breaks };
  }

  /**
   * Call for each request of a WebSocket, before it is answered: notes watchers and watched connections.
   * @param inbox the client's inbox, with what came after the request
   * @throws HttpError for a watcher: 403 when it is not this server's page, 409 when its id is in use
   */
  meet(socket: Socket, inbox: FrameInbox, head: Head): void {
    const id = /^\/trace\/([0-9a-f]{32})$/.exec(head.target)?.[1];
    if (id !== undefined) return this.admit(socket, id, head);
    const watched = /[?&]trace=([0-9a-f]{32})(?:&|$)/.exec(head.target)?.[1];
    const watcher = watched === undefined ? undefined : this.byId.get(watched);
    if (watcher === undefined || watcher.watched !== null || !isOwnPage(head)) return;

    const before = socket.tap, tap = this.taps.tapOf(socket, (event) => send(watcher, event));
    Object.assign(watcher, { watched: socket, inbox, tapBefore: before });
    socket.tap = (from, bytes, injected) => {
      before?.(from, bytes, injected);
      tap(from, bytes, injected);
      if (bytes === null && from === 'server') release(watcher);
    };
    tap('client', head.bytes, false);
    const { buffer, start, length } = inbox;
    if (length > 0) tap('client', buffer.subarray(start, start + length), false);
  }

  /** A watcher comes: it gets the table as soon as its request is answered. */
  private admit(socket: Socket, id: string, head: Head): void {
    const { byId, bySocket, table } = this;
    if (!isOwnPage(head)) throw new HttpError(403, "Only this server's own page may watch.");
    if (byId.has(id)) throw new HttpError(409, 'Cannot watch: this id is in use.');
    const { address } = socket_getpeername(socket) || { address: '' };
    if (byId.size >= MOST_WATCHERS) this.makeRoom(address);
    const watcher: Watcher = { id, socket, address, watched: null, inbox: null, tapBefore: null, lost: 0 };
    byId.set(id, watcher);
    bySocket.set(socket, watcher);
    const before = socket.tap;
    // --trace shows the watcher's handshake and end, not the events that it is sent
    let answered = false;
    socket.tap = (from, bytes, injected) => {
      if (bytes === null || !answered) before?.(from, bytes, injected);
      if (bytes === null && from === 'server') {
        release(watcher);
        byId.delete(id);
        bySocket.delete(socket);
      }
      if (answered || bytes === null || from === 'client') return;
      answered = true;
      queueMicrotask(() => send(watcher, table));
    };
  }

  /**
   * Takes a place from the address that has most of them, the newcomer's counted: the oldest that watches nothing, or
   * else the oldest. If newcomers were refused, one program could take all places for ever. A page that has lost its
   * place watches again at its next connection.
   */
  private makeRoom(newcomer: string): void {
    const places = new Map([[newcomer, 1]]), watchers = [...this.byId.values()];
    for (const { address } of watchers) places.set(address, (places.get(address) ?? 0) + 1);
    const most = Math.max(...places.values());
    const rivals = watchers.filter(({ address }) => places.get(address) === most);
    const { socket } = rivals.find(({ watched }) => watched === null) ?? rivals[0]!;
    this.leave(socket, 9, new ProtocolError(TRY_AGAIN_LATER, 'Cannot watch on: another page has taken this place.'));
  }

  /**
   * Carries out a watcher's message: a command, as JSON. A refusal is told to the watcher.
   *
   *     {"do":"ping"}                                  the server pings
   *     {"do":"close","code":1000,"reason":"bye"}      the server closes
   *     {"do":"inject","hex":"810548656c6c6f"}         the bytes are read as if the client had sent them
   *     {"do":"cut"}                                   the connection is lost
   * @returns false for a control frame, and for a client that is not a watcher
   */
  command(socket: Socket, message: Message): boolean {
    const watcher = this.bySocket.get(socket);
    if (watcher === undefined || isControl(message.opcode)) return false;
    const refused = obey(watcher, read(message));
    if (refused !== null) send(watcher, { kind: 'refused', says: refused });
    return true;
  }
}

/** The watched connection goes on unwatched. */
function release(watcher: Watcher): void {
  if (watcher.watched !== null) watcher.watched.tap = watcher.tapBefore;
  Object.assign(watcher, { watched: null, inbox: null, tapBefore: null });
}

function send(watcher: Watcher, value: object): void {
  const { socket } = watcher;
  if (watcher.lost > 0 || bytesUnsent(socket) > MOST_WAITING) {
    if (watcher.lost === 0) whenTaken(socket, () => tellLost(watcher));
    watcher.lost++;
    return;
  }
  socket_write(socket, buildMsg(JSON.stringify(value), TEXT));
}

/** The watcher reads again. */
function tellLost(watcher: Watcher): void {
  const { lost } = watcher;
  watcher.lost = 0;
  send(watcher, { kind: 'lost', lost });
}

function read(message: Message): Record<string, unknown> {
  try {
    const value: unknown = message.length > MOST_COMMAND ? null : JSON.parse(message.payload.toString());
    return typeof value === 'object' && value !== null ? value as Record<string, unknown> : {};
  } catch {
    return {};
  }
}

/** Returns why the command is refused; null when it is done. */
function obey({ watched, inbox }: Watcher, command: Record<string, unknown>): string | null {
  const { do: what, hex, code, reason } = command;
  if (watched === null || inbox === null) return 'there is no connection';
  if (bytesUnsent(watched) > MOST_WAITING) return 'the connection does not read';
  if (what === 'ping') {
    socket_write(watched, buildMsg('ping', PING));
  } else if (what === 'close' && typeof code === 'number') {
    if (!isCloseCode(code)) return 'this code may not be sent';
    socket_write(watched, closeFrame(code, typeof reason === 'string' ? reason : ''));
    socket_shutdown(watched, 1);
  } else if (what === 'inject' && typeof hex === 'string' && /^(?:[0-9a-f]{2})+$/.test(hex)) {
    // Inside a frame the bytes would be its payload
    if (inbox.isInsideFrame) return 'a frame is on its way: try again';
    if (!inject(watched, Buffer.from(hex, 'hex'))) return 'the connection has ended, or has bytes to read';
  } else if (what === 'cut') {
    cut(watched);
  } else {
    return 'there is no such command';
  }
  return null;
}
