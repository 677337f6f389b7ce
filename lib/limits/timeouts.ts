/**
 * Which clients have had time enough: for a request, for their answers, for a sign of life.
 *
 * No client has a timer, and a message costs nothing here: socket_select returns after a second at the latest, and then
 * what each client's counters show is compared with what they showed before.
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
  /** For a whole request, from the connection on. */
  handshakeTimeout: number;
  /** Without a whole message: time for a Ping; as long again without a byte: gone. 0: no limit. */
  pingInterval: number;
  /** For a client that has answers waiting (step 8, or its last one) to take some of them, be it a byte. */
  writeTimeout: number;
}

/** Packets, at the most, that a client who is not read may have waiting one by one. */
const MOST_PACKETS = 256;

/** All clients' time. */
export class Timeouts {
  /** Seconds between two looks: one, or less where a limit is short. */
  readonly period: number;
  private readonly limits: TimeLimits;

  constructor(limits: TimeLimits) {
    this.limits = limits;
    const { handshakeTimeout, pingInterval, writeTimeout } = limits;
    this.period = Math.min(1, handshakeTimeout / 4, (pingInterval || Infinity) / 4, writeTimeout / 4);
  }

  /**
   * Looks at one client: pings it when it has been silent.
   * @param isOpen it has shaken hands
   * @param isStopped it is not read for now (step 8)
   * @param now seconds, of the clock that the client's record has begun with
   * @returns what to tell it when its time is up; null when it has time left
   */
  check(client: Client, isOpen: boolean, isStopped: boolean, now: number): LastWords | null {
    if (isStopped) join(client);
    const isBehind = isStopped || bytesUnsent(client.socket) > 0;
    const wait = isBehind ? 'reading' : !isOpen ? 'request' : client.wait === 'any byte' ? 'any byte' : 'message';
    if (wait !== client.wait || countOf(client, wait) !== client.count) {
      // Any byte will do after a Ping, and then a message is waited for again
      begin(client, wait === 'any byte' ? 'message' : wait, now);
      return null;
    }
    const waited = now - client.since, { handshakeTimeout, writeTimeout, pingInterval } = this.limits;
    switch (wait) {
      case 'request':
        if (waited < handshakeTimeout) return null;
        return new HttpError(408, `Cannot wait for the request: it is not whole after ${handshakeTimeout} seconds.`);
      case 'reading':
        return waited < writeTimeout ? null : new Disconnect(`it has taken nothing for ${writeTimeout} seconds`);
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

function ping(socket: Socket): void {
  socket.step = 10;
  socket_write(socket, buildMsg('', PING));
  socket.step = 0;
}

/** Nobody reads it: what it has sent in single bytes must not cost hundreds of times as much. */
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

/** What has come of that which is waited for. Bytes of a request do not count: a byte a second is no request. */
function countOf({ socket, inbox }: Client, wait: Wait): number {
  switch (wait) {
    case 'request': return 0;
    case 'reading': return bytesTaken(socket);
    case 'message': return inbox.messages;
    case 'any byte': return bytesRead(socket);
  }
}
