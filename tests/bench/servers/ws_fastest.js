/**
 * ws at its fastest: no deflate, no list of clients, answers without callbacks.
 * Usage: node ws_fastest.js PORT [deflate]
 */
import { WebSocketServer } from 'ws';

const [port, deflate] = process.argv.slice(2);

const server = new WebSocketServer({
  host: '127.0.0.1', port: Number(port), backlog: 511, clientTracking: false, perMessageDeflate: deflate === 'deflate',
});
server.on('connection', (socket) => {
  socket.on('message', (data, binary) => socket.send(data, { binary }));
  // Without a listener a client's mistake would end the process
  socket.on('error', () => {});
});
