/**
 * A WebSocket echo server: PHP's socket_select loop in TypeScript, to be read beside the article's PHP.
 *
 *   1  create a socket, set its options, bind it to an address, listen
 *   2  wait until sockets are active; for each of those:
 *   3  it is the server: accept the new clients
 *   4  it is a client: read what it has sent
 *   5  that is the end: forget the client and close its socket
 *   6  it has not shaken hands: answer its request
 *   7  it has: decode its messages, and answer each
 *   8  it does not read our answers, or has had its share: read nothing from it until it has, or others had theirs
 *   9  it broke the rules: say so and close; nobody else notices
 *
 * snake_case is PHP's, the article's own names stay as they are, "PHP:" tells where we part.
 */
import { hash } from 'node:crypto';
import { closePayload, GOING_AWAY } from './lib/close.ts';
import { farewell, obituary } from './lib/farewell.ts';
import { BINARY, buildMsg, CLOSE, getMsg, PING, PONG, TEXT } from './lib/frame.ts';
import { getRequest, GUID } from './lib/handshake.ts';
import { Inbox } from './lib/inbox.ts';
import { log } from './lib/log.ts';
import { getOptions, giveUp, urlOf } from './lib/options.ts';
import {
  AF_UNIX, SO_LINGER, SO_REUSEADDR, SOCK_STREAM, SOL_SOCKET, SOL_TCP, TCP_NODELAY, type Socket, socket_accept,
  socket_bind, socket_close, socket_create, socket_listen, socket_read, socket_select, socket_set_option, socket_write,
} from './lib/socket.ts';
import { unlinkStale } from './lib/unix.ts';
import { var_dump } from './lib/var_dump.ts';

const { domain, address, port, quiet, closeTimeout, ...rules } = getOptions();

// All sockets by their id, the server too, for socket_select. PHP: array_push numbers them, array_search looks for them
const sockets: Socket[] = [];

// 1
if (domain === AF_UNIX) await unlinkStale(address);
const server = socket_create(domain, SOCK_STREAM, SOL_TCP);
socket_set_option(server, SOL_SOCKET, SO_REUSEADDR, 1);
// PHP: not set. An answer leaves at once, instead of waiting for the last one to be acknowledged
socket_set_option(server, SOL_TCP, TCP_NODELAY, 1);
// PHP: not set. A closed client that does not end its side is cut
socket_set_option(server, SOL_SOCKET, SO_LINGER, { l_onoff: 1, l_linger: closeTimeout });
socket_bind(server, address, port);
// PHP: 10. A burst of clients need not knock twice
await socket_listen(server, 511).catch(giveUp);
sockets[server.id] = server;
// PHP: none of these, so that its clients see 1006, and a Unix socket's path stays behind
process.on('exit', () => {
  for (const socket of Object.values(handShake)) socket_write(socket, buildMsg(closePayload(GOING_AWAY), CLOSE));
  for (const socket of Object.values(sockets)) socket_close(socket);
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit());
log(`listening on ${urlOf(server)}`);

// Those who are not read for now (8), by id. PHP: stays empty, and socket_write waits for them, and everyone with it
const selectWrite: Socket[] = [];

// Those who have shaken hands, by id
const handShake: Socket[] = [];

// What has come from each client and is not used up, by id. PHP: takes one read for one request, one read for one frame
const inboxes: Inbox[] = [];

const except = null;

// A message's opcode -> that of its answer. RFC 6455 5.5.2: a Ping gets a Pong
const reply: Record<number, number> = { [TEXT]: TEXT, [BINARY]: BINARY, [PING]: PONG, [CLOSE]: CLOSE };

while (true) {
  // 2  PHP: prunes copies of both arrays, and returns 0 or false where nothing is active; here both are empty then
  const { read: tempSelectRead, write: tempSelectWrite } = await socket_select(sockets, selectWrite, except, null);

  for (const socket of tempSelectWrite.concat(tempSelectRead)) {
    // 3  PHP: one a pass, and it would wait for one
    if (socket === server) {
      for (let client; (client = socket_accept(socket)); ) {
        sockets[client.id] = client;
        inboxes[client.id] = new Inbox();
        var_dump(`新链接${client.id}已创建`);
      }
      continue;
    }

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
        leave(socket);
        continue;
      }
      inbox.push(buff);
    }

    try {
      // 6  PHP: finds the key's header in one spelling only; what follows the request in the same read is lost
      if (handShake[socket.id] !== socket) {
        const request = getRequest(inbox, rules);
        if (request === null) continue;

        const { wsKey, agreed } = request;
        const acceptWsKey = hash('sha1', Buffer.from(wsKey + GUID, 'latin1'), 'base64');
        // PHP: PHP_EOL, a bare LF
        let responseHttpHeader = 'HTTP/1.1 101 Switching Protocols\r\n';
        responseHttpHeader += 'Upgrade: websocket\r\n';
        responseHttpHeader += 'Connection: Upgrade\r\n';
        responseHttpHeader += `Sec-WebSocket-Accept: ${acceptWsKey}\r\n`;
        responseHttpHeader += agreed + '\r\n';
        socket_write(socket, responseHttpHeader, responseHttpHeader.length);
        handShake[socket.id] = socket;
        inbox.deflate = request.deflate;
        var_dump(`新连接${socket.id}握手成功`);
      }

      // 7  PHP: one message a read, of any opcode, answered as text
      let share = 1024 * 1024;
      for (let message; (message = getMsg(inbox)) !== null; ) {
        if (message.opcode === PONG) continue;
        if (!quiet && message.opcode <= BINARY) var_dump(message);

        const returnMessage = buildMsg(message, reply[message.opcode], inbox.deflate);
        const sent = socket_write(socket, returnMessage, returnMessage.length);

        if (message.opcode === CLOSE) {
          var_dump(`客户端${socket.id}主动关闭`);
          leave(socket);
          break;
        }
        // 8  PHP: a message a read is everyone's share. Here it is so many bytes of messages in one pass
        if ((share -= message.length) < 0 || (sent !== false && sent < returnMessage.length)) {
          delete sockets[socket.id];
          selectWrite[socket.id] = socket;
          break;
        }
      }
    } catch (error) {
      // 9  PHP: an exception, and the server has ended for all. RFC 6455 7.1.7 and 7.2.2: last words, and no more reading
      socket_write(socket, farewell(error, handShake[socket.id] === socket));
      log(obituary(error, socket));
      leave(socket);
    }
  }
}

/** One client goes, from all arrays at once. PHP: index 0 of handShake instead, where the client is not in it */
function leave(socket: Socket): void {
  delete sockets[socket.id];
  delete selectWrite[socket.id];
  delete handShake[socket.id];
  delete inboxes[socket.id];
  socket_close(socket);
}
