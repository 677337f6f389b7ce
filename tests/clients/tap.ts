/** A proxy between a client and the server that keeps the bytes: what a client has reported proves nothing of them. */
import { once } from 'node:events';
import net from 'node:net';
import type { TestContext } from 'node:test';
import { type Frame, framesIn } from '../wire.ts';

/** What has gone each way on one connection. */
export interface Tapped {
  sent: Buffer[];
  received: Buffer[];
}

/** The HTTP head, with its empty line. */
export function headOf(chunks: Buffer[]): Buffer {
  const bytes = Buffer.concat(chunks);
  return bytes.subarray(0, bytes.indexOf('\r\n\r\n') + 4);
}

/** The frames behind it. */
export function framesOf(chunks: Buffer[]): Frame[] {
  return framesIn(Buffer.concat(chunks).subarray(headOf(chunks).length));
}

/** The proxy's own address, and what has gone by in each connection, in the order in which they came. */
export async function tap(t: TestContext, url: string): Promise<{ url: string; connections: Tapped[] }> {
  const { hostname, port } = new URL(url);
  const connections: Tapped[] = [];
  const proxy = net.createServer((client) => {
    const server = net.connect(Number(port), hostname);
    const tapped: Tapped = { sent: [], received: [] };
    connections.push(tapped);
    for (const [from, to, chunks] of [[client, server, tapped.sent], [server, client, tapped.received]] as const) {
      // Before it goes on: whoever has seen an answer finds its bytes here
      from.on('data', (chunk) => chunks.push(chunk)).on('error', () => to.destroy());
      from.pipe(to);
    }
  });
  proxy.listen(0, '127.0.0.1');
  t.after(() => { proxy.close(); });
  await once(proxy, 'listening');
  return { url: `ws://127.0.0.1:${(proxy.address() as net.AddressInfo).port}`, connections };
}
