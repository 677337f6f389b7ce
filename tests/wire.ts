/** A client that knows nothing but bytes, and the frames that it sends. */
import assert from 'node:assert/strict';
import net from 'node:net';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import tls from 'node:tls';

/** RFC 6455 1.3's own key and its answer. */
export const KEY = 'dGhlIHNhbXBsZSBub25jZQ==', ACCEPT = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=';

export const REQUEST = request();

/** A request as a browser's, with these fields changed; null leaves one out. */
export function request(changes: Record<string, string | null> = {}, line = 'GET / HTTP/1.1'): string {
  const fields = {
    'Host': '127.0.0.1', 'Upgrade': 'websocket', 'Connection': 'Upgrade', 'Sec-WebSocket-Key': KEY,
    'Sec-WebSocket-Version': '13', ...changes,
  };
  const lines = Object.entries(fields).filter(([, value]) => value !== null)
    .map(([name, value]) => `${name}: ${value}`);
  return [line, ...lines, '', ''].join('\r\n');
}

export interface FrameOptions {
  fin?: boolean;
  /** The three bits as they stand in the first byte. */
  rsv?: number;
  masked?: boolean;
  key?: number[];
  /** 7, 16 or 64: the form of the length; the shortest that fits by default. */
  bits?: number;
}

/** A client's frame, right or wrong. */
export function frame(opcode: number, payload: Uint8Array | string = '', options: FrameOptions = {}): Buffer {
  const { fin = true, rsv = 0, masked = true, key = [0x37, 0xfa, 0x21, 0x3d] } = options;
  const bytes = Buffer.from(payload);
  const bits = options.bits ?? (bytes.length < 126 ? 7 : bytes.length < 65536 ? 16 : 64);
  const length = Buffer.alloc(bits === 7 ? 1 : bits === 16 ? 3 : 9);
  if (bits === 64) length.writeBigUInt64BE(BigInt(bytes.length), 1);
  else length.writeUIntBE(bytes.length, bits === 7 ? 0 : 1, bits === 7 ? 1 : 2);
  if (bits !== 7) length[0] = bits === 16 ? 126 : 127;
  length[0]! |= masked ? 0x80 : 0;
  if (!masked) return Buffer.concat([Buffer.of((fin ? 0x80 : 0) | rsv | opcode), length, bytes]);
  for (let i = 0; i < bytes.length; i++) bytes[i]! ^= key[i & 3]!;
  return Buffer.concat([Buffer.of((fin ? 0x80 : 0) | rsv | opcode), length, Buffer.from(key), bytes]);
}

/** A Close frame's payload. */
export function closing(code: number, reason: Uint8Array | string = ''): Buffer {
  return Buffer.concat([Buffer.of(code >> 8, code & 0xff), Buffer.from(reason)]);
}

/** What the first two to ten bytes of a frame say (RFC 6455 5.2); null where they are not all there. */
export function headerOf(bytes: Buffer): { first: number; masked: boolean; at: number; length: number } | null {
  if (bytes.length < 2) return null;
  const short = bytes[1]! & 0x7f, masked = bytes[1]! >= 0x80;
  const key = 2 + (short === 126 ? 2 : short === 127 ? 8 : 0), at = key + (masked ? 4 : 0);
  if (bytes.length < at) return null;
  const length = short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short;
  return { first: bytes[0]!, masked, at, length };
}

/** A frame of either side, its payload unmasked. */
export interface Frame {
  first: number;
  payload: Buffer;
  /** Its bytes as they came. */
  whole: Buffer;
}

/** All whole frames that these bytes begin with. */
export function framesIn(bytes: Buffer): Frame[] {
  const frames: Frame[] = [];
  for (let rest = bytes, header; (header = headerOf(rest)) !== null; rest = rest.subarray(frames.at(-1)!.whole.length)) {
    const { first, masked, at, length } = header;
    if (rest.length < at + length) break;
    const payload = Buffer.from(rest.subarray(at, at + length));
    if (masked) for (let i = 0; i < length; i++) payload[i]! ^= rest[at - 4 + (i & 3)]!;
    frames.push({ first, payload, whole: rest.subarray(0, at + length) });
  }
  return frames;
}

/** As net.connect takes it. With the certificate of who may sign the server's, it is TLS. */
export type Where = net.NetConnectOpts & { ca?: string };

/** A TCP connection whose bytes can be waited for. */
export class Wire {
  readonly socket: net.Socket;
  /** How many bytes have come and were not taken. */
  length = 0;
  /** How the server's side has ended. */
  over: 'end' | 'error' | null = null;
  /** These bytes: joined, and not joined yet. */
  private bytes: Buffer = Buffer.alloc(0);
  private more: Buffer[] = [];
  private wake: () => void = () => {};
  private static readonly all = new Set<net.Socket>();

  private constructor(socket: net.Socket) {
    this.socket = socket;
    Wire.all.add(socket);
    socket.on('close', () => Wire.all.delete(socket));
    socket.setNoDelay(true);
    socket.on('data', (chunk) => { this.more.push(chunk); this.length += chunk.length; this.wake(); });
    socket.on('end', () => { this.over ??= 'end'; this.wake(); });
    socket.on('error', () => { this.over = 'error'; this.wake(); });
  }

