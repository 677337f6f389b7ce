// Step 3 of 5: read one frame (RFC 6455 5.2), and print its message.
import { createHash } from 'node:crypto';
import net from 'node:net';

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const HELP = 'Open the console of this page (F12), and type:\n\nws = new WebSocket(`ws://${location.host}`);\n' +
  'ws.onmessage = ({ data }) => console.log(data);\nws.onclose = ({ code }) => console.log(`closed ${code}`);\n';

const server = net.createServer((socket) => {
  let handShake = false;
  // Node calls this when bytes have come. read() takes them out; null says that no more are there
  socket.on('readable', () => {
    for (let buff: Buffer | null; (buff = socket.read()) !== null; ) {
      if (!handShake) handShake = shakeHands(socket, buff.toString('latin1'));
      else console.log('%o', getMsg(buff));
    }
  });
  socket.on('error', ({ message }) => console.log(message)); // without it a client's reset would end the server
});

/** The message of a frame, which has to be whole, alone, and shorter than 126 bytes. */
function getMsg(buff: Buffer): string {
  const length = buff[1]! & 0b0111_1111; // without the MASK bit
  const mask = buff.subarray(2, 6);
  const message = buff.subarray(6, 6 + length).map((byte, i) => byte ^ mask[i % 4]!);
  return Buffer.from(message).toString();
}

/** Answers a request; says whether the client speaks WebSocket from now on. */
function shakeHands(socket: net.Socket, request: string): boolean {
  const wsKey = /^Sec-WebSocket-Key: *(\S+)/im.exec(request)?.[1];
  if (wsKey === undefined) {
    socket.end(`HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n${HELP}`);
    return false;
  }
  const acceptWsKey = createHash('sha1').update(wsKey + GUID).digest('base64');
  let responseHttpHeader = 'HTTP/1.1 101 Switching Protocols\r\n';
  responseHttpHeader += 'Upgrade: websocket\r\n';
  responseHttpHeader += 'Connection: Upgrade\r\n';
  responseHttpHeader += `Sec-WebSocket-Accept: ${acceptWsKey}\r\n\r\n`;
  socket.write(responseHttpHeader);
  return true;
}

server.on('error', ({ message }) => { console.error(`${message}. Add another port: 8082`); process.exit(1); });
server.listen(Number(process.argv[2] ?? 8081), '127.0.0.1', () => {
  const { port } = server.address() as net.AddressInfo;
  console.log(`listening on ws://127.0.0.1:${port}\nNow, in a browser: http://127.0.0.1:${port}`);
});
