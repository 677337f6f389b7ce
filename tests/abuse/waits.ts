/**
 * How long innocent clients wait beside floods that are costly to serve: the table of waits in tests/README.md.
 *
 *     npx tsx tests/abuse/waits.ts [--only WORD] [--server FILE] [--seconds N]
 *
 * The server, the flood and the innocent clients are three processes. One innocent client sends "hello" every 10 ms; ten
 * times a second a new one comes, shakes hands, and is answered once. On a machine with two cores and other work the
 * flood itself delays all: compare with the first row, a hundred clients that send "hello" as fast as they can.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { fileURLToPath } from 'node:url';
import { BINARY, CONTINUATION, PING, PONG, TEXT } from '../../lib/websocket/frame.ts';
import { readArgs, TYPESCRIPT } from '../helpers.ts';
import { deflated } from '../raw_deflate.ts';
import { framesIn, frame, request } from '../wire.ts';

/** A flood. */
interface Row {
  name: string;
  /** The server's flags. */
  flags: string[];
  clients: number;
  /** Bytes that each client sends after its handshake: once, then the others again and again. */
  once?: () => Buffer;
  again?: () => Buffer;
  /** Fields of its request. */
  fields?: Record<string, string>;
  /** Instead of a handshake: requests one after the other, each on a connection of its own. */
  isRequest?: boolean;
  /** Each client is watched by another one, as by the server's own page. */
  isWatched?: boolean;
}

const MIB = 1024 * 1024, RSV1 = 0x40;
const DEFLATE = { 'Sec-WebSocket-Extensions': 'permessage-deflate; client_no_context_takeover' };

/** So many bytes of this, or less. */
const fill = (part: Buffer, bytes = 64 * 1024): Buffer => Buffer.concat(Array(Math.floor(bytes / part.length)).fill(part));
const letters = (count: number): string => Array.from({ length: count }, () => 'abcd'[Math.random() * 4 | 0]).join('');
const packed = (payload: Uint8Array | string): Buffer => frame(BINARY, deflated(payload), { rsv: RSV1 });

const ROWS: Row[] = [
  { name: '100 x "hello"', flags: ['--quiet'], clients: 100, again: () => fill(frame(TEXT, 'hello')) },
  { name: '100 x empty text', flags: ['--quiet'], clients: 100, again: () => fill(frame(TEXT)) },
  { name: '100 x empty text, printed', flags: [], clients: 100, again: () => fill(frame(TEXT)) },
  { name: '100 x Pong', flags: ['--quiet'], clients: 100, again: () => fill(frame(PONG)) },
  { name: '100 x Ping', flags: ['--quiet'], clients: 100, again: () => fill(frame(PING)) },
  {
    name: '100 x empty fragments', flags: ['--quiet'], clients: 100,
    once: () => frame(TEXT, 'a', { fin: false }), again: () => fill(frame(CONTINUATION, '', { fin: false })),
  },
  {
    name: '6 x 16 MiB of a, b, c, d, compressed', flags: ['--quiet', '--deflate'], clients: 6, fields: DEFLATE,
    again: () => packed(letters(16 * MIB - 1)),
  },
  {
    name: '100 x 16 MiB of zeros, compressed', flags: ['--quiet', '--deflate'], clients: 100, fields: DEFLATE,
    again: () => packed(Buffer.alloc(16 * MIB)),
  },
  {
    name: '100 x 64 KiB of a, b, c, d, compressed', flags: ['--quiet', '--deflate'], clients: 100, fields: DEFLATE,
    again: () => packed(letters(64 * 1024)),
  },
  {
    name: '100 x 64 KiB of a, b, c, d', flags: ['--quiet', '--deflate'], clients: 100, fields: DEFLATE,
    again: () => frame(TEXT, letters(64 * 1024)),
  },
  {
    name: '100 x 03 00 sixteen times', flags: ['--quiet', '--deflate'], clients: 100, fields: DEFLATE,
    again: () => fill(frame(TEXT, Buffer.from('0300'.repeat(16), 'hex'), { rsv: RSV1 })),
  },
  {
    name: '100 x empty, compressed', flags: ['--quiet', '--deflate'], clients: 100, fields: DEFLATE,
    again: () => fill(frame(TEXT, Buffer.of(0), { rsv: RSV1 })),
  },
  { name: '100 x 16 MiB', flags: ['--quiet'], clients: 100, again: () => frame(BINARY, Buffer.alloc(16 * MIB)) },
  { name: '100 x empty text, --trace', flags: ['--quiet', '--trace'], clients: 100, again: () => fill(frame(TEXT)) },
  {
    name: '100 x empty fragments, --trace', flags: ['--quiet', '--trace'], clients: 100,
    once: () => frame(TEXT, 'a', { fin: false }), again: () => fill(frame(CONTINUATION, '', { fin: false })),
  },
  {
    name: '200 x request with 15 KiB of 0xE9, --trace', flags: ['--quiet', '--trace'], clients: 200, isRequest: true,
    fields: { Cookie: '\xe9'.repeat(15 * 1024) },
  },
  { name: '90 x empty text, watched', flags: ['--quiet'], clients: 90, isWatched: true, again: () => fill(frame(TEXT)) },
];

const HELLO = frame(TEXT, 'hello');

