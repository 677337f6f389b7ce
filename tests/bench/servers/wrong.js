/** An echo server for the tests: each answer's last byte is wrong. Usage: node wrong.js PORT */
import { WebSocketServer } from 'ws';

new WebSocketServer({ host: '127.0.0.1', port: Number(process.argv[2]) }).on('connection', (socket) => {
  socket.on('message', (data, binary) => {
    data[data.length - 1] ^= 1;
    socket.send(data, { binary });
  });
  socket.on('error', () => {});
});
