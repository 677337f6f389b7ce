/**
 * The innocent client, a thread of its own, so that it is late only when the server is: it sends a numbered message
 * every 10 ms and notes when, and how, each comes back. Started by innocent.ts; plain JavaScript, because on Node 20 a
 * thread cannot be started from a .ts file.
 */
import { readdirSync, readFileSync } from 'node:fs';
import net from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';

/** Milliseconds between messages. */
const PACE = 10;
const KEY = [1, 2, 3, 4];

const socket = net.connect(workerData.where);
const report = { sent: 0, echoed: 0, slowest: 0, lag: 0, stall: 0, port: 0, wrong: '' };
/**
 * Those that are not back yet. `at`: when it was sent, in milliseconds. `delays`: what delays() returned then. `late`:
 * the longest that this client's clock has been late since.
 */
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
  report.port = socket.localPort;
  parentPort.postMessage('open');
  pace = setInterval(send, PACE);
}

/** The message of this number: its length changes with it, and takes both forms of the short header. */
function payloadOf(number) {
  return Buffer.from(`${number} `.padEnd(8 + number * 7 % 300, 'innocent '));
}

function send() {
  const now = performance.now();
  const late = now - (ticked ?? now) - PACE;
  report.lag = Math.max(report.lag, late);
  for (const one of times) one.late = Math.max(one.late, late);
  ticked = now;
  // One that takes a read for a message gets them one by one
  if (workerData.isPatient && times.length > 0) return;
  const payload = payloadOf(report.sent++);
  const { length } = payload;
  const header = length < 126 ? [0x81, 0x80 | length] : [0x81, 0xfe, length >> 8, length & 0xff];
  for (let i = 0; i < length; i++) payload[i] ^= KEY[i & 3];
  const before = workerData.pid && delays();
  socket.write(Buffer.concat([Buffer.from([...header, ...KEY]), payload]));
  times.push({ at: performance.now(), delays: before, late: 0 });
}

/** How long each thread of the server has been ready to run and has not run: the kernel counts it. In milliseconds. */
function delays() {
  const tasks = `/proc/${workerData.pid}/task`;
  try {
    return new Map(readdirSync(tasks).map((id) => {
      return [Number(id), Number(readFileSync(`${tasks}/${id}/schedstat`, 'utf8').split(' ')[1]) / 1e6];
    }));
  } catch {
    // The server, or a thread of it, has just ended
    return new Map();
  }
}

/** Milliseconds of a wait that the server itself has caused: neither it nor this client waited for a processor. */
function ownPart({ at, delays: before, late }) {
  const now = performance.now(), took = now - at - Math.max(late, now - ticked - PACE);
  // Reading the kernel's counts takes time, too
  if (took <= report.stall) return 0;
  const waits = [...delays()].map(([id, delay]) => [id, delay - (before.get(id) ?? 0)]);
  const others = waits.filter(([id]) => id !== workerData.pid).map(([, delay]) => delay);
  // The main thread waits for those that help V8 to collect garbage
  return took - (new Map(waits).get(workerData.pid) ?? Infinity) - Math.max(0, ...others);
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
    const one = times.shift();
    report.slowest = Math.max(report.slowest, performance.now() - one.at);
    if (workerData.pid) report.stall = Math.max(report.stall, ownPart(one));
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
