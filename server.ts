/**
 * A WebSocket echo server: PHP's socket_select loop in TypeScript, to be read beside the article's PHP.
 *
 *   1  create a socket, set its options, bind it to an address, listen
 *   2  wait until sockets are active; for each of those:
 *   3  it is the server: accept the new clients
 *   4  it is a client: read what it has sent
 *   5  that is the end: forget the client and close its socket
 *   6  it has not shaken hands: answer its request
 *   7  it has shaken hands: decode its messages, and answer each
 *   8  it does not read our answers, or has had its share: read nothing from it until it has, or others had theirs
 *   9  it broke the rules, or wants the page only: tell it and close; nobody else notices
 *  10  its time is up: ask whether it is there, or close as in 9
 *  11  we are to end: tell all, and go on until they have gone
 *
 * snake_case is PHP's, the article's own names stay as they are, "PHP:" tells where we part.
 */
import { hash } from 'node:crypto';
import { Deadlines } from './lib/limits/timeouts.ts';
import { lastWords } from './lib/limits/last_words.ts';
import { BINARY, buildMsg, CLOSE, getMsg, PING, PONG, reply } from './lib/websocket/frame.ts';
import { getRequest, GUID } from './lib/websocket/handshake.ts';
import { Inbox } from './lib/websocket/inbox.ts';
import { Leaving } from './lib/program/shutdown.ts';
import { Ledger } from './lib/limits/memory.ts';
import { announce, getOptions, giveUp } from './lib/program/options.ts';
import {
  AF_UNIX, SO_LINGER, SO_REUSEADDR, SOCK_STREAM, SOL_SOCKET, SOL_TCP, TCP_NODELAY, type Socket, socket_accept,
  socket_bind, socket_close, socket_create, socket_listen, socket_read, socket_select, socket_set_option, socket_write,
} from './lib/php/sockets.ts';
import { printStatsOnSignal } from './lib/program/stats.ts';
import { unlinkStale } from './lib/php/unix.ts';
import { var_dump } from './lib/php/var_dump.ts';
import { command, watch } from './lib/trace/watch.ts';

const { domain, address, port, quiet, trace, ...rules } = getOptions();
// All sockets by their id, the server too, for socket_select. PHP: array_push numbers them, array_search looks for them
const sockets: Socket[] = [];

// 1
if (domain === AF_UNIX) await unlinkStale(address);
const server = socket_create(domain, SOCK_STREAM, SOL_TCP);
socket_set_option(server, SOL_SOCKET, SO_REUSEADDR, 1);
// PHP: neither. An answer leaves at once, not when the last one is acknowledged; who is closed and does not end is cut
socket_set_option(server, SOL_TCP, TCP_NODELAY, 1);
socket_set_option(server, SOL_SOCKET, SO_LINGER, { l_onoff: 1, l_linger: rules.closeTimeout });
socket_bind(server, address, port);
// PHP: 10. A burst of clients need not knock twice; more than maxClients are told so (6), far more are cut
await socket_listen(server, 511, rules.maxClients + 1000).catch(giveUp);
sockets[server.id] = server;
// PHP: a signal kills it. Its clients see 1006, and a Unix socket's path stays behind
const leaving = new Leaving(server, sockets, rules.closeTimeout);

// All by socket.id: those who are not read for now (8), those who have shaken hands, what has come from each and is not
// used up. PHP: selectWrite stays empty; one read is taken for one request, one read for one frame
const selectWrite: Socket[] = [];
const handShake: Socket[] = [];
const inboxes: Inbox[] = [];
const except = null;
// Their deadlines and their memory. PHP: neither
const deadlines = new Deadlines(rules), ledger = new Ledger(rules.maxMemory);
printStatsOnSignal({ sockets, handShake, inboxes, selectWrite }, ledger);
announce(server, trace);