/** One of the flood's clients: resolves when its handshake has been sent. */
async function flood({ once: first, again, fields, isRequest }: Row, where: net.NetConnectOpts, target: string): Promise<void> {
  const socket = net.connect(where);
  socket.on('error', () => {}).on('data', () => {});
  const next = (): void => void setTimeout(() => void flood({ once: first, again, fields, isRequest } as Row, where, target), 100);
  await Promise.race([once(socket, 'connect'), once(socket, 'close')]);
  if (socket.destroyed) return next();
  socket.on('close', next);
  socket.write(request({ Host: hostOf(where), Origin: `http://${hostOf(where)}`, ...fields }, `GET ${target} HTTP/1.1`), 'latin1');
  if (isRequest) return void socket.once('data', () => socket.destroy());
  await Promise.race([once(socket, 'data'), once(socket, 'close')]);
  if (first !== undefined) socket.write(first());
  if (again === undefined) return;
  const bytes = again(), more = (): void => { while (!socket.destroyed && socket.write(bytes)); };
  socket.on('drain', more);
  more();
}

function hostOf(where: net.NetConnectOpts): string {
  const { host, port } = where as net.TcpNetConnectOpts;
  return `${host}:${port}`;
}

/** Says hello every 10 ms until that time, once at least. Returns how long each answer took, in milliseconds. */
async function visit(where: net.NetConnectOpts, end = 0): Promise<{ handshake: number; echoes: number[] }> {
  const begin = performance.now(), socket = net.connect({ ...where, noDelay: true });
  let bytes = Buffer.alloc(0);
  const come = async (): Promise<void> => { bytes = Buffer.concat([bytes, ...await once(socket, 'data') as Buffer[]]); };
  socket.on('error', () => {});
  socket.write(request({ Host: hostOf(where) }));
  while (!bytes.includes('\r\n\r\n')) await come();
  const handshake = performance.now() - begin, echoes: number[] = [];
  bytes = bytes.subarray(bytes.indexOf('\r\n\r\n') + 4);
  do {
    const at = performance.now();
    socket.write(HELLO);
    while (framesIn(bytes).length === 0) await come();
    bytes = bytes.subarray(framesIn(bytes)[0]!.whole.length);
    echoes.push(performance.now() - at);
    await new Promise((resolve) => setTimeout(resolve, 10));
  } while (performance.now() < end);
  socket.destroy();
  return { handshake, echoes };
}

async function play(row: Row, server: string, seconds: number): Promise<string> {
  const children = new Set<ReturnType<typeof spawn>>();
  const child = (args: string[], stdio: 'ignore' | 'pipe'): ReturnType<typeof spawn> => {
    const started = spawn(process.execPath, [...TYPESCRIPT, ...args], { stdio: ['ignore', stdio, 'pipe'] });
    children.add(started);
    return started;
  };
  try {
    const program = child([server, '--port', '0', '--address', '127.0.0.1', ...row.flags], 'ignore');
    let said = '';
    program.stderr!.on('data', (bytes) => { said = (said + String(bytes)).slice(-10000); });
    while (!/^listening on .*:\d+$/m.test(said)) await once(program.stderr!, 'data');
    const port = /^listening on .*:(\d+)$/m.exec(said)![1]!;
    const self = fileURLToPath(import.meta.url);
    const flooding = child([self, 'flood', row.name, port], 'pipe');
    flooding.stderr!.pipe(process.stderr);
    await once(flooding.stdout!, 'data');
    const innocent = child([self, 'visit', String(seconds), port], 'pipe');
    innocent.stderr!.pipe(process.stderr);
    const timer = setTimeout(() => innocent.kill('SIGKILL'), seconds * 1000 + 20_000);
    let text = '';
    innocent.stdout!.on('data', (bytes) => { text += String(bytes); });
    await once(innocent, 'close');
    clearTimeout(timer);
    const [median, worst, handshake] = text === '' ? [] : JSON.parse(text) as number[];
    return [row.name, ...[median, worst, handshake].map((ms) => ms === undefined ? 'no answer' : `${ms.toFixed(1)} ms`)].join(' | ');
  } finally {
    for (const each of children) each.kill('SIGKILL');
  }
}

const { positionals: [role, what, port], values } = readArgs('Usage: npx tsx tests/abuse/waits.ts [--only WORD] [--server FILE] [--seconds N]', {
  allowPositionals: true,
  options: { only: { type: 'string' }, server: { type: 'string' }, seconds: { type: 'string' } },
});
const where = { host: '127.0.0.1', port: Number(port) };
if (role === 'flood') {
  const row = ROWS.find(({ name }) => name === what)!;
  for (let i = 0; i < row.clients; i++) {
    const id = i.toString(16).padStart(32, '0');
    if (row.isWatched) await flood({ name: '', flags: [], clients: 1 }, where, `/trace/${id}`);
    await flood(row, where, row.isWatched ? `/?trace=${id}` : '/');
  }
  console.log('flooding');
} else if (role === 'visit') {
  const seconds = Number(what), end = performance.now() + seconds * 1000, stay = visit(where, end);
  const visits: number[] = [];
  while (performance.now() < end) {
    visits.push((await visit(where)).handshake);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const echoes = (await stay).echoes.sort((one, other) => one - other);
  console.log(JSON.stringify([echoes[echoes.length >> 1], echoes.at(-1), Math.max(...visits)]));
} else {
  const server = values.server ?? fileURLToPath(new URL('../../server.ts', import.meta.url));
  console.log('flood | median echo | slowest echo | slowest handshake\n---|---|---|---');
  for (const row of ROWS) {
    if (row.name.includes(values.only ?? '')) console.log(await play(row, server, Number(values.seconds ?? 5)));
  }
}
