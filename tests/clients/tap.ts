/** A proxy between a client and the server that looks at the bytes: what a client has reported proves nothing of them. */
import { once } from 'node:events';
import net from 'node:net';
import type { TestContext } from 'node:test';

/** What has gone by in one direction, over all connections. */
export interface Traffic {
  /** The HTTP heads. */
  head: string;
  /** How many frames had RSV1 set: the first ones of compressed messages. */
  compressed: number;
}

/** All bytes of one connection. */
export interface Wire {
  sent: Buffer;
  received: Buffer;
}

const RSV1 = 0b0100_0000, MASK = 0b1000_0000, LENGTH = 0b0111_1111;

/** The proxy's own address, what has gone by in all, and in each connection in the order in which they came. */
export async function tap(
  t: TestContext, url: string,
): Promise<{ url: string; sent: Traffic; received: Traffic; wires: Wire[] }> {
  const { hostname, port } = new URL(url);
  const sent: Traffic = { head: '', compressed: 0 }, received: Traffic = { head: '', compressed: 0 };
  const wires: Wire[] = [];
  const proxy = net.createServer((client) => {
    const server = net.connect(Number(port), hostname);
    const wire: Wire = { sent: Buffer.alloc(0), received: Buffer.alloc(0) };
    wires.push(wire);
    for (const [from, to, traffic, way] of [[client, server, sent, 'sent'], [server, client, received, 'received']] as const) {
      const look = watch(traffic);
      // Before it goes on: whoever has seen an answer finds its bytes here
      from.on('data', (chunk) => { wire[way] = Buffer.concat([wire[way], chunk]); });
      from.on('data', look).on('error', () => to.destroy());
      from.pipe(to);
    }
  });
  proxy.listen(0, '127.0.0.1');
  t.after(() => { proxy.close(); });
  await once(proxy, 'listening');
  return { url: `ws://127.0.0.1:${(proxy.address() as net.AddressInfo).port}`, sent, received, wires };
}

/** Follows the frames of one connection in one direction, without their payloads. */
function watch(traffic: Traffic): (chunk: Buffer) => void {
  let bytes = Buffer.alloc(0), isOpen = false, skip = 0;
  return (chunk) => {
    bytes = Buffer.concat([bytes, chunk]);
    if (!isOpen) {
      const end = bytes.indexOf('\r\n\r\n');
      if (end === -1) return;
      isOpen = true;
      traffic.head += bytes.toString('latin1', 0, end + 4);
      bytes = bytes.subarray(end + 4);
    }
    for (;;) {
      const skipped = Math.min(skip, bytes.length);
      bytes = bytes.subarray(skipped);
      skip -= skipped;
      if (bytes.length < 2) return;
      const [first, second] = [bytes[0]!, bytes[1]!];
      const code = second & LENGTH, size = code < 126 ? 2 : code === 126 ? 4 : 10;
      if (bytes.length < size) return;
      const length = size === 2 ? code : size === 4 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
      if ((first & RSV1) !== 0) traffic.compressed++;
      skip = size + ((second & MASK) === 0 ? 0 : 4) + length;
    }
  };
}
