/** An echo server of npm's ws with its defaults. Usage: node ws_echo.js PORT [deflate] */
import { createRequire } from 'node:module';

// It is installed with the clients
const { WebSocketServer } = createRequire(new URL('../clients/package.json', import.meta.url))('ws');
const [port, deflate] = process.argv.slice(2);

const server = new WebSocketServer({ host: '127.0.0.1', port: Number(port), perMessageDeflate: deflate === 'deflate' });
server.on('connection', (socket) => {
  socket.on('message', (data, binary) => socket.send(data, { binary }));
  // Without a listener a client's mistake would end the process
  socket.on('error', () => {});
});
