// Step 1 of 5: accept clients, and print the bytes that they send.
import net from 'node:net';

const server = net.createServer((socket) => {
  // Node calls this when bytes have come. read() takes them out; null says that no more are there
  socket.on('readable', () => {
    for (let buff: Buffer | null; (buff = socket.read()) !== null; ) {
      console.log(buff);
      console.log('%o', buff.toString('latin1'));
    }
  });
  socket.on('error', ({ message }) => console.log(message)); // without it a client's reset would end the server
});

server.on('error', ({ message }) => { console.error(`${message}. Add another port: 8082`); process.exit(1); });
server.listen(Number(process.argv[2] ?? 8081), '127.0.0.1', () => {
  const { port } = server.address() as net.AddressInfo;
  console.log(`listening on ws://127.0.0.1:${port}\nNow, in a second terminal: curl http://127.0.0.1:${port}`);
});
