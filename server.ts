/**
 * A WebSocket echo server: the article's socket_select loop in TypeScript, to be read beside its PHP.
 *
 *   1  create a socket, set its options, bind it to an address, listen
 *   2  wait until sockets are active; for each of them:
 *   3  it is the server: accept the new clients
 *   4  it is a client: read what it has sent
 *   5  that is the end: say so, forget the client and close its socket
 *   6  it has not shaken hands: answer its request
 *   7  it has shaken hands: decode its messages, and answer each
 *   8  it does not read its answers, or others have their turn: read nothing from it for now
 *   9  it broke a rule: tell it why, and close its socket; nobody else notices
 *  10  its time is up: ask whether it is there, or close its socket as in 9
 *  11  the server is to end: tell all clients, and go on until they have left
 *
 * snake_case is PHP's, the article's own names stay. "PHP:" says what the PHP does; tests/compare/README.md says why.
 */
import { hash } from 'node:crypto';
import {
  SO_REUSEADDR, SO_REUSEPORT, SOCK_STREAM, SOL_SOCKET, SOL_TCP, TCP_NODELAY, type Socket, socket_accept, socket_bind,
  socket_close, socket_create, socket_listen, socket_read, socket_select, socket_set_option, socket_write,
  stream_filter_append, strlen, var_dump,
} from './lib/php/sockets.ts';
import { getOptions, giveUp, start } from './lib/program/start.ts';
import { BINARY, buildMsg, CLOSE, type FrameInbox, getMsg, PONG } from './lib/websocket/codec.ts';
import { getRequest, GUID } from './lib/websocket/handshake.ts';

const options = getOptions(), { domain, address, port } = options; // PHP: constants in the source
// All sockets by their id, the server too, for socket_select. PHP: array_push numbers them, array_search looks for them
const sockets: Socket[] = [];

// 1  PHP: goes on when one of these fails
const server = socket_create(domain, SOCK_STREAM, 0); // PHP: SOL_TCP, which AF_UNIX does not have
socket_set_option(server, SOL_SOCKET, SO_REUSEADDR, 1);
socket_set_option(server, SOL_SOCKET, SO_REUSEPORT, options.reusePort); // PHP: not set, so one process has the port
socket_set_option(server, SOL_TCP, TCP_NODELAY, 1); // PHP: not set, so a small answer may wait
socket_bind(server, address, port);
await socket_listen(server, 511).catch(giveUp); // PHP: 10, a queue that a burst of connections fills
sockets[server.id] = server;

// Clients that are not read for now (8). PHP: stays empty
const selectWrite: Socket[] = [];
const handShake: Socket[] = [];
const except = null;
// Bytes of each client that are not used yet. PHP: takes one read for one request, and for one frame
const inboxes: FrameInbox[] = [];
// What clients may cost, signals, and the page for browsers. PHP: none of them
const { limits, page } = await start(server, { sockets, handShake, inboxes, selectWrite }, options, leave);

while (true) {
  // 2  PHP: takes idle sockets out of copies of both arrays. Here: two new arrays, empty when nothing is active
  const { read: tempSelectRead, write: tempSelectWrite } =
    await socket_select(sockets, selectWrite, except, limits.wait);
  for (const socket of limits.turns(tempSelectRead, tempSelectWrite)) {
    const inbox = inboxes[socket.id]; // none: the client has left earlier in this pass
    if (socket === server) {
      // 3  PHP: accepts one in each pass, and waits when there is none
      for (let client; (client = socket_accept(socket)); ) {
        sockets[client.id] = client;
        inboxes[client.id] = limits.admit(client);
        var_dump(`新链接${client.id}已创建`);
      }
    } else if (inbox) try {
      if (selectWrite[socket.id]) {
        // 8 is over: it is read again. Its inbox may hold messages
        delete selectWrite[socket.id];
        sockets[socket.id] = socket;
      }
      // 4  Node's `readable` has ended the wait, and socket_read calls read(). PHP: 1024, and takes that for the whole
      const buff = socket_read(socket, inbox.room);
      if (buff === '' || buff === false) {
        // 5  PHP: does not look for false. After a reset it gets that once, takes it for a message, and then gets ''
        var_dump(`客户端${socket.id}主动关闭`);
        leave(socket, 5);
      } else {
        inbox.push(buff);
        if (!handShake[socket.id]) {
          // 6  PHP: finds the key's header in one spelling only, and loses what follows the request in the same read
          const request = getRequest(inbox, options, limits.isFull);
          if (request && !page.answers(socket, inbox, request)) {
            const { wsKey, agreed, filter } = request;
            const acceptWsKey = hash('sha1', Buffer.from(wsKey + GUID, 'latin1'), 'base64');
            // PHP: PHP_EOL, a bare LF
            let responseHttpHeader = 'HTTP/1.1 101 Switching Protocols\r\n';
            responseHttpHeader += 'Upgrade: websocket\r\n';
            responseHttpHeader += 'Connection: Upgrade\r\n';
            responseHttpHeader += `Sec-WebSocket-Accept: ${acceptWsKey}\r\n${agreed}\r\n`;
            socket_write(socket, responseHttpHeader, strlen(responseHttpHeader));
            stream_filter_append(socket, filter); // encodes what is written. PHP: agrees on no extension
            handShake[socket.id] = socket;
            var_dump(`新连接${socket.id}握手成功`);
          }
        }
        if (handShake[socket.id]) {
          // 7  PHP: takes one read for one message, prints it, and answers with text, whatever its kind is
          for (let message; limits.hasTurn(socket, inbox) && (message = getMsg(inbox)); ) {
            if (message.opcode === PONG || page.takes(socket, message)) continue;
            if (message.opcode <= BINARY) var_dump(message);
            const returnMessage = buildMsg(message);
            socket_write(socket, returnMessage, strlen(returnMessage));
            if (message.opcode === CLOSE) {
              var_dump(`客户端${socket.id}主动关闭`);
              leave(socket, 7);
              break;
            }
          }
          // 8  PHP: waits in socket_write, and all clients with it
          if (limits.mustWait(socket, inbox)) {
            delete sockets[socket.id];
            selectWrite[socket.id] = socket;
          }
        }
        // PHP: has no limit for the memory of all clients together
        for (const [other, words] of limits.settle(socket)) leave(other, 9, words);
      }
    } catch (error) {
      // 9  PHP: nobody catches it, and the program ends. RFC 6455 7.1.7: say why, then read nothing more
      leave(socket, 9, error);
    }
  }
  // 10  PHP: waits for every client, for ever
  for (const [socket, words] of limits.sweep()) leave(socket, 10, words);
  // 11  PHP: a signal ends it at once
  if (limits.isOver) break;
}

/** Takes a client out of all arrays. PHP: takes index 0 out of handShake where the client is not in it */
function leave(socket: Socket, step = 0, error?: unknown): void {
  limits.forget(socket, step, error);
  delete sockets[socket.id];
  delete selectWrite[socket.id];
  delete handShake[socket.id];
  delete inboxes[socket.id];
  socket_close(socket);
}
