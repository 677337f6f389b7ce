/** What Node can do at the most: the bytes that come go back, nothing is looked at. Usage: node echo.js PORT */
import net from 'node:net';

net.createServer({ noDelay: true }, (socket) => {
  socket.on('data', (bytes) => socket.write(bytes));
  // Without a listener a client's reset would end the process
  socket.on('error', () => {});
}).listen({ host: '127.0.0.1', port: Number(process.argv[2]), backlog: 511 });
