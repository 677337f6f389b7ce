// Step 5 of 5: look at the opcode; answer a Ping with a Pong, and a Close with a Close, then end the connection.
import { createHash } from 'node:crypto';
import net from 'node:net';

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const CLOSE = 0x8, PING = 0x9, PONG = 0xa;
const HELP = 'Open the console of this page (F12), and type:\n\nws = new WebSocket(`ws://${location.host}`);\n' +
  'ws.onmessage = ({ data }) => console.log(data);\nws.onclose = ({ code }) => console.log(`closed ${code}`);\n';

const server = net.createServer((socket) => {
  let handShake = false, inbox = Buffer.alloc(0);
  // Node calls this when bytes have come. read() takes them out; null says that no more are there
  socket.on('readable', () => {
    for (let buff: Buffer | null; (buff = socket.read()) !== null; ) {
      inbox = Buffer.concat([inbox, buff]);
      const end = inbox.indexOf('\r\n\r\n') + 4; // of the request, with its empty line
      if (!handShake && end >= 4) {
        handShake = shakeHands(socket, inbox.toString('latin1', 0, end));
        inbox = inbox.subarray(end);
      }
      for (let frame; handShake && !socket.writableEnded && (frame = getMsg(inbox)) !== null; ) {
        inbox = inbox.subarray(frame.end);
        const { opcode, message } = frame;
        if (opcode === CLOSE) socket.end(buildMsg(message, CLOSE));
        else if (opcode === PING) socket.write(buildMsg(message, PONG));
        else if (opcode !== PONG) {
          console.log('%o', message.toString());
          socket.write(buildMsg(message, opcode));
        }
      }
    }
  });
  socket.on('error', ({ message }) => console.log(message)); // without it a client's reset would end the server
});

/** The first frame: its opcode, its message, and where it ends; null when it is not whole yet. */
function getMsg(inbox: Buffer): { opcode: number; message: Buffer; end: number } | null {
  if (inbox.length < 2) return null;
  let length = inbox[1]! & 0b0111_1111; // without the MASK bit
  const start = length < 126 ? 2 : length === 126 ? 4 : 10;
  if (inbox.length < start) return null;
  if (length === 126) length = inbox.readUInt16BE(2);
  if (length === 127) length = Number(inbox.readBigUInt64BE(2));
  const mask = inbox.subarray(start, start + 4), end = start + 4 + length;
  if (inbox.length < end) return null;
  const message = inbox.subarray(start + 4, end).map((byte, i) => byte ^ mask[i % 4]!);
  return { opcode: inbox[0]! & 0b0000_1111, message: Buffer.from(message), end };
}

/** A frame. A server's frames have no mask. */
function buildMsg(message: Buffer, opcode: number): Buffer {
  const { length } = message;
  const header = Buffer.alloc(length < 126 ? 2 : length < 65536 ? 4 : 10);
  header.set([0b1000_0000 | opcode, length < 126 ? length : length < 65536 ? 126 : 127]); // FIN, and the opcode
  if (header.length === 4) header.writeUInt16BE(length, 2);
  if (header.length === 10) header.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([header, message]);
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