while (!leaving.begun || deadlines.size > 0) {
  // 2  PHP: prunes copies of both arrays, and returns 0 or false where nothing is active; here both are empty then
  const { read: tempSelectRead, write: tempSelectWrite } =
    await socket_select(sockets, selectWrite, except, deadlines.wait);
  for (const socket of tempSelectWrite.concat(tempSelectRead)) {
    // 3  PHP: one a pass, and it would wait for one
    if (socket === server) {
      for (let client; (client = socket_accept(socket)); ) {
        sockets[client.id] = client;
        deadlines.add(client, inboxes[client.id] = new Inbox(rules.maxPayload));
        var_dump(`新链接${client.id}已创建`);
      }
      continue;
    }
    try {
      const inbox = inboxes[socket.id]!;
      if (selectWrite[socket.id] === socket) {
        // 8  that is over. Its inbox may hold messages that waited for it
        delete selectWrite[socket.id];
        sockets[socket.id] = socket;
      } else {
        // 4  PHP: 1024, and takes that for the whole
        const buff = socket_read(socket, 65536);
        // 5  PHP: a reset client (false) is read on
        if (buff === '' || buff === false) {
          var_dump(`客户端${socket.id}主动关闭`);
          leave(socket, 5);
          continue;
        }
        inbox.push(buff);
      }

      // 6  PHP: finds the key's header in one spelling only; what follows the request in the same read is lost
      if (handShake[socket.id] !== socket) {
        const request = getRequest(inbox, rules, deadlines.size > rules.maxClients);
        if (request === null) continue;
        watch(socket, inbox, request.head);
        const { wsKey, agreed } = request;
        const acceptWsKey = hash('sha1', Buffer.from(wsKey + GUID, 'latin1'), 'base64');
        // PHP: PHP_EOL, a bare LF
        let responseHttpHeader = 'HTTP/1.1 101 Switching Protocols\r\n';
        responseHttpHeader += 'Upgrade: websocket\r\n';
        responseHttpHeader += 'Connection: Upgrade\r\n';
        responseHttpHeader += `Sec-WebSocket-Accept: ${acceptWsKey}\r\n${agreed}\r\n`;
        socket_write(socket, responseHttpHeader, responseHttpHeader.length);
        handShake[socket.id] = socket;
        var_dump(`新连接${socket.id}握手成功`);
      }

      // 7  PHP: one message a read, of any opcode, answered as text
      let share = 1024 * 1024;
      for (let message; (message = getMsg(inbox)) !== null; ) {
        if (message.opcode === PONG || command(socket, message)) continue;
        if (!quiet && message.opcode <= BINARY) var_dump(message);
        const returnMessage = buildMsg(message, reply[message.opcode], inbox.deflate);
        const sent = socket_write(socket, returnMessage, returnMessage.length);

        if (message.opcode === CLOSE) {
          var_dump(`客户端${socket.id}主动关闭`);
          leave(socket, 7);
          break;
        }
        // 8  PHP: a message a read is everyone's share. Here it is so many bytes of messages in one pass
        if ((share -= message.length) < 0 || (sent !== false && sent < returnMessage.length)) {
          delete sockets[socket.id];
          selectWrite[socket.id] = socket;
          break;
        }
      }
      ledger.settle(socket, inboxes[socket.id]);
    } catch (error) {
      // 9  PHP: an exception, and the server has ended for all. RFC 6455 7.1.7 and 7.2.2: last words, no more reading
      leave(socket, 9, error);
    }
  }

  // 10  PHP: waits for everyone, for ever
  for (const { socket, error } of deadlines.sweep(handShake, selectWrite)) {
    socket.step = 10;
    if (error === null) socket_write(socket, buildMsg('', PING));
    else leave(socket, 10, error);
    socket.step = 0;
  }
  // 11  PHP: has ended by now
  leaving.tell(handShake);
}

/** One client goes, from all arrays at once. PHP: index 0 of handShake instead, where the client is not in it */
function leave(socket: Socket, step = 0, error?: unknown): void {
  socket.step = step;
  if (error !== undefined) lastWords(socket, error, handShake[socket.id] === socket);
  ledger.close(inboxes[socket.id]!);
  deadlines.delete(socket);
  delete sockets[socket.id];
  delete selectWrite[socket.id];
  delete handShake[socket.id];
  delete inboxes[socket.id];
  socket_close(socket);
}
