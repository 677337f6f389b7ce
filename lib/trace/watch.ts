/**
 * The page watches its own connection: a second WebSocket of the same page, the watcher, gets the events of the first.
 *
 *     the page   makes an id, 32 hexadecimal digits that nobody can guess
 *     /trace/ID  the watcher: gets one message with all that is always the same, then the events, as JSON
 *     /?trace=ID the connection that is watched, one at a time, from its request on
 *
 * What the watcher sends are commands about that connection, no other. When it leaves, nothing is left of it.
 * Both have to be pages of this server's own: a page of somebody else's would see the visitor's cookies in the request.
 */
import type { Tap } from '../php/socket.ts';
import { type Socket, socket_shutdown, socket_write } from '../php/sockets.ts';
import { bytesUnsent, cut, inject, whenTaken } from '../php/stream.ts';
import { closeFrame, isCloseCode } from '../websocket/close.ts';
import { buildMsg, type FrameInbox } from '../websocket/codec.ts';
import { isControl, PING, TEXT } from '../websocket/frame.ts';
import { type Head, HttpError } from '../websocket/http.ts';
import type { Message } from '../websocket/message.ts';
import { stepsOf } from './steps.ts';
import type { Taps } from './tap.ts';
import { VIOLATIONS } from './violations.ts';

/** Bytes of events that wait for a watcher who does not read; further ones are lost, and counted. */
const MOST_WAITING = 256 * 1024;
/** At a time: each may have so many bytes waiting. */
const MOST_WATCHERS = 100;
/** Bytes of a command. */
const MOST_COMMAND = 1024;

interface Watcher {
  id: string;
  socket: Socket;
  watched: Socket | null;
  inbox: FrameInbox | null;
  /** What looked on at the watched one before: --trace. */
  tapBefore: Tap | null;
  lost: number;
}

/** All pages that watch. */
export class Watchers {
  private readonly taps: Taps;
  /** What is the same for all: the loop's steps, and the rules that can be broken. */
  private readonly table: object;
  private readonly byId = new Map<string, Watcher>();
  private readonly bySocket = new Map<Socket, Watcher>();

  /** @param server the text of server.ts */
  constructor(taps: Taps, server: string) {
    this.taps = taps;
    this.table = {
      kind: 'table', steps: stepsOf(server), breaks: Object.entries(VIOLATIONS).map(([what, { code }]) => ({ what, code })),
    };
  }

  /**
   * To be called for each client whose request is accepted, before that is answered.
   * @param inbox the client's, with what came behind the request
   * @throws HttpError 403 for a watcher that is no page of this server's, 409 where its id has one, 503 where all that
   *   there may be are watching
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
      // The server has closed it
      if (bytes === null && from === 'server') release(watcher);
    };
    tap('client', head.bytes, false);
    const { buffer, start, length } = inbox;
    if (length > 0) tap('client', buffer.subarray(start, start + length), false);
  }

  /** A watcher comes: it gets the table when its request has been answered. */
  private admit(socket: Socket, id: string, head: Head): void {
    const { byId, bySocket, table } = this;
    if (!isOwnPage(head)) throw new HttpError(403, "Only this server's own page may watch.");
    if (byId.has(id)) throw new HttpError(409, 'Cannot watch: somebody does so already under this id.');
    if (byId.size >= MOST_WATCHERS) throw new HttpError(503, `Cannot watch: ${MOST_WATCHERS} pages do so already.`);
    const watcher: Watcher = { id, socket, watched: null, inbox: null, tapBefore: null, lost: 0 };
    byId.set(id, watcher);
    bySocket.set(socket, watcher);
    const before = socket.tap;
    // --trace shows its handshake and its end, not the events of others
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
   * A watcher's message is a command, JSON; what came of it is told where that is nothing one would see.
   *
   *     {"do":"ping"}                                  the server pings
   *     {"do":"close","code":1000,"reason":"bye"}      the server closes
   *     {"do":"break","what":"unmasked"}               bytes that break a rule come in as if the client had sent them
   *     {"do":"cut"}                                   the connection is gone without a word
   * @returns false where the message is not a watcher's, or a control frame: it is answered as any other
   */
  command(socket: Socket, message: Message): boolean {
    const watcher = this.bySocket.get(socket);
    if (watcher === undefined || isControl(message.opcode)) return false;
    const refused = obey(watcher, read(message));
    if (refused !== null) send(watcher, { kind: 'refused', says: refused });
    return true;
  }
}

/** RFC 6455 10.2: the page that a browser says it is has the address that it asks. */
function isOwnPage({ fields }: Head): boolean {
  const [origin = ''] = fields.get('origin') ?? [], [host = ''] = fields.get('host') ?? [];
  return /^https?:\/\//.test(origin) && origin.replace(/^https?:\/\//, '').toLowerCase() === host.toLowerCase();
}

/** The watched connection goes on, or has ended, unseen. */
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

/** It reads again. */
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

/** @returns why not; null where it is done */
function obey({ watched, inbox }: Watcher, command: Record<string, unknown>): string | null {
  const { do: what, what: name, code, reason } = command;
  if (watched === null || inbox === null) return 'there is no connection to do it to';
  if (bytesUnsent(watched) > MOST_WAITING) return 'the connection does not read';
  if (what === 'ping') {
    socket_write(watched, buildMsg('ping', PING));
  } else if (what === 'close' && typeof code === 'number' && isCloseCode(code)) {
    socket_write(watched, closeFrame(code, typeof reason === 'string' ? reason : ''));
    socket_shutdown(watched, 1);
  } else if (what === 'break' && typeof name === 'string' && Object.hasOwn(VIOLATIONS, name)) {
    // Between two frames: inside of one they would be its payload
    if (inbox.isInsideFrame) return 'a frame is on its way: try again';
    if (!inject(watched, VIOLATIONS[name]!.bytes)) return 'the connection has ended, or has not read the last one yet';
  } else if (what === 'cut') {
    cut(watched);
  } else {
    return 'there is no such command';
  }
  return null;
}
