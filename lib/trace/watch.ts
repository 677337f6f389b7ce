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
import { readFileSync } from 'node:fs';
import { BREAKS } from './violations.ts';
import { closePayload, isCloseCode } from '../websocket/close.ts';
import { CLOSE_CODES, FIELDS, OPCODES, STEPS } from './fields.ts';
import { buildMsg, CLOSE, type Message, PING, TEXT } from '../websocket/frame.ts';
import { HEADERS } from './headers.ts';
import { type Head, HttpError } from '../websocket/http.ts';
import type { Inbox } from '../websocket/inbox.ts';
import { socket_shutdown, socket_write } from '../php/sockets.ts';
import { stepsOf } from './steps.ts';
import { bytesUnsent, cut, inject, type Socket, type Tap, whenTaken } from '../php/stream.ts';
import { tapOf } from './tap.ts';

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
  inbox: Inbox | null;
  /** What looked on at the watched one before: --trace. */
  tapBefore: Tap | null;
  lost: number;
}

const watchers = new Map<string, Watcher>();
/** The same by the watcher's socket. */
const bySocket = new Map<Socket, Watcher>();

/**
 * To be called for each client whose request is accepted, before that is answered.
 * @param inbox the client's, with what came behind the request
 * @throws HttpError 403 for a watcher that is no page of this server's, 409 where its id has one, 503 where all that
 *   there may be are watching
 */
export function watch(socket: Socket, inbox: Inbox, head: Head): void {
  const id = /^\/trace\/([0-9a-f]{32})$/.exec(head.target)?.[1];
  if (id !== undefined) return admit(socket, id, head);
  const watched = /[?&]trace=([0-9a-f]{32})(?:&|$)/.exec(head.target)?.[1];
  const watcher = watched === undefined ? undefined : watchers.get(watched);
  if (watcher === undefined || watcher.watched !== null || !isOwnPage(head)) return;

  const before = socket.tap, tap = tapOf(socket, (event) => send(watcher, event));
  Object.assign(watcher, { watched: socket, inbox, tapBefore: before });
  socket.tap = (from, bytes, injected) => {
    before?.(from, bytes, injected);
    tap(from, bytes, injected);
    // The server has closed it
    if (bytes === null && from === 'server') release(watcher);
  };
  tap('client', head.bytes, false);
  if (inbox.length > 0) tap('client', inbox.bytes.subarray(inbox.start, inbox.start + inbox.length), false);
}

/** A watcher comes: it gets the table when its request has been answered. */
function admit(socket: Socket, id: string, head: Head): void {
  if (!isOwnPage(head)) throw new HttpError(403, "Only this server's own page may watch.");
  if (watchers.has(id)) throw new HttpError(409, 'Cannot watch: somebody does so already under this id.');
  if (watchers.size >= MOST_WATCHERS) throw new HttpError(503, `Cannot watch: ${MOST_WATCHERS} pages do so already.`);
  const watcher: Watcher = { id, socket, watched: null, inbox: null, tapBefore: null, lost: 0 };
  watchers.set(id, watcher);
  bySocket.set(socket, watcher);
  const before = socket.tap;
  // --trace shows its handshake and its end, not the events of others
  let answered = false;
  socket.tap = (from, bytes, injected) => {
    if (bytes === null || !answered) before?.(from, bytes, injected);
    if (bytes === null && from === 'server') dismiss(watcher);
    if (answered || bytes === null || from === 'client') return;
    answered = true;
    queueMicrotask(() => send(watcher, TABLE));
  };
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

function dismiss(watcher: Watcher): void {
  release(watcher);
  watchers.delete(watcher.id);
  bySocket.delete(watcher.socket);
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

/**
 * A watcher's message is a command, JSON; what came of it is told where that is nothing one would see.
 *
 *     {"do":"ping"}                                  the server pings
 *     {"do":"close","code":1000,"reason":"bye"}      the server closes
 *     {"do":"break","what":"unmasked"}               bytes that break a rule come in as if the client had sent them
 *     {"do":"cut"}                                   the connection is gone without a word
 * @returns false where the message is not a watcher's, or a control frame: it is answered as any other
 */
export function command(socket: Socket, message: Message): boolean {
  // Without a tap it is no watcher: that is all that others pay
  if (socket.tap === null || message.opcode >= CLOSE) return false;
  const watcher = bySocket.get(socket);
  if (watcher === undefined) return false;
  const refused = obey(watcher, read(message));
  if (refused !== null) send(watcher, { kind: 'refused', says: refused });
  return true;
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
    socket_write(watched, buildMsg(closePayload(code, typeof reason === 'string' ? reason : ''), CLOSE));
    socket_shutdown(watched, 1);
  } else if (what === 'break' && typeof name === 'string' && Object.hasOwn(BREAKS, name)) {
    // Between two frames: inside of one they would be its payload
    if (inbox.length > 0 || (inbox.reading?.left ?? 0) > 0) return 'a frame is on its way: try again';
    if (!inject(watched, BREAKS[name]!.bytes)) return 'the connection has ended, or has not read the last one yet';
  } else if (what === 'cut') {
    cut(watched);
  } else {
    return 'there is no such command';
  }
  return null;
}

/** What is the same for all: names and sentences in both languages, and what the loop's steps look like. */
const TABLE = {
  kind: 'table',
  fields: FIELDS, opcodes: OPCODES, codes: CLOSE_CODES,
  headers: HEADERS,
  steps: stepsOf(readFileSync(new URL('../../server.ts', import.meta.url), 'utf8')).map((step) => ({ ...step, zh: STEPS[step.step] })),
  breaks: Object.entries(BREAKS).map(([what, one]) => ({ what, ...one, bytes: one.bytes.toString('hex') })),
};
