/** A client that knows nothing but bytes, and the frames that it sends. */
import assert from 'node:assert/strict';
import net from 'node:net';
import { once } from 'node:events';

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

/** A TCP connection whose bytes can be waited for. */
export class Wire {
  readonly socket: net.Socket;
  /** What has come and was not taken: joined, and not joined yet. */
  private bytes: Buffer = Buffer.alloc(0);
  private more: Buffer[] = [];
  private length = 0;
  private over: 'end' | 'error' | null = null;
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

  static async connect(where: net.NetConnectOpts): Promise<Wire> {
    const socket = net.connect({ ...where, allowHalfOpen: true });
    await once(socket, 'connect');
    return new Wire(socket);
  }

  /** Cuts all that are left: a test that failed must not be kept waiting by its clients. */
  static cutAll(): void {
    for (const socket of Wire.all) socket.destroy();
  }

  /** Connected, and the handshake done, with these header lines added. */
  static async open(where: net.NetConnectOpts, more = ''): Promise<Wire> {
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
    const bytes = this.join();
    this.bytes = bytes.subarray(count);
    this.length -= count;
    return bytes.subarray(0, count);
  }

  /** An HTTP response's head, with its empty line. */
  async head(): Promise<string> {
    await this.until(() => this.join().includes('\r\n\r\n'));
    return (await this.take(this.bytes.indexOf('\r\n\r\n') + 4)).toString();
  }

  /** The next frame of the server's, e.g. [0x81, 'hello' as a Buffer]. */
  async frame(): Promise<{ first: number; payload: Buffer }> {
    const [first, second] = await this.take(2);
    assert.equal(second! & 0x80, 0, 'a server masks nothing');
    let length = second! & 0x7f;
    if (length === 126) length = (await this.take(2)).readUInt16BE();
    else if (length === 127) length = Number((await this.take(8)).readBigUInt64BE());
    return { first: first!, payload: await this.take(length) };
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

  /** Whether something has come that was not taken. */
  get hasMore(): boolean {
    return this.length > 0;
  }

  /** Ends without a word. */
  end(): void {
    this.socket.end();
  }

  reset(): void {
    this.socket.resetAndDestroy();
  }

  /** Joined when asked for, not as it comes: a message of 16 MiB comes in hundreds of pieces. */
  private join(): Buffer {
    if (this.more.length > 0) this.bytes = Buffer.concat([this.bytes, ...this.more.splice(0)]);
    return this.bytes;
  }

  private async until(isThere: () => boolean): Promise<void> {
    while (!isThere()) {
      if (this.over !== null) {
        throw new Error(`The server has ended (${this.over}); left: ${this.join().toString('latin1', 0, 1000)}`);
      }
      await new Promise<void>((resolve) => { this.wake = resolve; });
    }
  }
}
