/** A proxy between a client and the server that keeps the bytes: what a client has reported proves nothing of them. */
import { once } from 'node:events';
import net from 'node:net';
import type { TestContext } from 'node:test';
import { type Frame, framesIn } from '../wire.ts';

/** What has gone one way on one connection. */
export class Traffic {
  private readonly chunks: Buffer[] = [];

  add(chunk: Buffer): void {
    this.chunks.push(chunk);
  }

  /** The HTTP head, with its empty line. */
  get head(): Buffer {
    const bytes = Buffer.concat(this.chunks);
    return bytes.subarray(0, bytes.indexOf('\r\n\r\n') + 4);
  }

  /** The frames behind it. */
  get frames(): Frame[] {
    return framesIn(Buffer.concat(this.chunks).subarray(this.head.length));
  }
}

export interface Tapped {
  sent: Traffic;
  received: Traffic;
}

/** The proxy's own address, and what has gone by in each connection, in the order in which they came. */
export async function tap(t: TestContext, url: string): Promise<{ url: string; connections: Tapped[] }> {
  const { hostname, port } = new URL(url);
  const connections: Tapped[] = [];
  const proxy = net.createServer((client) => {
    const server = net.connect(Number(port), hostname);
    const tapped = { sent: new Traffic(), received: new Traffic() };
    connections.push(tapped);
    for (const [from, to, traffic] of [[client, server, tapped.sent], [server, client, tapped.received]] as const) {
      // Before it goes on: whoever has seen an answer finds its bytes here
      from.on('data', (chunk) => traffic.add(chunk)).on('error', () => to.destroy());
      from.pipe(to);
    }
  });
  proxy.listen(0, '127.0.0.1');
  t.after(() => { proxy.close(); });
  await once(proxy, 'listening');
  return { url: `ws://127.0.0.1:${(proxy.address() as net.AddressInfo).port}`, connections };
}
