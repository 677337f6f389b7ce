/**
 * The innocent client, a thread of its own, so that it is late only when the server is: it sends a numbered message
 * every 10 ms and notes when, and how, each comes back. Started by innocent.ts; plain JavaScript, because on Node 20 a
 * thread cannot be started from a .ts file.
 */
import net from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';

/** Milliseconds between messages. */
const PACE = 10;
const KEY = [1, 2, 3, 4];

const socket = net.connect(workerData.where);
const report = { sent: 0, echoed: 0, slowest: 0, lag: 0, wrong: '' };
/** When each that is not back yet was sent, in milliseconds. */
const times = [];
let bytes = Buffer.alloc(0), isOpen = false, isLeaving = false, pace, ticked;

socket.setNoDelay(true);
socket.write(workerData.request);
socket.on('data', (chunk) => {
  bytes = Buffer.concat([bytes, chunk]);
  if (!isOpen) readHead();
  if (isOpen) while (readEcho());
  if (isLeaving && times.length === 0) leave();
});
socket.on('error', ({ message }) => leave(message));
socket.on('end', () => leave('the server has ended'));
parentPort.on('message', () => {
  isLeaving = true;
  clearInterval(pace);
  if (times.length === 0) leave();
  // Longer than anything may be late: what is not back then is lost
  else setTimeout(leave, 60_000, 'no answer').unref();
});

function readHead() {
  // A server in PHP may end its lines in LF only
  const head = /^[^]*?\n\r?\n/.exec(bytes.toString('latin1'))?.[0];
  if (head === undefined) return;
  if (!head.startsWith('HTTP/1.1 101 ')) return leave('no 101');
  bytes = bytes.subarray(head.length);
  isOpen = true;
  parentPort.postMessage('open');
  pace = setInterval(send, PACE);
}

/** The message of this number: its length changes with it, and takes both forms of the short header. */
function payloadOf(number) {
  return Buffer.from(`${number} `.padEnd(8 + number * 7 % 300, 'innocent '));
}

function send() {
  const now = performance.now();
  report.lag = Math.max(report.lag, now - (ticked ?? now) - PACE);
  ticked = now;
  // One that takes a read for a message gets them one by one
  if (workerData.isPatient && times.length > 0) return;
  const payload = payloadOf(report.sent++);
  const { length } = payload;
  const header = length < 126 ? [0x81, 0x80 | length] : [0x81, 0xfe, length >> 8, length & 0xff];
  for (let i = 0; i < length; i++) payload[i] ^= KEY[i & 3];
  times.push(now);
  socket.write(Buffer.concat([Buffer.from([...header, ...KEY]), payload]));
}

/** Takes one frame of the server's; false when none is whole. */
function readEcho() {
  if (bytes.length < 2) return false;
  const size = bytes[1] === 126 ? 4 : 2;
  if (bytes.length < size) return false;
  const length = size === 4 ? bytes.readUInt16BE(2) : bytes[1];
  if (bytes.length < size + length) return false;
  const first = bytes[0], payload = bytes.subarray(size, size + length);
  bytes = bytes.subarray(size + length);
  if (first === 0x89) pong(payload);
  else if (first === 0x88) leave(`closed with ${payload.length < 2 ? 1005 : payload.readUInt16BE()}`);
  else if (first !== 0x81 || !payload.equals(payloadOf(report.echoed))) leave(`message ${report.echoed} was changed`);
  else {
    report.echoed++;
    report.slowest = Math.max(report.slowest, performance.now() - times.shift());
  }
  return true;
}

function pong(payload) {
  const masked = Buffer.from(payload.map((byte, i) => byte ^ KEY[i & 3]));
  socket.write(Buffer.concat([Buffer.from([0x8a, 0x80 | payload.length, ...KEY]), masked]));
}

/** Tells what it has seen; `wrong` is what ended it before its time. */
function leave(wrong = '') {
  clearInterval(pace);
  report.wrong ||= wrong;
  parentPort.postMessage(report);
  parentPort.removeAllListeners('message');
  socket.removeAllListeners().on('error', () => {}).end();
  if (wrong !== '') socket.destroy();
}
