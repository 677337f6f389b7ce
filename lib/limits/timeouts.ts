/**
 * Timeouts: a client's time for its request, for reading its answers, and for a sign of life.
 *
 * No client has a timer, and a message costs nothing here. Once a second, each client's counters are compared with
 * those of the second before.
 */
import { PING } from '../websocket/frame.ts';
import { buildMsg } from '../websocket/codec.ts';
import { POLICY_VIOLATION, ProtocolError } from '../websocket/close.ts';
import { HttpError } from '../websocket/http.ts';
import { type Socket, socket_write } from '../php/sockets.ts';
import { bytesRead, bytesTaken, bytesUnsent, joinUnread } from '../php/stream.ts';
import type { Client, Wait } from './client.ts';
import { Disconnect, type LastWords } from './last_words.ts';

/** In seconds. */
export interface TimeLimits {
  /** For the whole request. */
  handshakeTimeout: number;
  /** Without a message: a Ping is sent. As long again without a byte: the client is closed. 0: never. */
  pingInterval: number;
  /** For taking at least one byte of the answers that wait. */
  writeTimeout: number;
}

/** Packets of a stopped client that may wait without being joined. */
const MOST_PACKETS = 256;

/** The timeouts of all clients. */
export class Timeouts {
  /** Seconds between two checks: one, or less when a limit is short. */
  readonly period: number;
  private readonly limits: TimeLimits;

  constructor(limits: TimeLimits) {
    this.limits = limits;
    const { handshakeTimeout, pingInterval, writeTimeout } = limits;
    this.period = Math.min(1, handshakeTimeout / 4, (pingInterval || Infinity) / 4, writeTimeout / 4);
  }

  /**
   * Call once a period for each client: pings one that has been silent, and joins what waits of one that is not read.
   * @param isOpen the client has shaken hands
   * @param isStopped the client is not read for now (step 8)
   * @param now seconds
   * @returns its last words when its time is up, or null
   */
  tick(client: Client, isOpen: boolean, isStopped: boolean, now: number): LastWords | null {
    if (isStopped) join(client);
    const isBehind = bytesUnsent(client.socket) > 0;
    if (isStopped && !isBehind) {
      // It waits for this server: for its turn, or for what is inflated
      begin(client, 'message', now);
      return null;
    }
    const wait = isBehind ? 'reading' : !isOpen ? 'request' : client.wait === 'any byte' ? 'any byte' : 'message';
    if (wait !== client.wait || countOf(client, wait) !== client.count) {
      // A byte after a Ping is a sign of life: wait for a message again
      begin(client, wait === 'any byte' ? 'message' : wait, now);
      return null;
    }
    const waited = now - client.since, { handshakeTimeout, writeTimeout, pingInterval } = this.limits;
    switch (wait) {
      case 'request':
        if (waited < handshakeTimeout) return null;
        return noRequest(client, handshakeTimeout);
      case 'reading':
        return waited < writeTimeout ? null : new Disconnect(`it has read nothing for ${writeTimeout} s`);
      case 'message':
        if (pingInterval === 0 || waited < pingInterval) return null;
        begin(client, 'any byte', now);
        ping(client.socket);
        return null;
      case 'any byte':
        if (waited < pingInterval) return null;
        return new ProtocolError(POLICY_VIOLATION, `Cannot hear client: no byte in ${pingInterval} s after a Ping`);
    }
  }
}

/** A browser opens spare connections and sends nothing on them: the log has no line about that. */
function noRequest({ socket }: Client, seconds: number): LastWords {
  const error = new HttpError(408, `Cannot wait for the request: it is not complete after ${seconds} seconds.`);
  return bytesRead(socket) > 0 ? error : { bytes: error.bytes, line: '' };
}

function ping(socket: Socket): void {
  socket.step = 10;
  socket_write(socket, buildMsg('', PING));
  socket.step = 0;
}

/** A stopped client's packets wait one by one in Node: single bytes must not take hundreds of bytes each. */
function join(client: Client): void {
  const read = bytesRead(client.socket);
  if (read - client.joined < MOST_PACKETS) return;
  client.joined = read;
  joinUnread(client.socket);
}

function begin(client: Client, wait: Wait, now: number): void {
  client.wait = wait;
  client.since = now;
  client.count = countOf(client, wait);
}

/** Returns a number that grows with what the server waits for. 0 for a request: single bytes give it no more time. */
function countOf({ socket, inbox }: Client, wait: Wait): number {
  switch (wait) {
    case 'request': return 0;
    case 'reading': return bytesTaken(socket);
    case 'message': return inbox.messages;
    case 'any byte': return bytesRead(socket);
  }
}