  static async connect(where: Where): Promise<Wire> {
    const options = { ...where, allowHalfOpen: true };
    const socket = options.ca === undefined ? net.connect(options) : tls.connect(options as tls.ConnectionOptions);
    await once(socket, options.ca === undefined ? 'connect' : 'secureConnect');
    return new Wire(socket);
  }

  /** Connected, or null where nobody listens. */
  static knock(port: number): Promise<Wire | null> {
    return Wire.connect({ host: '127.0.0.1', port }).catch(() => null);
  }

  /** Cuts all that are left: a test that failed must not be kept waiting by its clients. */
  static cutAll(): void {
    for (const socket of Wire.all) socket.destroy();
  }

  /** Connected, and the handshake done, with these header lines added. */
  static async open(where: Where, more = ''): Promise<Wire> {
    const wire = await Wire.connect(where);
    wire.send(REQUEST.replace(/\r\n$/, `${more}\r\n`));
    assert.match(await wire.head(), /^HTTP\/1\.1 101 /);
    return wire;
  }

  send(...data: (Uint8Array | string)[]): void {
    this.socket.write(Buffer.concat(data.map((one) => Buffer.from(one))));
  }

  /** Sends the same again and again, as fast as it is taken. */
  async repeat(bytes: Buffer, times: number): Promise<void> {
    const most = Math.max(1, Math.floor(65536 / bytes.length));
    const many = Buffer.concat(Array.from({ length: Math.min(most, times) }, () => bytes));
    for (let left = times; left > 0; left -= most) {
      this.socket.write(left >= most ? many : many.subarray(0, left * bytes.length));
      if (this.socket.writableNeedDrain) await once(this.socket, 'drain');
    }
  }

  /** The next `count` bytes. */
  async take(count: number): Promise<Buffer> {
    await this.until(() => this.length >= count);
    const bytes = this.peek();
    this.bytes = bytes.subarray(count);
    this.length -= count;
    return bytes.subarray(0, count);
  }

  /** An HTTP response's head, with its empty line. */
  async head(): Promise<string> {
    await this.until(() => this.peek().includes('\r\n\r\n'));
    return (await this.take(this.bytes.indexOf('\r\n\r\n') + 4)).toString();
  }

  /** The same of any server, whose lines may end in LF alone (RFC 9112 2.2); all that has come where that is no head. */
  async anyHead(patience: number): Promise<string> {
    const find = (): RegExpExecArray | null => /\r?\n\r?\n/.exec(this.peek().toString('latin1'));
    await this.comes(() => find() !== null, patience);
    const end = find();
    return (await this.take(end === null ? this.length : end.index + end[0].length)).toString('latin1');
  }

  /** The next frame of the server's, e.g. [0x81, 'hello' as a Buffer]. */
  async frame(): Promise<{ first: number; payload: Buffer }> {
    await this.until(() => headerOf(this.peek()) !== null);
    const { first, masked, at, length } = headerOf(this.bytes)!;
    assert.equal(masked, false, 'a server masks nothing');
    return { first, payload: (await this.take(at + length)).subarray(at) };
  }

  /** All that comes until the server ends; fails where it resets. */
  async rest(): Promise<Buffer> {
    await this.until(() => this.over !== null);
    assert.equal(this.over, 'end', 'the server ends and does not reset');
    return this.take(this.length);
  }

  /** The same, but a reset is an end, too: that of a client which was cut. */
  async gone(): Promise<void> {
    await this.until(() => this.over !== null);
  }

  /** Ends without a word. */
  end(): void {
    this.socket.end();
  }

  reset(): void {
    this.socket.resetAndDestroy();
  }

  /** Ends as a client that leaves, and is gone soon even where the server does not end. */
  async leave(): Promise<void> {
    this.socket.end();
    this.socket.resume();
    await Promise.race([this.gone(), sleep(50)]);
    this.socket.destroy();
  }

  /** What has come and was not taken. Joined when asked for: a message of 16 MiB comes in hundreds of pieces. */
  peek(): Buffer {
    if (this.more.length > 0) this.bytes = Buffer.concat([this.bytes, ...this.more.splice(0)]);
    return this.bytes;
  }

  /** Whether this comes to be so before the server ends, and before so many milliseconds go by without a byte. */
  async comes(isSo: () => boolean, patience: number): Promise<boolean> {
    while (!isSo()) if (this.over !== null || !await this.stirs(patience)) return isSo();
    return true;
  }

  private stirs(patience: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = patience === Infinity ? undefined : setTimeout(() => resolve(false), patience);
      this.wake = () => {
        clearTimeout(timer);
        resolve(true);
      };
    });
  }

  private async until(isThere: () => boolean): Promise<void> {
    if (await this.comes(isThere, Infinity)) return;
    throw new Error(`The server has ended (${this.over}); left: ${this.peek().toString('latin1', 0, 1000)}`);
  }
}
